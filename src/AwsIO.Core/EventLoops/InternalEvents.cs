namespace AwsIO;

/// <summary>What the library's own handlers subscribe for besides <see cref="IoEvents"/>.</summary>
internal static class InternalEvents
{
    /// <summary>The peer has sent urgent data, at which reads stop short; reported only to who asks for it, on epoll.</summary>
    internal const IoEvents Urgent = (IoEvents)0x100;
}

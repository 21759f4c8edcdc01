namespace AwsIO.Tests.Infrastructure.Connections;

/// <summary>A resolver that knows what a test told it.</summary>
internal sealed class FixedResolver(IoError error, params string[] addresses) : HostResolver
{
    internal FixedResolver(params string[] addresses)
        : this(IoError.None, addresses)
    {
    }

    /// <summary>Answers nothing before <see cref="Answer"/>.</summary>
    internal bool Waits { get; init; }

    internal Signal<Action> Asked { get; } = new();

    public override void Resolve(string host, HostResolvedCallback onResolved, object? state) => throw new NotSupportedException();

    public override void Resolve(string host, EventLoop loop, HostResolvedCallback onResolved, object? state)
    {
        HostAddress[] answer = [.. addresses.Select(address => new HostAddress(
            host, address, address.Contains(':', StringComparison.Ordinal) ? AddressKind.AAAA : AddressKind.A))];
        Action tell = () => loop.Schedule(IoTask.Create(
            (_, status) => onResolved(
                host, status == IoTaskStatus.Run ? error : IoErrorCode.EventLoopShutdown, error.IsNone ? answer : [], state),
            0));
        Asked.Set(tell);
        if (!Waits)
        {
            tell();
        }
    }

    protected override void Dispose(bool disposing)
    {
    }
}

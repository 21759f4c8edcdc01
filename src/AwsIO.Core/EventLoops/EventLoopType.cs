namespace AwsIO;

/// <summary>The kernel facility behind an event loop (<c>aws_event_loop_type</c>).</summary>
public enum EventLoopType
{
    /// <summary>The best one of the platform.</summary>
    PlatformDefault = 0,

    /// <summary>epoll: Linux.</summary>
    Epoll = 1,

    /// <summary>I/O completion ports: Windows, which AwsIO does not run on.</summary>
    CompletionPort = 2,

    /// <summary>kqueue: macOS and FreeBSD.</summary>
    Kqueue = 3,

    /// <summary>Dispatch queues: Apple platforms; AwsIO has no such loop.</summary>
    DispatchQueue = 4,
}

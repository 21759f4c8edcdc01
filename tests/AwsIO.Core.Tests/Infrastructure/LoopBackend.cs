using Microsoft.Extensions.Logging;

namespace AwsIO.Tests.Infrastructure;

/// <summary>A kind of event loop that tests run on. Here: what <c>new EventLoopGroup</c> makes.</summary>
internal class LoopBackend
{
    private static readonly AsyncLocal<LoopBackend?> s_here = new();
    private static LoopBackend s_platform = new();

    /// <summary>
    /// The platform's own kind, unless the test program has put another in its place before its first test, or <see cref="RunOn"/> has
    /// for what it runs.
    /// </summary>
    internal static LoopBackend Platform
    {
        get => s_here.Value ?? s_platform;
        set => s_platform = value;
    }

    /// <summary>Who drives the loops when a test waits for something; null where they have threads of their own.</summary>
    internal static LoopBackend? Driver => s_here.Value is { HasThreads: false } driver ? driver : null;

    internal virtual bool HasThreads => true;

    internal virtual EventLoopType Type => OperatingSystem.IsLinux() ? EventLoopType.Epoll : EventLoopType.Kqueue;

    /// <summary>Runs something for which this kind of loop is the platform's.</summary>
    internal void RunOn(Action action)
    {
        LoopBackend? before = s_here.Value;
        s_here.Value = this;
        try
        {
            action();
        }
        finally
        {
            s_here.Value = before;
        }
    }

    internal EventLoopGroup NewGroup(
        int loops = 1, ILoggerFactory? loggerFactory = null, Action<EventLoopGroupOptions>? configure = null)
    {
        EventLoopGroupOptions options = new()
        {
            LoopCount = loops,
            MaxLoops = Math.Max(loops, Environment.ProcessorCount),
            LoggerFactory = loggerFactory,
        };
        configure?.Invoke(options);
        return NewGroup(options);
    }

    internal virtual EventLoopGroup NewGroup(EventLoopGroupOptions options) => new(options);

    /// <summary>Does something beside the loops, again and again until it says that it is over.</summary>
    internal virtual Task Beside(Func<bool> step) => Task.Run(() =>
    {
        while (step())
        {
            Thread.Yield();
        }
    });

    /// <summary>Where loops have no threads: lets them run on this thread until something holds.</summary>
    internal virtual void DriveUntil(Func<bool> condition, string what) => throw new NotSupportedException();

    /// <summary>Where loops have no threads: keeps them from running until the result is disposed.</summary>
    internal virtual HeldLoop Hold() => throw new NotSupportedException();
}

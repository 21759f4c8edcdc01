using Microsoft.Extensions.Logging;

namespace AwsIO;

/// <summary>A group's loggers, one for each category that its parts log under.</summary>
internal sealed class IoLoggers
{
    private IoLoggers(Func<string, ILogger> create)
    {
        EventLoop = create(IoLogCategories.EventLoop);
        Socket = create(IoLogCategories.Socket);
        SocketHandler = create(IoLogCategories.SocketHandler);
        Tls = create(IoLogCategories.Tls);
        HostResolver = create(IoLogCategories.HostResolver);
        Channel = create(IoLogCategories.Channel);
    }

    internal ILogger EventLoop { get; }

    internal ILogger Socket { get; }

    internal ILogger SocketHandler { get; }

    internal ILogger Tls { get; }

    internal ILogger HostResolver { get; }

    internal ILogger Channel { get; }

    internal static IoLoggers From(ILoggerFactory factory) => new(factory.CreateLogger);

    /// <summary>One logger for everything: of a loop that stands alone.</summary>
    internal static IoLoggers Of(ILogger logger) => new(_ => logger);
}

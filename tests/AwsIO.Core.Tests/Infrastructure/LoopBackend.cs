using Microsoft.Extensions.Logging;

namespace AwsIO.Tests.Infrastructure;

/// <summary>A kind of event loop that tests run on. Here: what <c>new EventLoopGroup</c> makes.</summary>
internal class LoopBackend
{
    /// <summary>The platform's own kind, unless the test program has put another in its place before its first test.</summary>
    internal static LoopBackend Platform { get; set; } = new();

    internal EventLoopGroup NewGroup(int loops = 1, ILoggerFactory? loggerFactory = null) =>
        NewGroup(new EventLoopGroupOptions
        {
            LoopCount = loops,
            MaxLoops = Math.Max(loops, Environment.ProcessorCount),
            LoggerFactory = loggerFactory,
        });

    internal virtual EventLoopGroup NewGroup(EventLoopGroupOptions options) => new(options);
}

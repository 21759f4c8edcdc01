using Microsoft.Extensions.Logging;

namespace AwsIO.Tests.Infrastructure;

/// <summary>A kind of event loop that the contract tests run on. Here: the platform's own.</summary>
internal class LoopBackend
{
    internal static readonly LoopBackend Platform = new();

    internal EventLoopGroup NewGroup(int loops = 1, ILoggerFactory? loggerFactory = null) =>
        NewGroup(new EventLoopGroupOptions
        {
            LoopCount = loops,
            MaxLoops = Math.Max(loops, Environment.ProcessorCount),
            LoggerFactory = loggerFactory,
        });

    internal virtual EventLoopGroup NewGroup(EventLoopGroupOptions options) => new(options);
}

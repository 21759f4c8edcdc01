using AwsIO.Native.Platform;
using AwsIO.Tests.Infrastructure.Kqueue;
using Microsoft.Extensions.Logging;

namespace AwsIO.Tests.Infrastructure;

/// <summary>A kind of event loop that tests run on. Here: what <c>new EventLoopGroup</c> makes.</summary>
internal class LoopBackend
{
    /// <summary>The environment variable that has every test run on another kind: <c>kqueue</c> and so on, see <see cref="Named"/>.</summary>
    internal const string Variable = "AWSIO_TEST_LOOPS";

    /// <summary>The platform's own kind, unless the environment names another.</summary>
    internal static readonly LoopBackend Platform = Named(Environment.GetEnvironmentVariable(Variable));

    internal EventLoopGroup NewGroup(int loops = 1, ILoggerFactory? loggerFactory = null) =>
        NewGroup(new EventLoopGroupOptions
        {
            LoopCount = loops,
            MaxLoops = Math.Max(loops, Environment.ProcessorCount),
            LoggerFactory = loggerFactory,
        });

    internal virtual EventLoopGroup NewGroup(EventLoopGroupOptions options) => new(options);

    private static LoopBackend Named(string? name) => name switch
    {
        null or "" => new LoopBackend(),
        "kqueue" => KqueueBackend.Of(Abi.Darwin),
        "kqueue-freebsd" => KqueueBackend.Of(Abi.FreeBsd),
        "kqueue-faults" => new KqueueBackend(Abi.Darwin, new KqueueFaults(KqueueFault.All, KqueueFaults.SeedOr(1))),
        _ => throw new InvalidOperationException($"{Variable} is '{name}'; it may be kqueue, kqueue-freebsd or kqueue-faults."),
    };
}

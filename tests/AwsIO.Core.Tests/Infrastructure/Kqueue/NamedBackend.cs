using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using AwsIO.Native.Platform;

namespace AwsIO.Tests.Infrastructure.Kqueue;

/// <summary>Has every test of this program run on another kind of loop, where the environment names one.</summary>
internal static class NamedBackend
{
    private const string Variable = "AWSIO_TEST_LOOPS";

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "A test program: before its first test is the moment.")]
    internal static void Choose() => LoopBackend.Platform = Named(Environment.GetEnvironmentVariable(Variable));

    private static LoopBackend Named(string? name) => name switch
    {
        null or "" => new LoopBackend(),
        "kqueue" => KqueueBackend.Of(Abi.Darwin),
        "kqueue-freebsd" => KqueueBackend.Of(Abi.FreeBsd),
        "kqueue-faults" => new KqueueBackend(Abi.Darwin, new KqueueFaults(KqueueFault.Punctual, KqueueFaults.SeedOr(1))),
        _ => throw new InvalidOperationException($"{Variable} is '{name}'; it may be kqueue, kqueue-freebsd or kqueue-faults."),
    };
}

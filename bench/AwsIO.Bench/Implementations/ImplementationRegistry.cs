using AwsIO.Bench.Running;
using AwsIO.Tasks;

namespace AwsIO.Bench.Implementations;

/// <summary>All that can be measured, by name, in the order of the default list.</summary>
internal static class ImplementationRegistry
{
    // AwsIO itself goes first, so that ratios are taken to it.
    public static IReadOnlyList<IImplementation> CreateAll() =>
        [
            new InProcessImplementation("awsio", supportsTls: true, static () => new AwsIoWorkload()),
            new InProcessImplementation("awsio-nospin", supportsTls: true, static () => new AwsIoWorkload(SpinMode.Off)),
            new InProcessImplementation("awsio-spin", supportsTls: true, static () => new AwsIoWorkload(SpinMode.Fixed)),
            new InProcessImplementation(
                "awsio-tasks", supportsTls: true, static () => new AwsIoTasksWorkload(ContinuationMode.Inline)),
            new InProcessImplementation(
                "awsio-tasks-pool", supportsTls: true, static () => new AwsIoTasksWorkload(ContinuationMode.ThreadPool)),
            new InProcessImplementation("sockets", supportsTls: true, static () => new SocketsWorkload()),
            new SelfImplementation(
                "sockets-inline",
                "sockets",
                supportsTls: true,
                ("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1")
            ),
            new InProcessImplementation("dotnetty", supportsTls: false, static () => new DotNettyWorkload()),
            new RawCImplementation(),
        ];
}

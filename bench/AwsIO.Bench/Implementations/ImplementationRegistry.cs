using AwsIO.Bench.Running;
using AwsIO.Tasks;

namespace AwsIO.Bench.Implementations;

/// <summary>All that can be measured, by name, in the order of the default list.</summary>
internal static class ImplementationRegistry
{
    // AwsIO itself goes first, so that ratios are taken to it.
    public static IReadOnlyList<IImplementation> CreateAll(DirectoryInfo? upstream)
    {
        InProcessImplementation sockets = new(
            "sockets",
            supportsTls: true,
            static kind => kind == WorkloadKind.Connect ? new SocketsConnectWorkload() : new SocketsWorkload()
        );
        List<IImplementation> all =
        [
            AwsIo("awsio", SpinMode.Adaptive),
            AwsIo("awsio-nospin", SpinMode.Off),
            AwsIo("awsio-spin", SpinMode.Fixed),
            new InProcessImplementation(
                "awsio-one-loop",
                supportsTls: true,
                static _ => new AwsIoWorkload(onOneLoop: true),
                missing: WorkloadKind.Connect
            ),
            AwsIoTasks("awsio-tasks", ContinuationMode.Inline),
            AwsIoTasks("awsio-tasks-pool", ContinuationMode.ThreadPool),
            sockets,
            new SelfImplementation(
                "sockets-inline",
                sockets.Name,
                sockets.SupportsTls,
                sockets.Supports,
                ("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1")
            ),
            new InProcessImplementation(
                "dotnetty",
                supportsTls: false,
                static kind => kind == WorkloadKind.Connect ? new DotNettyConnectWorkload() : new DotNettyWorkload(),
                missing: WorkloadKind.Fairness
            ),
            new RawCImplementation(),
        ];
        if (upstream is not null)
        {
            all.Add(new UpstreamImplementation(upstream));
        }

        return all;
    }

    private static InProcessImplementation AwsIo(string name, SpinMode spin) =>
        new(
            name,
            supportsTls: true,
            kind => kind == WorkloadKind.Connect ? new AwsIoConnectWorkload(spin) : new AwsIoWorkload(spin)
        );

    private static InProcessImplementation AwsIoTasks(string name, ContinuationMode mode) =>
        new(
            name,
            supportsTls: true,
            kind => kind == WorkloadKind.Connect ? new AwsIoTasksConnectWorkload(mode) : new AwsIoTasksWorkload(mode),
            missing: WorkloadKind.Fairness
        );
}

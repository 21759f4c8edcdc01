using AwsIO.Bench.Running;

namespace AwsIO.Bench.Reports;

/// <summary>The columns of a table.</summary>
/// <param name="Main">The figure that the ratios and the spread are of.</param>
/// <param name="Others">More figures.</param>
internal sealed record ReportColumns(ReportColumn Main, params ReportColumn[] Others)
{
    private static readonly ReportColumns s_idle = new(
        new("RSS B/end", "N0", static run => run.Memory?.Resident),
        new("collected B/end", "N0", static run => run.Memory?.Collected),
        new("managed B/end", "N0", static run => run.Memory?.Managed)
    );

    private static readonly ReportColumns s_fairness = new(
        new("p99 µs beside", "N1", static run => run.Latency?.P99),
        new("p50 µs beside", "N1", static run => run.Latency?.P50),
        new("max µs beside", "N0", static run => run.Latency?.Max),
        new("p99 µs alone", "N1", static run => run.Alone?.P99),
        new("p50 µs alone", "N1", static run => run.Alone?.P50),
        new("beside/alone", "N2", static run => run.Alone is { P99: > 0 } alone ? run.Latency?.P99 / alone.P99 : null),
        new("echoes/s", "N0", static run => run.OperationsPerSecond),
        new("firehose MiB/s", "N1", static run => run.BesideMebibytesPerSecond)
    );

    private static readonly ReportColumns s_syscalls = new(
        new("calls/op", "N2", static run => run.Syscalls?.Total),
        new("reads", "N2", static run => run.Syscalls?.Reads),
        new("writes", "N2", static run => run.Syscalls?.Writes),
        new("waits", "N2", static run => run.Syscalls?.Waits),
        new("rest", "N2", static run => run.Syscalls?.Rest)
    );

    /// <summary>What a request is to be told.</summary>
    public static ReportColumns Of(BenchRequest request) =>
        request switch
        {
            { CountSyscalls: true } => s_syscalls,
            { Options.Kind: WorkloadKind.Idle } => s_idle,
            { Options.Kind: WorkloadKind.Fairness } => s_fairness,
            { Options.Kind: WorkloadKind.Bulk } => Rates("msg/s"),
            { Options.Kind: WorkloadKind.Connect } => Rates("cycles/s"),
            _ => Rates("rt/s"),
        };

    // rt: round trips; allocs/op and B/op: managed objects, by an estimate, and bytes allocated; CPUs: processors kept
    // busy; op/CPU s: what stays comparable when others use the machine too.
    private static ReportColumns Rates(string operations) =>
        new(
            new(operations, "N0", static run => run.OperationsPerSecond),
            new("MiB/s", "N1", static run => run.MebibytesPerSecond),
            new("p50 µs", "N1", static run => run.Latency?.P50),
            new("p99 µs", "N1", static run => run.Latency?.P99),
            new("allocs/op", "N2", static run => run.AllocationsPerOperation),
            new("B/op", "N1", static run => run.AllocatedPerOperation),
            new("CPUs", "N2", static run => run.Cores),
            new("op/CPU s", "N0", static run => run.OperationsPerCpuSecond)
        );
}

using AwsIO.Bench.Running;

namespace AwsIO.Bench.Reports;

/// <summary>Everything that one invocation measured: the content of a <c>--json</c> file.</summary>
internal sealed record BenchReport
{
    public required string CommandLine { get; init; }

    public required MachineInfo Machine { get; init; }

    public required IReadOnlyList<RunResult> Runs { get; init; }
}

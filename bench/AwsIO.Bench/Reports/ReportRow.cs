using System.Globalization;
using AwsIO.Bench.Running;

namespace AwsIO.Bench.Reports;

/// <summary>One implementation's repetitions as the cells of a table.</summary>
internal sealed class ReportRow
{
    private readonly RunResult[] _figures;

    public ReportRow(string implementation, IReadOnlyList<RunResult> runs)
    {
        Implementation = implementation;
        _figures = [.. runs.Where(run => run.HasFigures)];
        RunResult? bad =
            runs.FirstOrDefault(run => run.Error is not null) ?? runs.FirstOrDefault(run => !run.HasFigures);
        Message = bad switch
        {
            null => null,
            { Error: { } error } => $"error in {runs.Count(r => r.Error is not null)} of {runs.Count} runs: {error}",
            _ => bad.Skipped,
        };
    }

    public string Implementation { get; }

    /// <summary>Why there are no figures, or fewer.</summary>
    public string? Message { get; }

    public double? OperationsPerSecond => Median(run => run.OperationsPerSecond);

    /// <summary>rt: round trips; allocs/op and B/op: managed objects, by an estimate, and bytes allocated; CPUs: processors
    /// kept busy; op/CPU s: what stays comparable when others use the machine too.</summary>
    public static string[] Headers(WorkloadKind kind) =>
        [
            "implementation",
            kind == WorkloadKind.Bulk ? "msg/s" : "rt/s",
            "min–max",
            "ratio",
            "MiB/s",
            "p50 µs",
            "p99 µs",
            "allocs/op",
            "B/op",
            "CPUs",
            "op/CPU s",
        ];

    public string[] Cells(double? reference)
    {
        if (OperationsPerSecond is not { } median)
        {
            return [Implementation, .. Enumerable.Repeat("–", Headers(WorkloadKind.Echo).Length - 1)];
        }

        double least = _figures.Min(run => run.OperationsPerSecond) / median;
        double most = _figures.Max(run => run.OperationsPerSecond) / median;
        return
        [
            Implementation,
            Text(median, "N0"),
            $"{Text(least * 100, "N0")}–{Text(most * 100, "N0")}%",
            reference is { } first ? Text(median / first, "N2") : "–",
            Text(Median(run => run.MebibytesPerSecond), "N1"),
            Text(Median(run => run.Latency?.P50), "N1"),
            Text(Median(run => run.Latency?.P99), "N1"),
            Text(Median(run => run.AllocationsPerOperation), "N2"),
            Text(Median(run => run.AllocatedPerOperation), "N1"),
            Text(Median(run => run.Cores), "N2"),
            Text(Median(run => run.OperationsPerCpuSecond), "N0"),
        ];
    }

    private static string Text(double? value, string format) =>
        value?.ToString(format, CultureInfo.InvariantCulture) ?? "–";

    private double? Median(Func<RunResult, double?> figure)
    {
        double[] values = [.. _figures.Select(figure).OfType<double>().Order()];
        int middle = values.Length / 2;
        return values.Length switch
        {
            0 => null,
            _ when values.Length % 2 == 0 => (values[middle - 1] + values[middle]) / 2,
            _ => values[middle],
        };
    }
}

using System.Globalization;
using AwsIO.Bench.Running;

namespace AwsIO.Bench.Reports;

/// <summary>One implementation's repetitions as the cells of a table.</summary>
internal sealed class ReportRow
{
    private readonly ReportColumns _columns;
    private readonly RunResult[] _figures;

    public ReportRow(string implementation, IReadOnlyList<RunResult> runs, ReportColumns columns)
    {
        Implementation = implementation;
        _columns = columns;
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

    /// <summary>What is to be said of the figures besides; null for nothing.</summary>
    public string? Note =>
        _figures.LastOrDefault()?.Syscalls?.MostOfTheRest is { Length: > 0 } rest ? $"the rest: {rest}" : null;

    /// <summary>The median that other rows' are divided by.</summary>
    public double? Main => Median(_columns.Main);

    public static string[] Headers(ReportColumns columns) =>
        ["implementation", columns.Main.Header, "min–max", "ratio", .. columns.Others.Select(column => column.Header)];

    public string[] Cells(double? reference)
    {
        if (Main is not { } median)
        {
            return [Implementation, .. Enumerable.Repeat("–", 3 + _columns.Others.Length)];
        }

        double least = _figures.Min(_columns.Main.Figure) / median ?? 1;
        double most = _figures.Max(_columns.Main.Figure) / median ?? 1;
        return
        [
            Implementation,
            _columns.Main.Text(median),
            $"{Text(least * 100, "N0")}–{Text(most * 100, "N0")}%",
            reference is { } first ? Text(median / first, "N2") : "–",
            .. _columns.Others.Select(column => column.Text(Median(column))),
        ];
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private double? Median(ReportColumn column)
    {
        double[] values = [.. _figures.Select(column.Figure).OfType<double>().Order()];
        int middle = values.Length / 2;
        return values.Length switch
        {
            0 => null,
            _ when values.Length % 2 == 0 => (values[middle - 1] + values[middle]) / 2,
            _ => values[middle],
        };
    }
}

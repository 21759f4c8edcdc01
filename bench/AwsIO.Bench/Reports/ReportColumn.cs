using System.Globalization;
using AwsIO.Bench.Running;

namespace AwsIO.Bench.Reports;

/// <summary>A column of figures: medians over an implementation's repetitions.</summary>
/// <param name="Header">What it is.</param>
/// <param name="Format">How it is written.</param>
/// <param name="Figure">What one run has to say; null where it has nothing.</param>
internal sealed record ReportColumn(string Header, string Format, Func<RunResult, double?> Figure)
{
    /// <summary>A figure, or a dash where there is none.</summary>
    public string Text(double? value) => value?.ToString(Format, CultureInfo.InvariantCulture) ?? "–";
}

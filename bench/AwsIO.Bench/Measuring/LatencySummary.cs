using System.Diagnostics;

namespace AwsIO.Bench.Measuring;

/// <summary>Quantiles in microseconds.</summary>
internal sealed record LatencySummary
{
    public double P50 { get; init; }

    public double P90 { get; init; }

    public double P99 { get; init; }

    public double P999 { get; init; }

    public double Max { get; init; }

    /// <summary>Reads a histogram of <see cref="Stopwatch"/> ticks.</summary>
    public static LatencySummary Of(LatencyHistogram histogram)
    {
        double microseconds = 1e6 / Stopwatch.Frequency;
        return new LatencySummary
        {
            P50 = histogram.Quantile(0.5) * microseconds,
            P90 = histogram.Quantile(0.9) * microseconds,
            P99 = histogram.Quantile(0.99) * microseconds,
            P999 = histogram.Quantile(0.999) * microseconds,
            Max = histogram.Quantile(1) * microseconds,
        };
    }
}

namespace AwsIO;

/// <summary>The span of time that a report is of (<c>aws_crt_statistics_sample_interval</c>); the next one begins where it ends.</summary>
/// <param name="Begin">Nanoseconds of the loop's <see cref="EventLoop.CurrentTime"/>.</param>
/// <param name="End">Nanoseconds of the loop's <see cref="EventLoop.CurrentTime"/>.</param>
public readonly record struct StatisticsInterval(long Begin, long End)
{
    /// <summary>How long it is.</summary>
    public TimeSpan Duration => TimeSpan.FromTicks((End - Begin) / 100);

    /// <summary>How many a second a count is, such as of bytes.</summary>
    /// <param name="count">What was counted in the interval.</param>
    /// <returns>The rate; 0 for an interval without length.</returns>
    public double PerSecond(long count) => End > Begin ? count * 1e9 / (End - Begin) : 0;
}

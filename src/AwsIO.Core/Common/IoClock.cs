using System.Diagnostics;

namespace AwsIO;

/// <summary>The monotonic clock that event loops measure by: deadlines and waits use the same one.</summary>
internal static class IoClock
{
    private const long NanosecondsPerSecond = 1_000_000_000;
    private static readonly bool s_ticksAreNanoseconds = Stopwatch.Frequency == NanosecondsPerSecond;

    /// <summary>Nanoseconds since an arbitrary start; never goes back.</summary>
    internal static long Now
    {
        get
        {
            long ticks = Stopwatch.GetTimestamp();
            return s_ticksAreNanoseconds
                ? ticks
                : (long)((Int128)ticks * NanosecondsPerSecond / Stopwatch.Frequency);
        }
    }

    /// <summary>A span of time in nanoseconds, saturating at both ends.</summary>
    internal static long ToNanoseconds(TimeSpan span)
    {
        const long nanosecondsPerTick = 100;
        return span.Ticks > long.MaxValue / nanosecondsPerTick ? long.MaxValue
            : span.Ticks < long.MinValue / nanosecondsPerTick ? long.MinValue
            : span.Ticks * nanosecondsPerTick;
    }

    /// <summary>Nanoseconds that are left as a wait of the runtime's counts them: rounded up, and at most what it takes.</summary>
    internal static int ToMillisecondsUp(long nanoseconds) => (int)Math.Min((nanoseconds / 1_000_000) + 1, int.MaxValue);

    /// <summary>The moment <paramref name="span"/> from <paramref name="now"/>, saturating; an infinite span is never.</summary>
    internal static long After(long now, TimeSpan span)
    {
        if (span == Timeout.InfiniteTimeSpan)
        {
            return long.MaxValue;
        }

        long delta = ToNanoseconds(span);
        return delta > 0 && now > long.MaxValue - delta ? long.MaxValue : now + delta;
    }
}

using System.Diagnostics;
using AwsIO.Bench.Scheduling.Structures;

namespace AwsIO.Bench.Scheduling;

/// <summary>
/// What a loop's timers could be kept in, without a loop around it: a million inserted, cancelled in random order, and fired.
/// </summary>
internal static class StructureMeasurements
{
    private const long Millisecond = 1_000_000;
    private const long FiredWithin = 60_000 * Millisecond;

    public static IEnumerable<Measurement> All()
    {
        yield return Compare("structure, insert", Insert<ShippedTimers>, Insert<BinaryHeap>, Insert<FourAryHeap>, Insert<HashedWheel>);
        yield return Compare("structure, cancel", Cancel<ShippedTimers>, Cancel<BinaryHeap>, Cancel<FourAryHeap>, Cancel<HashedWheel>);
        yield return Compare("structure, fire", Fire<ShippedTimers>, Fire<BinaryHeap>, Fire<FourAryHeap>, Fire<HashedWheel>);
    }

    private static Measurement Compare(
        string name,
        Func<double> shipped,
        Func<double> binaryHeap,
        Func<double> fourAryHeap,
        Func<double> hashedWheel
    ) =>
        new(
            name,
            "M/s",
            MoreIsBetter: true,
            Target: null,
            Upstream: null,
            ("awsio, wheel and heap", shipped),
            ("binary heap, indexed", binaryHeap),
            ("4-ary heap, indexed", fourAryHeap),
            ("hashed wheel", hashedWheel)
        );

    private static double Insert<T>()
        where T : struct, ITimerStructure<T>
    {
        T timers = T.Create();
        return Fill(ref timers, Items(within: TimerMeasurements.LongestDelay));
    }

    private static double Cancel<T>()
        where T : struct, ITimerStructure<T>
    {
        T timers = T.Create();
        TimerItem[] items = Items(within: TimerMeasurements.LongestDelay);
        _ = Fill(ref timers, items);
        long from = Stopwatch.GetTimestamp();
        foreach (int index in TimerMeasurements.Order)
        {
            timers.Remove(items[index]);
        }

        double rate = TimerMeasurements.Rate(from);
        return timers.TakeDue(TimerMeasurements.LongestDelay + Millisecond) is null ? rate : throw new InvalidOperationException("A cancelled timer is still there.");
    }

    /// <summary>Takes and calls what is due, a millisecond after the other, as a loop does that has nothing else to do.</summary>
    private static double Fire<T>()
        where T : struct, ITimerStructure<T>
    {
        T timers = T.Create();
        TimerItem[] items = Items(FiredWithin);
        _ = Fill(ref timers, items);
        long from = Stopwatch.GetTimestamp();
        for (long now = 0; now <= FiredWithin + (4 * Millisecond); now += Millisecond)
        {
            while (timers.TakeDue(now) is { } due)
            {
                due.Call(IoTaskStatus.Run);
            }
        }

        double rate = TimerMeasurements.Rate(from);
        return Array.TrueForAll(items, static item => item.Calls == 1)
            ? rate
            : throw new InvalidOperationException("Not every timer was called once.");
    }

    private static double Fill<T>(ref T timers, TimerItem[] items)
        where T : struct, ITimerStructure<T>
    {
        long from = Stopwatch.GetTimestamp();
        foreach (TimerItem item in items)
        {
            timers.Add(item);
        }

        return TimerMeasurements.Rate(from);
    }

    private static TimerItem[] Items(long within)
    {
        long part = TimerMeasurements.LongestDelay / within;
        return [.. TimerMeasurements.Delays.Select(delay => new TimerItem { Deadline = delay / part })];
    }
}

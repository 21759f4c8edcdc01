using System.Diagnostics;

namespace AwsIO.Bench.Scheduling;

/// <summary>A million timers at once, and one short one that repeats.</summary>
/// <remarks>DotNetty is left out: it finds a timer that is cancelled by looking through all of them, and a million take hours.</remarks>
internal static class TimerMeasurements
{
    private const int Timers = 1_000_000;
    private static readonly TimeSpan s_shortPeriod = TimeSpan.FromMicroseconds(900);

    // The same delays in the same order for all: up to an hour.
    private static readonly long[] s_delays = Delays();
    private static readonly int[] s_order = Order();

    public static IEnumerable<Measurement> All()
    {
        yield return new Measurement(
            "1 M timers, insert",
            "M/s",
            MoreIsBetter: true,
            Target: 30,
            Upstream: ["insert"],
            ("awsio", static () => AwsIo(Phase.Insert)),
            ("PriorityQueue", static () => Queue(Phase.Insert)),
            ("System.Threading.Timer", static () => SystemTimers(Phase.Insert))
        );
        yield return new Measurement(
            "1 M timers, cancel in random order",
            "M/s",
            MoreIsBetter: true,
            Target: 8,
            Upstream: ["cancel"],
            ("awsio", static () => AwsIo(Phase.Cancel)),
            ("System.Threading.Timer", static () => SystemTimers(Phase.Cancel))
        );
        yield return new Measurement(
            "1 M timers, fire",
            "M/s",
            MoreIsBetter: true,
            Target: 5,
            Upstream: ["fire"],
            ("awsio", static () => AwsIo(Phase.Fire)),
            ("PriorityQueue", static () => Queue(Phase.Fire))
        );
        yield return new Measurement(
            "a timer each 0.9 ms",
            "% of a CPU",
            MoreIsBetter: false,
            Target: 5,
            Upstream: null,
            ("awsio", static () => Repeating(SpinMode.Adaptive)),
            ("awsio-nospin", static () => Repeating(SpinMode.Off)),
            ("PeriodicTimer, 1 ms", SystemPeriodic)
        );
    }

    private enum Phase
    {
        Insert,
        Cancel,
        Fire,
    }

    private static double AwsIo(Phase phase)
    {
        using AwsIoLane lane = new();
        EventLoop loop = lane.Loop;
        IoTask[] tasks = [.. Enumerable.Range(0, Timers).Select(_ => IoTask.Create(static (_, _) => { }, 0))];
        return OnLoop(
            loop,
            () =>
            {
                // To fire them all, they are due within a second, which goes by before they are looked at.
                long start = loop.CurrentTime + 500_000_000;
                int part = phase == Phase.Fire ? 3600 : 1;
                long from = Stopwatch.GetTimestamp();
                for (int i = 0; i < Timers; i++)
                {
                    loop.ScheduleAt(tasks[i], start + (s_delays[i] / part));
                }

                double inserted = Rate(from);
                if (phase == Phase.Insert)
                {
                    return inserted;
                }

                if (phase == Phase.Cancel)
                {
                    from = Stopwatch.GetTimestamp();
                    foreach (int index in s_order)
                    {
                        loop.Cancel(tasks[index]);
                    }

                    return Rate(from);
                }

                return -1;
            },
            phase == Phase.Fire ? tasks : null
        );
    }

    /// <summary>Runs something on the loop; where it is timers to fire, measures from the next tick until the last one has run.</summary>
    private static double OnLoop(EventLoop loop, Func<double> run, IoTask[]? toFire)
    {
        using ManualResetEventSlim done = new();
        double figure = 0;
        loop.Schedule(
            IoTask.Create(
                (_, _) =>
                {
                    figure = run();
                    if (toFire is null)
                    {
                        done.Set();
                        return;
                    }

                    // Once all timers are due, the loop's next tick runs them, and then this one, which is due last.
                    Thread.Sleep(1600);
                    long from = Stopwatch.GetTimestamp();
                    IoTask last = IoTask.Create(
                        (_, _) =>
                        {
                            figure = Rate(from);
                            done.Set();
                        },
                        0
                    );
                    loop.ScheduleAt(last, loop.CurrentTime);
                },
                0
            )
        );
        done.Wait();
        return figure;
    }

    private static double Queue(Phase phase)
    {
        PriorityQueue<WorkItem, long> queue = new();
        Counter counter = new(isShared: false);
        WorkItem[] tasks = [.. Enumerable.Range(0, Timers).Select(_ => new WorkItem(counter))];
        long from = Stopwatch.GetTimestamp();
        for (int i = 0; i < Timers; i++)
        {
            queue.Enqueue(tasks[i], s_delays[i]);
        }

        if (phase == Phase.Insert)
        {
            return Rate(from);
        }

        from = Stopwatch.GetTimestamp();
        while (queue.TryDequeue(out WorkItem? due, out _))
        {
            due.Execute();
        }

        return Rate(from);
    }

    private static double SystemTimers(Phase phase)
    {
        Timer[] timers = new Timer[Timers];
        long from = Stopwatch.GetTimestamp();
        for (int i = 0; i < Timers; i++)
        {
            timers[i] = new Timer(static _ => { }, null, 3_600_000 + (s_delays[i] / 1_000_000), Timeout.Infinite);
        }

        double inserted = Rate(from);
        from = Stopwatch.GetTimestamp();
        foreach (int index in s_order)
        {
            timers[index].Dispose();
        }

        return phase == Phase.Insert ? inserted : Rate(from);
    }

    private static double Repeating(SpinMode spin)
    {
        using AwsIoLane lane = new(spin);
        EventLoop loop = lane.Loop;
        IoTask? again = null;
        bool isOver = false;
        again = IoTask.Create(
            (_, status) =>
            {
                if (status == IoTaskStatus.Run && !Volatile.Read(ref isOver))
                {
                    loop.ScheduleAfter(again!, s_shortPeriod);
                }
            },
            0
        );
        loop.Schedule(again);
        double share = CpuShare();
        Volatile.Write(ref isOver, true);
        return share;
    }

    private static double SystemPeriodic()
    {
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(1));
        Task ticking = Tick(timer);
        double share = CpuShare();
        timer.Dispose();
        ticking.GetAwaiter().GetResult();
        return share;

        static async Task Tick(PeriodicTimer timer)
        {
            while (await timer.WaitForNextTickAsync())
            { }
        }
    }

    /// <summary>Per cent of one CPU that the process takes while this thread sleeps.</summary>
    private static double CpuShare()
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        long from = Stopwatch.GetTimestamp();
        Thread.Sleep(1000);
        return (Environment.CpuUsage.TotalTime - before) / Stopwatch.GetElapsedTime(from) * 100;
    }

    private static double Rate(long from) => Timers / Stopwatch.GetElapsedTime(from).TotalMicroseconds;

    private static long[] Delays()
    {
        Random random = new(1);
        return [.. Enumerable.Range(0, Timers).Select(_ => random.NextInt64(3600 * 1_000_000_000L))];
    }

    private static int[] Order()
    {
        int[] order = [.. Enumerable.Range(0, Timers)];
        new Random(2).Shuffle(order);
        return order;
    }
}

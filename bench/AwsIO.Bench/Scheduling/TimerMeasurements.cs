using System.Diagnostics;
using DotNetty.Common.Concurrency;

namespace AwsIO.Bench.Scheduling;

/// <summary>A million timers at once, and one short one that repeats.</summary>
/// <remarks>
/// DotNetty cancels none here: it finds a timer that is cancelled by looking through its whole queue, and a million take hours.
/// </remarks>
internal static class TimerMeasurements
{
    private const int Timers = 1_000_000;
    private static readonly TimeSpan s_shortPeriod = TimeSpan.FromMicroseconds(900);

    /// <summary>The same delays in the same order for all, in nanoseconds.</summary>
    public static readonly long[] Delays = DrawDelays();

    /// <summary>The order in which timers are cancelled.</summary>
    public static readonly int[] Order = DrawOrder();

    /// <summary>An hour, in nanoseconds.</summary>
    public const long LongestDelay = 3600 * 1_000_000_000L;

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
            ("System.Threading.Timer", static () => SystemTimers(Phase.Insert)),
            ("dotnetty", static () => DotNetty(Phase.Insert))
        );
        yield return new Measurement(
            "1 M timers, cancel in random order",
            "M/s",
            MoreIsBetter: true,
            Target: 8,
            Upstream: ["cancel"],
            ("awsio", static () => AwsIo(Phase.Cancel)),
            ("PriorityQueue, lazy", static () => Queue(Phase.Cancel)),
            ("System.Threading.Timer", static () => SystemTimers(Phase.Cancel))
        );
        yield return new Measurement(
            "1 M timers, fire",
            "M/s",
            MoreIsBetter: true,
            Target: 5,
            Upstream: ["fire"],
            ("awsio", static () => AwsIo(Phase.Fire)),
            ("PriorityQueue", static () => Queue(Phase.Fire)),
            ("dotnetty", static () => DotNetty(Phase.Fire))
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
                    loop.ScheduleAt(tasks[i], start + (Delays[i] / part));
                }

                double inserted = Rate(from);
                if (phase == Phase.Insert)
                {
                    return inserted;
                }

                if (phase == Phase.Cancel)
                {
                    from = Stopwatch.GetTimestamp();
                    foreach (int index in Order)
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

    /// <summary>The same with .NET's heap, whose cancelling is a mark: the entry stays until its time comes.</summary>
    private static double Queue(Phase phase)
    {
        PriorityQueue<WorkItem, long> queue = new();
        Counter counter = new(isShared: false);
        WorkItem[] tasks = [.. Enumerable.Range(0, Timers).Select(_ => new WorkItem(counter))];
        foreach (WorkItem task in tasks)
        {
            task.MarkSent();
        }

        long from = Stopwatch.GetTimestamp();
        for (int i = 0; i < Timers; i++)
        {
            queue.Enqueue(tasks[i], Delays[i]);
        }

        if (phase == Phase.Insert)
        {
            return Rate(from);
        }

        from = Stopwatch.GetTimestamp();
        if (phase == Phase.Cancel)
        {
            foreach (int index in Order)
            {
                tasks[index].Withdraw();
            }

            return Rate(from);
        }

        while (queue.TryDequeue(out WorkItem? due, out _))
        {
            if (due.IsUnderWay)
            {
                due.Execute();
            }
        }

        return Rate(from);
    }

    /// <summary>
    /// The same with DotNetty's loop. All timers are due within a second and a half, to insert them too: a loop that ends cancels each one
    /// that stands.
    /// </summary>
    private static double DotNetty(Phase phase)
    {
        using DotNettyLane lane = new();
        using ManualResetEventSlim done = new();
        double inserted = 0;
        double fired = 0;
        lane.Loop.Execute(
            new Work(() =>
            {
                int left = Timers;
                long from = 0;
                Work timer = new(() =>
                {
                    if (--left == 0)
                    {
                        fired = Rate(from);
                        done.Set();
                    }
                });
                from = Stopwatch.GetTimestamp();
                for (int i = 0; i < Timers; i++)
                {
                    _ = lane.Loop.Schedule(timer, TimeSpan.FromMicroseconds((500_000_000 + (Delays[i] / 3600)) / 1000));
                }

                inserted = Rate(from);
                Thread.Sleep(1600);
                from = Stopwatch.GetTimestamp();
            })
        );
        done.Wait();
        return phase == Phase.Insert ? inserted : fired;
    }

    private static double SystemTimers(Phase phase)
    {
        Timer[] timers = new Timer[Timers];
        long from = Stopwatch.GetTimestamp();
        for (int i = 0; i < Timers; i++)
        {
            timers[i] = new Timer(static _ => { }, null, 3_600_000 + (Delays[i] / 1_000_000), Timeout.Infinite);
        }

        double inserted = Rate(from);
        from = Stopwatch.GetTimestamp();
        foreach (int index in Order)
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

    /// <summary>Millions a second, of all the timers since a moment.</summary>
    public static double Rate(long from) => Timers / Stopwatch.GetElapsedTime(from).TotalMicroseconds;

    private sealed class Work(Action run) : IRunnable
    {
        public void Run() => run();
    }

    private static long[] DrawDelays()
    {
        Random random = new(1);
        return [.. Enumerable.Range(0, Timers).Select(_ => random.NextInt64(LongestDelay))];
    }

    private static int[] DrawOrder()
    {
        int[] order = [.. Enumerable.Range(0, Timers)];
        new Random(2).Shuffle(order);
        return order;
    }
}

using System.Diagnostics;

namespace AwsIO.Bench.Scheduling;

/// <summary>Work that is sent from other threads.</summary>
internal static class CrossThreadMeasurements
{
    private const int Sends = 4_000_000;
    private const int Ring = 16 * 1024;
    private const int Rounds = 3_000;

    public static IEnumerable<Measurement> All()
    {
        yield return new Measurement(
            "schedule from 1 thread",
            "M/s",
            MoreIsBetter: true,
            Target: 30,
            Upstream: ["schedule", "1"],
            ("awsio", static () => Rate(static () => new AwsIoLane(), 1)),
            ("Channel", static () => Rate(static () => new ChannelLane(), 1)),
            ("ThreadPool", static () => Rate(static () => new PoolLane(), 1)),
            ("dotnetty", static () => Rate(static () => new DotNettyLane(), 1))
        );
        yield return new Measurement(
            "schedule from 2 threads",
            "M/s",
            MoreIsBetter: true,
            Target: 30,
            Upstream: ["schedule", "2"],
            ("awsio", static () => Rate(static () => new AwsIoLane(), 2)),
            ("Channel", static () => Rate(static () => new ChannelLane(), 2)),
            ("ThreadPool", static () => Rate(static () => new PoolLane(), 2)),
            ("dotnetty", static () => Rate(static () => new DotNettyLane(), 2))
        );
        foreach ((string name, double quantile) in new[] { ("p50", 0.5), ("p99", 0.99) })
        {
            yield return new Measurement(
                $"schedule to seen, asleep, {name}",
                "µs",
                MoreIsBetter: false,
                Target: quantile == 0.5 ? 10 : 30,
                Upstream: ["latency", quantile == 0.5 ? "500" : "990"],
                ("awsio", () => Latency(static () => new AwsIoLane(), quantile)),
                ("awsio-nospin", () => Latency(static () => new AwsIoLane(SpinMode.Off), quantile)),
                ("Channel", () => Latency(static () => new ChannelLane(), quantile)),
                ("ThreadPool", () => Latency(static () => new PoolLane(), quantile)),
                ("dotnetty", () => Latency(static () => new DotNettyLane(), quantile))
            );
        }
    }

    /// <summary>
    /// Millions of items a second that go through, each thread sending from a ring of its own: an item is sent again once it has run.
    /// </summary>
    private static double Rate(Func<ILane> create, int threads)
    {
        using ILane lane = create();
        Counter counter = new(isShared: lane is PoolLane);
        using Barrier start = new(threads + 1);
        Thread[] senders = new Thread[threads];
        for (int i = 0; i < threads; i++)
        {
            WorkItem[] ring = [.. Enumerable.Range(0, Ring).Select(_ => new WorkItem(counter))];
            senders[i] = new Thread(() =>
            {
                start.SignalAndWait();
                for (int sent = 0; sent < Sends / threads; sent++)
                {
                    WorkItem item = ring[sent & (Ring - 1)];
                    while (item.IsUnderWay)
                    {
                        Thread.Yield();
                    }

                    item.MarkSent();
                    lane.Send(item);
                }
            });
            senders[i].Start();
        }

        start.SignalAndWait();
        long from = Stopwatch.GetTimestamp();
        foreach (Thread sender in senders)
        {
            sender.Join();
        }

        while (counter.Value < Sends / threads * threads)
        {
            Thread.Yield();
        }

        return Sends / Stopwatch.GetElapsedTime(from).TotalMicroseconds;
    }

    /// <summary>Microseconds from a send until this thread, which spins, sees that the item has run; the lane sleeps before each.</summary>
    private static double Latency(Func<ILane> create, double quantile)
    {
        using ILane lane = create();
        WorkItem item = new(new Counter(isShared: lane is PoolLane));
        double[] times = new double[Rounds];
        for (int round = 0; round < Rounds; round++)
        {
            Spin(TimeSpan.FromMicroseconds(200));
            item.MarkSent();
            long from = Stopwatch.GetTimestamp();
            lane.Send(item);
            while (item.IsUnderWay)
            {
                Thread.SpinWait(1);
            }

            times[round] = Stopwatch.GetElapsedTime(from).TotalMicroseconds;
        }

        Array.Sort(times);
        return times[(int)(quantile * (Rounds - 1))];
    }

    private static void Spin(TimeSpan span)
    {
        long from = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(from) < span)
        {
            Thread.SpinWait(10);
        }
    }
}

using System.Diagnostics;
using DotNetty.Common.Concurrency;

namespace AwsIO.Bench.Scheduling;

/// <summary>Work that a loop's thread schedules on its own loop.</summary>
internal static class OnLoopMeasurements
{
    private const int Batch = 1_000;
    private const int Batches = 10_000;
    private const int Links = 500_000;

    public static IEnumerable<Measurement> All()
    {
        yield return new Measurement(
            "on the loop, batches of 1,000",
            "M/s",
            MoreIsBetter: true,
            Target: 69,
            Upstream: ["batches"],
            ("awsio", static () => AwsIoBatches(static _ => IoTask.Create(static (_, _) => { }, 0))),
            ("awsio, loop's own", static () => AwsIoBatches(static loop => IoTask.CreateFor(loop, static (_, _) => { }, 0))),
            ("Channel", static () => SendBatches(new ChannelLane())),
            ("ThreadPool", static () => SendBatches(new PoolLane())),
            ("dotnetty", DotNettyBatches)
        );
        yield return new Measurement(
            "on the loop, one task a tick",
            "M/s",
            MoreIsBetter: true,
            Target: 4.1,
            Upstream: ["chain"],
            ("awsio", AwsIoChain),
            ("Channel", static () => SendChain(new ChannelLane())),
            ("ThreadPool", static () => SendChain(new PoolLane())),
            ("dotnetty", DotNettyChain)
        );
    }

    private static double AwsIoBatches(Func<EventLoop, IoTask> create)
    {
        using AwsIoLane lane = new();
        using ManualResetEventSlim done = new();
        IoTask[] tasks = [.. Enumerable.Range(0, Batch).Select(_ => create(lane.Loop))];
        int left = Batches;
        IoTask? leader = null;
        leader = IoTask.Create(
            (_, status) =>
            {
                if (status != IoTaskStatus.Run || left-- == 0)
                {
                    done.Set();
                    return;
                }

                foreach (IoTask task in tasks)
                {
                    lane.Loop.Schedule(task);
                }

                lane.Loop.Schedule(leader!);
            },
            0
        );
        return Measure(() => lane.Loop.Schedule(leader), done, (long)Batch * Batches);
    }

    private static double AwsIoChain()
    {
        using AwsIoLane lane = new();
        using ManualResetEventSlim done = new();
        int left = Links;
        IoTask? link = null;
        link = IoTask.Create(
            (_, status) =>
            {
                if (status != IoTaskStatus.Run || left-- == 0)
                {
                    done.Set();
                    return;
                }

                lane.Loop.Schedule(link!);
            },
            0
        );
        return Measure(() => lane.Loop.Schedule(link), done, Links);
    }

    private static double DotNettyBatches()
    {
        using DotNettyLane lane = new();
        using ManualResetEventSlim done = new();
        Nothing nothing = new();
        int left = Batches;
        Again leader = new(again =>
        {
            if (left-- == 0)
            {
                done.Set();
                return;
            }

            for (int i = 0; i < Batch; i++)
            {
                lane.Loop.Execute(nothing);
            }

            lane.Loop.Execute(again);
        });
        return Measure(() => lane.Loop.Execute(leader), done, (long)Batch * Batches);
    }

    private static double DotNettyChain()
    {
        using DotNettyLane lane = new();
        using ManualResetEventSlim done = new();
        int left = Links;
        Again link = new(again =>
        {
            if (left-- == 0)
            {
                done.Set();
                return;
            }

            lane.Loop.Execute(again);
        });
        return Measure(() => lane.Loop.Execute(link), done, Links);
    }

    /// <summary>The same where there is no loop: who runs what was sent sends more.</summary>
    private static double SendBatches(ILane lane)
    {
        using (lane)
        {
            using ManualResetEventSlim done = new();
            Counter counter = new(isShared: lane is PoolLane);
            WorkItem[] items = [.. Enumerable.Range(0, Batch).Select(_ => new WorkItem(counter))];
            int left = Batches;
            Sender leader = new(sender =>
            {
                if (left-- == 0)
                {
                    done.Set();
                    return;
                }

                foreach (WorkItem item in items)
                {
                    lane.Send(item);
                }

                lane.Send(sender);
            });
            return Measure(() => lane.Send(leader), done, (long)Batch * Batches, counter);
        }
    }

    private static double SendChain(ILane lane)
    {
        using (lane)
        {
            using ManualResetEventSlim done = new();
            int left = Links;
            Sender link = new(sender =>
            {
                if (left-- == 0)
                {
                    done.Set();
                    return;
                }

                lane.Send(sender);
            });
            return Measure(() => lane.Send(link), done, Links);
        }
    }

    private static double Measure(Action start, ManualResetEventSlim done, long operations, Counter? counter = null)
    {
        long from = Stopwatch.GetTimestamp();
        start();
        done.Wait();

        // On the pool the last one may have run before some that were sent earlier.
        while (counter?.Value < operations)
        {
            Thread.Yield();
        }

        return operations / Stopwatch.GetElapsedTime(from).TotalMicroseconds;
    }

    /// <summary>Sends itself, or others, when it runs.</summary>
    private sealed class Sender(Action<WorkItem> run) : WorkItem(new Counter(isShared: false))
    {
        public override void Run() => run(this);
    }

    private sealed class Nothing : IRunnable
    {
        public void Run() { }
    }

    private sealed class Again(Action<IRunnable> run) : IRunnable
    {
        public void Run() => run(this);
    }
}

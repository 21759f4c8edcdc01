using System.Diagnostics;
using DotNetty.Common.Concurrency;

namespace AwsIO.Bench.Scheduling;

/// <summary>Work that a loop's thread schedules on its own loop.</summary>
internal static class OnLoopMeasurements
{
    private const int Batch = 1_000;
    private const int Batches = 2_000;
    private const int Links = 500_000;

    public static IEnumerable<Measurement> All()
    {
        yield return new Measurement(
            "on the loop, batches of 1,000",
            "M/s",
            MoreIsBetter: true,
            Target: 69,
            Upstream: ["batches"],
            ("awsio", AwsIoBatches),
            ("dotnetty", DotNettyBatches)
        );
        yield return new Measurement(
            "on the loop, one task a tick",
            "M/s",
            MoreIsBetter: true,
            Target: 4.1,
            Upstream: ["chain"],
            ("awsio", AwsIoChain),
            ("dotnetty", DotNettyChain)
        );
    }

    private static double AwsIoBatches()
    {
        using AwsIoLane lane = new();
        using ManualResetEventSlim done = new();
        IoTask[] tasks = [.. Enumerable.Range(0, Batch).Select(_ => IoTask.Create(static (_, _) => { }, 0))];
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

    private static double Measure(Action start, ManualResetEventSlim done, long operations)
    {
        long from = Stopwatch.GetTimestamp();
        start();
        done.Wait();
        return operations / Stopwatch.GetElapsedTime(from).TotalMicroseconds;
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

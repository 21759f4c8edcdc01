using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Torture;

/// <summary>Loops are made, do something and end.</summary>
internal sealed class GroupScenario : TortureScenario
{
    internal override string Name => "group";

    internal override async Task Run(TortureRun run)
    {
        if (await run.NewGroup(3) is not { } group)
        {
            return;
        }

        for (int i = 0; i < group.Count; i++)
        {
            Operation task = run.Begin($"a task of loop {i}");
            group[i].Schedule(IoTask.Create(static (task, _) => task.Answer(IoError.None), task));
        }

        await run.WaitForAll();
        await run.End(group);
    }
}

/// <summary>Timers fire in their order, or are cancelled.</summary>
internal sealed class TimerScenario : TortureScenario
{
    internal override string Name => "timers";

    internal override async Task Run(TortureRun run)
    {
        if (await run.NewGroup(1) is not { } group)
        {
            return;
        }

        EventLoop loop = group[0];
        List<int> order = [];
        await run.Wait(
            loop.Call(() =>
            {
                // All before the first of them is due.
                long now = loop.CurrentTime;
                foreach (int delay in (int[])[4, 1, 3, 0, 2])
                {
                    Operation timer = run.Begin($"a timer of {delay} ms");
                    loop.ScheduleAt(
                        IoTask.Create(
                            (work, _) =>
                            {
                                order.Add(work.delay);
                                work.timer.Answer(IoError.None);
                            },
                            (timer, delay)),
                        now + (delay * 1_000_000L));
                }
            }),
            "the timers");
        Operation cancelled = run.Begin("a timer that is cancelled");
        IoTask task = IoTask.Create(
            (operation, status) => operation.Answer(status == IoTaskStatus.Canceled ? IoError.None : IoErrorCode.InvalidState), cancelled);
        loop.ScheduleAfter(task, TimeSpan.FromHours(1));
        loop.Cancel(task);
        await run.WaitForAll();
        if (!order.SequenceEqual(order.Order()))
        {
            run.Wrong($"The timers came as {string.Join(", ", order)}.");
        }

        await run.End(group);
    }
}

/// <summary>Loops that are kept on processors: on those that were named, and on those of a node.</summary>
internal sealed class PinnedScenario : TortureScenario
{
    internal override string Name => "pinned";

    // Whatever the platform's loops are, those of kqueue cannot be kept anywhere.
    internal override async Task Run(TortureRun run)
    {
        await Run(run, () => new EventLoopGroup(new EventLoopGroupOptions
        {
            LoopCount = 2,
            MaxLoops = 16,
            Cpus = new CpuSet(CpuSet.Available[^1]),
            LoggerFactory = run.Log,
        }));
        await Run(run, () => new EventLoopGroup(new EventLoopGroupOptions { LoopCount = 1, NumaNode = 0, LoggerFactory = run.Log }));
    }

    private static async Task Run(TortureRun run, Func<EventLoopGroup> make)
    {
        if (await run.NewGroup(make) is { } group)
        {
            for (int i = 0; i < group.Count; i++)
            {
                Operation task = run.Begin($"a task of loop {i}");
                group[i].Schedule(IoTask.Create(static (task, _) => task.Answer(IoError.None), task));
            }

            await run.WaitForAll();
            await run.End(group);
        }
    }
}

using AwsIO.Tests.EventLoops.Manual;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Stress;

/// <summary>Stops, starts, ends and holders of groups, under eight threads that schedule all the while.</summary>
public class LifeStressTests : StressTest
{
    private const int Batch = 64;

    [Fact(Explicit = true)]
    public async Task Stops_and_starts_disturb_nobody_who_schedules()
    {
        int rounds = Batches(Batch);
        CountingTask[][] tasks = [.. Enumerable.Range(0, Threads).Select(_ => NewTasks(Loop))];
        int stops = 0;
        Task schedulers = OnThreads(thread =>
        {
            CountingTask[] own = tasks[thread];
            for (int i = 0; i < rounds; i++)
            {
                for (int j = 0; j < Batch; j++)
                {
                    Loop.Schedule(own[j]);
                    if (j % Threads == 0)
                    {
                        // A stop is asked for from here too, a million times in all: it counts as long as the loop has not stopped for
                        // another.
                        Loop.Stop();
                        Interlocked.Increment(ref stops);
                    }
                }

                for (int j = 0; j < Batch; j++)
                {
                    CountingTask task = own[j];
                    Until(() => !task.IsScheduled, "A task is called");
                }
            }
        });
        int starts = 0;
        while (!schedulers.IsCompleted)
        {
            Loop.Stop();
            Loop.WaitForStop();
            Loop.Start();
            starts++;
        }

        await schedulers;
        Assert.NotEqual(0, starts);
        Assert.Equal(rounds * Batch, stops);
        CountingTask[] all = [.. tasks.SelectMany(static own => own)];
        Assert.All(all, task => Assert.Equal(rounds, task.Runs));
        Assert.All(all, static task => Assert.Equal(0, task.Wrongs + task.Cancellations));

        // The last of their stops may still be waiting to be seen.
        Loop.Stop();
        Loop.WaitForStop();
        Loop.Start();
        await Loop.Turn();
    }

    [Fact(Explicit = true)]
    public async Task Each_task_is_called_once_when_groups_end_under_those_who_schedule()
    {
        // A million schedules and cancels from each thread, spread over five hundred groups: so that each ends under many of them.
        const int each = 2_000;
        int groups = Math.Max(Rounds / each, 5);
        CountingTask[][] tasks = [.. Enumerable.Range(0, Threads).Select(_ => Enumerable.Range(0, each)
            .Select(static _ => new CountingTask(null)).ToArray())];
        for (int round = 0; round < groups; round++)
        {
            EventLoopGroup group = Backend.NewGroup();
            EventLoop loop = group[0];
            Task ending = Task.CompletedTask;
            await OnThreads(thread =>
            {
                CountingTask[] own = tasks[thread];
                CountingTask[] others = tasks[(thread + 1) % Threads];
                for (int i = 0; i < each; i++)
                {
                    switch (i & 3)
                    {
                        case 0:
                            loop.ScheduleAt(own[i], long.MaxValue);
                            break;
                        case 1:
                            loop.ScheduleSerialized(own[i]);
                            break;
                        default:
                            loop.Schedule(own[i]);
                            break;
                    }

                    if ((i & 7) == 0)
                    {
                        loop.Cancel(others[i]);
                    }

                    if (i == (round * 37) % each && thread == round % Threads)
                    {
                        ending = group.DisposeAsync().AsTask();
                    }
                }
            });
            await ending.Within();
            foreach (CountingTask[] own in tasks)
            {
                foreach (CountingTask task in own)
                {
                    Until(() => !task.IsScheduled, "A task is called");
                }
            }
        }

        // A task is free right before it is called, and its call may still be going on.
        Until(() => tasks.All(own => own.All(task => task.Calls == groups)), "Every call has returned");
        Assert.All(tasks.SelectMany(static own => own), static task => Assert.Equal(0, task.Wrongs));
    }

    [Fact(Explicit = true)]
    public async Task A_group_ends_once_and_only_when_the_last_of_its_holders_has_gone()
    {
        // A million leases from each thread: two thousand groups, each of which ends in the middle of five hundred of them.
        int groups = Share(2_000);
        const int each = 500;
        long early = 0;
        long refused = 0;
        int completions = 0;
        for (int round = 0; round < groups; round++)
        {
            EventLoopGroup group = Backend.NewGroup(new EventLoopGroupOptions
            {
                LoopCount = 1,
                OnShutdownComplete = () => Interlocked.Increment(ref completions),
            });
            await OnThreads(thread =>
            {
                for (int i = 0; i < each; i++)
                {
                    // Full before it: whoever has a lease may count on the group.
                    if (!group.TryAddHolder())
                    {
                        Interlocked.Increment(ref refused);
                        break;
                    }

                    if (group.Completion.IsCompleted)
                    {
                        Interlocked.Increment(ref early);
                    }

                    EventLoopGroupLease lease = new(group);
                    if (i == each / 2 && thread == round % Threads)
                    {
                        group.Release();
                        group.Release();
                    }

                    lease.Dispose();
                    lease.Dispose();
                }
            });
            await group.Completion.Within();
            Assert.Throws<ObjectDisposedException>(group.Acquire);
        }

        Assert.Equal(0, early);
        Assert.Equal(groups, completions);
        Assert.True(refused > 0, "No thread came after an end.");
    }

    private static CountingTask[] NewTasks(EventLoop loop) => [.. Enumerable.Range(0, Batch).Select(_ => new CountingTask(loop))];
}

public sealed class ManualLifeStressTests : LifeStressTests
{
    internal override LoopBackend Backend => ManualBackend.Instance;
}

using AwsIO.Native.Platform;
using AwsIO.Tests.EventLoops.Manual;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Kqueue;

namespace AwsIO.Tests.Stress;

/// <summary>Scheduling and cancelling from eight threads at once.</summary>
public class SchedulingStressTests : StressTest
{
    private const int Batch = 64;

    [Fact(Explicit = true)]
    public async Task Each_task_that_is_scheduled_and_cancelled_is_called_once()
    {
        // Tasks are used again as soon as they have been called; each thread also cancels what is its neighbour's.
        CountingTask[][] tasks = [.. Enumerable.Range(0, Threads).Select(_ => NewTasks())];
        int rounds = Batches(Batch) * Batch;
        await OnThreads(thread =>
        {
            Random random = new(thread);
            CountingTask[] own = tasks[thread];
            CountingTask[] others = tasks[(thread + 1) % Threads];
            for (int i = 0; i < rounds; i += Batch)
            {
                for (int j = 0; j < Batch; j++)
                {
                    Schedule(own[j], random.Next(8));
                    if ((j & 1) == 0)
                    {
                        Loop.Cancel(own[random.Next(j + 1)]);
                    }
                    else
                    {
                        Loop.Cancel(others[random.Next(Batch)]);
                    }
                }

                for (int j = 0; j < Batch; j++)
                {
                    CountingTask task = own[j];
                    Loop.Cancel(task);
                    Until(() => !task.IsScheduled, "A task is called");
                }
            }
        });
        await Loop.Turn();
        CountingTask[] all = [.. tasks.SelectMany(static own => own)];
        Assert.All(all, static task => Assert.Equal(0, task.Wrongs));
        Assert.All(all, task => Assert.Equal(rounds / Batch, task.Calls));
        Assert.NotEqual(0, all.Sum(static task => task.Runs));
        Assert.NotEqual(0, all.Sum(static task => task.Cancellations));
    }

    [Fact(Explicit = true)]
    public async Task What_a_thread_schedules_runs_in_its_order()
    {
        int rounds = Batches(Batch);
        long wrongs = 0;
        long[] called = new long[Threads];
        await OnThreads(thread =>
        {
            long last = -1;
            OrderedTask[] tasks = [.. Enumerable.Range(0, Batch).Select(_ => new OrderedTask(number =>
            {
                if (number != last + 1 || EventLoop.Current != Loop)
                {
                    Interlocked.Increment(ref wrongs);
                }

                last = number;
                Volatile.Write(ref called[thread], called[thread] + 1);
            }))];
            long next = 0;
            for (int i = 0; i < rounds; i++)
            {
                for (int j = 0; j < Batch; j++)
                {
                    tasks[j].Number = next++;
                    if ((j & 3) == 0)
                    {
                        Loop.ScheduleSerialized(tasks[j]);
                    }
                    else
                    {
                        Loop.Schedule(tasks[j]);
                    }
                }

                long expected = next;
                Until(() => Volatile.Read(ref called[thread]) == expected, "A batch has run");
            }
        });
        Assert.Equal(0, wrongs);
        Assert.All(called, count => Assert.Equal((long)rounds * Batch, count));
    }

    [Fact(Explicit = true)]
    public async Task One_task_that_all_threads_schedule_and_cancel_is_called_as_often_as_it_was_scheduled()
    {
        CountingTask task = new(Loop);
        long scheduled = 0;
        int rounds = Rounds;
        await OnThreads(thread =>
        {
            Random random = new(thread);
            while (Volatile.Read(ref scheduled) < rounds)
            {
                // A schedule that finds the task scheduled throws, which costs more than many rounds: look first.
                if (!task.IsScheduled)
                {
                    try
                    {
                        Schedule(task, random.Next(8));
                        Interlocked.Increment(ref scheduled);
                    }
                    catch (InvalidOperationException)
                    {
                        // Another thread was first.
                    }
                }
                else
                {
                    Loop.Cancel(task);
                    if (random.Next(4) == 0)
                    {
                        Thread.Yield();
                    }
                }
            }
        });
        Loop.Cancel(task);
        Until(() => !task.IsScheduled, "The task is called");
        await Loop.Turn();
        Assert.Equal(0, task.Wrongs);
        Assert.Equal(scheduled, task.Calls);
        Assert.InRange(scheduled, rounds, rounds + Threads);
        Assert.NotEqual(0, task.Cancellations);
    }

    [Fact(Explicit = true)]
    public async Task Timers_that_other_threads_arm_and_cancel_again_and_again_are_called_once_each_time()
    {
        CountingTask[][] tasks = [.. Enumerable.Range(0, Threads).Select(_ => NewTasks())];
        int rounds = Batches(Batch);
        await OnThreads(thread =>
        {
            Random random = new(thread);
            CountingTask[] own = tasks[thread];
            for (int i = 0; i < rounds; i++)
            {
                for (int j = 0; j < Batch; j++)
                {
                    // Some fire, some are cancelled while they wait, and some just when they fire.
                    long delay = (j & 3) == 0 ? 3_600_000_000_000 : random.Next(400_000);
                    Loop.ScheduleAt(own[j], Loop.CurrentTime + delay);
                }

                for (int j = Batch - 1; j >= 0; j--)
                {
                    Loop.Cancel(own[j]);
                }

                for (int j = 0; j < Batch; j++)
                {
                    CountingTask task = own[j];
                    Until(() => !task.IsScheduled, "A timer is called");
                }
            }
        });
        CountingTask[] all = await CalledOnceARound(tasks, rounds);
        Assert.NotEqual(0, all.Sum(static task => task.Cancellations));
        Assert.Equal(0, await Loop.Call(() => Loop.PendingTasks));
    }

    /// <remarks>
    /// Each cancel comes when its task is about to be called, and goes through the batch in the order of the calls, so that now one is
    /// ahead and now the other: whoever comes second must find nothing left to do.
    /// </remarks>
    [Fact(Explicit = true)]
    public async Task A_cancel_that_meets_the_call_of_its_task_calls_it_once()
    {
        CountingTask[][] tasks = [.. Enumerable.Range(0, Threads).Select(_ => NewTasks())];
        int rounds = Batches(Batch);
        await OnThreads(thread =>
        {
            Random random = new(thread);
            CountingTask[] own = tasks[thread];
            for (int i = 0; i < rounds; i++)
            {
                for (int j = 0; j < Batch; j++)
                {
                    Loop.Schedule(own[j]);
                }

                Thread.SpinWait(random.Next(200));
                for (int j = 0; j < Batch; j++)
                {
                    Loop.Cancel(own[j]);
                }

                for (int j = 0; j < Batch; j++)
                {
                    CountingTask task = own[j];
                    int expected = i + 1;
                    Until(() => task.Calls >= expected, "A task is called");
                }
            }
        });
        CountingTask[] all = await CalledOnceARound(tasks, rounds);
        long runs = all.Sum(static task => (long)task.Runs);
        long cancellations = all.Sum(static task => (long)task.Cancellations);
        Assert.Equal((long)Threads * rounds * Batch, runs + cancellations);
        long least = (runs + cancellations) / 1000;
        Assert.True(runs > least && cancellations > least, $"{runs} runs, {cancellations} cancellations");
    }

    private async Task<CountingTask[]> CalledOnceARound(CountingTask[][] tasks, int rounds)
    {
        await Loop.Turn();
        CountingTask[] all = [.. tasks.SelectMany(static own => own)];
        Assert.All(all, static task => Assert.Equal(0, task.Wrongs));
        Assert.All(all, task => Assert.Equal(rounds, task.Calls));
        return all;
    }

    private CountingTask[] NewTasks() => [.. Enumerable.Range(0, Batch).Select(_ => new CountingTask(Loop))];

    private void Schedule(IoTask task, int way)
    {
        if (way == 0)
        {
            Loop.ScheduleSerialized(task);
        }
        else if (way < 4)
        {
            Loop.Schedule(task);
        }
        else if (way < 7)
        {
            Loop.ScheduleAt(task, Loop.CurrentTime + (way * 20_000));
        }
        else
        {
            Loop.ScheduleAt(task, long.MaxValue);
        }
    }

    private sealed class OrderedTask(Action<long> then) : IoTask
    {
        internal long Number { get; set; }

        protected override void Run(IoTaskStatus status) => then(Number);
    }
}

public sealed class ManualSchedulingStressTests : SchedulingStressTests
{
    internal override LoopBackend Backend => ManualBackend.Instance;
}

public sealed class KqueueSchedulingStressTests : SchedulingStressTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

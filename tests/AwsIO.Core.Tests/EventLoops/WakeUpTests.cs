using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops;

public class WakeUpTests : LoopTest
{
    /// <remarks>
    /// While a loop detects blocking calls, each lock that it has to wait for costs it a stack trace: too much for twenty thousand tasks
    /// that all want the semaphore's.
    /// </remarks>
    protected override void ConfigureLoops(EventLoopGroupOptions options) => options.DetectBlockingCalls = false;

    [Fact]
    public async Task A_loop_that_is_awake_is_not_woken()
    {
        using HeldLoop held = await Loop.Hold();
        long before = Loop.WakeUps;
        RecordingTask[] tasks = [.. Enumerable.Range(0, 1000).Select(static _ => new RecordingTask())];
        foreach (RecordingTask task in tasks)
        {
            Loop.Schedule(task);
            Loop.Cancel(tasks[0]);
        }

        Assert.Equal(before, Loop.WakeUps);
        held.Dispose();
        await tasks[^1].Called.Within();
        Assert.All(tasks, static task => Assert.Equal(1, task.Calls));
    }

    [Fact]
    public async Task A_loop_that_schedules_on_itself_is_not_woken()
    {
        await Loop.Turn();
        long before = await Loop.Call(() => Loop.WakeUps);
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        long inside = -1;
        RecordingTask task = new((self, _) =>
        {
            if (self.Calls < 1000)
            {
                Loop.ScheduleSerialized(self);
            }
            else
            {
                inside = Loop.WakeUps;
                done.SetResult();
            }
        });
        Loop.Schedule(task);
        await done.Task.Within();
        Assert.InRange(inside - before, 0, 1);
    }

    /// <remarks>A loop sleeps once a tick at most: so many writes may wake it, however many tasks come meanwhile.</remarks>
    [Fact]
    public async Task Bursts_of_several_threads_wake_a_sleeping_loop_at_most_once_for_each_sleep()
    {
        const int threads = 4;
        const int bursts = 100;
        const int each = 100;
        int calls = 0;
        (long WakeUps, long Ticks) before = await Loop.Call(() => (Loop.WakeUps, Loop.Ticks));
        using Barrier barrier = new(threads, _ => Waiting.Until(() => !Loop.IsAwake, "The loop sleeps"));
        await Task.WhenAll(Enumerable.Range(0, threads).Select(_ => Task.Factory.StartNew(
            () =>
            {
                for (int burst = 0; burst < bursts; burst++)
                {
                    IoTask[] tasks = [.. Enumerable.Range(0, each).Select(_ => IoTask.Create((_, _) => calls++, 0))];
                    Assert.True(barrier.SignalAndWait(Waiting.Limit));
                    foreach (IoTask task in tasks)
                    {
                        Loop.Schedule(task);
                    }
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default))).Within();

        Waiting.Until(() => Volatile.Read(ref calls) == threads * bursts * each, "All tasks are called");

        // On the loop, as before: a moment at which it does not sleep.
        (long WakeUps, long Ticks) after = await Loop.Call(() => (Loop.WakeUps, Loop.Ticks));
        Assert.InRange(after.WakeUps - before.WakeUps, 1, after.Ticks - before.Ticks);
    }

    [Fact]
    public async Task No_wake_up_is_lost_when_two_threads_hand_a_task_to_and_fro()
    {
        // The loop is about to sleep whenever the next task comes: a lost wake-up would hang here.
        using SemaphoreSlim ran = new(0);
        IoTask task = IoTask.Create(static (semaphore, _) => semaphore.Release(), ran);
        await Task.Run(() =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                Loop.Schedule(task);
                Assert.True(ran.Wait(Waiting.Limit), "A wake-up was lost.");
            }
        }).Within();
    }
}

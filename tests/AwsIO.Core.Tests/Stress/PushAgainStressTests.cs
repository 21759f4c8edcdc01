using AwsIO.Native.Platform;
using AwsIO.Tests.EventLoops.Manual;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Kqueue;

namespace AwsIO.Tests.Stress;

/// <summary>Few tasks, each scheduled again the moment it was called, on a loop that never sleeps.</summary>
public class PushAgainStressTests : StressTest
{
    /// <remarks>
    /// A thread that has seen a task at the head of the way in may lose the processor until that task was taken, called and pushed again:
    /// then the same task is at the head, and nothing that the thread has read of it holds any more. The task that schedules itself keeps
    /// the loop awake, and comes by the same way in as the others' each time.
    /// </remarks>
    [Theory(Explicit = true)]
    [InlineData(3, 1)]
    [InlineData(3, 2)]
    [InlineData(5, 3)]
    [InlineData(8, 1)]
    public async Task A_task_that_is_pushed_again_the_moment_it_was_called_is_called_each_time(int threads, int tasksOfEach)
    {
        int rounds = Rounds;
        CountingTask[][] tasks =
            [.. Enumerable.Range(0, threads).Select(_ => Enumerable.Range(0, tasksOfEach).Select(_ => new CountingTask(Loop)).ToArray())];
        long scheduled = 0;
        long called = 0;
        bool isOver = false;
        IoTask restless = null!;
        restless = new RecordingTask((_, status) =>
        {
            called++;
            if (status == IoTaskStatus.Run && !Volatile.Read(ref isOver))
            {
                scheduled++;
                Loop.ScheduleSerialized(restless);
            }
        });
        scheduled++;
        Loop.ScheduleSerialized(restless);
        try
        {
            await OnThreads(
                thread =>
                {
                    int[] calls = new int[tasksOfEach];
                    for (int i = 0; i < rounds; i++)
                    {
                        int which = i % tasksOfEach;
                        CountingTask task = tasks[thread][which];
                        Loop.Schedule(task);
                        calls[which]++;

                        // The one that was scheduled longest ago comes next.
                        which = (i + 1) % tasksOfEach;
                        CountingTask next = tasks[thread][which];
                        int expected = calls[which];
                        Until(() => next.Calls == expected && !next.IsScheduled, "A task is called", s_patience);
                    }
                },
                threads);
        }
        finally
        {
            Volatile.Write(ref isOver, true);
        }

        await Loop.Turn();
        CountingTask[] all = [.. tasks.SelectMany(static own => own)];
        Assert.All(all, static task => Assert.Equal((0, 0), (task.Wrongs, task.Cancellations)));
        Assert.All(tasks, own => Assert.Equal(rounds, own.Sum(static task => task.Runs)));
        Assert.Equal(scheduled, called);
        Assert.False(restless.IsScheduled);
        Assert.Equal(0, await Loop.Call(() => Loop.PendingTasks));
    }

    /// <summary>A task waits for a few others at the most: one that takes longer is lost.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);
}

public sealed class ManualPushAgainStressTests : PushAgainStressTests
{
    internal override LoopBackend Backend => ManualBackend.Instance;
}

public sealed class KqueuePushAgainStressTests : PushAgainStressTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

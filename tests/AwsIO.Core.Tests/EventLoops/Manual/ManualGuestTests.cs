using AwsIO.Testing;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops.Manual;

/// <summary>What a driven loop changes of the thread that drives it, and what it refuses there.</summary>
[Collection(LoopTestCollection.Name)]
public sealed class ManualGuestTests
{
    [Fact]
    public void Callbacks_do_not_see_the_drivers_synchronization_context_and_the_driver_gets_it_back()
    {
        EventLoopGroupOptions options = new() { LoopCount = 2, DetectBlockingCalls = false };
        using ManualLoopGroup loops = new(options, seed: null, hasThreads: false);
        SynchronizationContext? before = SynchronizationContext.Current;
        SynchronizationContext mine = new();
        SynchronizationContext.SetSynchronizationContext(mine);
        try
        {
            List<SynchronizationContext?> seen = [];
            loops[1].Schedule(new RecordingTask((_, _) => seen.Add(SynchronizationContext.Current)));
            loops.RunUntilIdle();
            loops[0].Invoke(() => seen.Add(SynchronizationContext.Current));
            Assert.Throws<FormatException>(() => loops[0].Invoke(static () => throw new FormatException("on purpose")));
            Assert.Equal([null, null], seen);
            Assert.Same(mine, SynchronizationContext.Current);
            Assert.Null(EventLoop.Current);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    [Fact]
    public void A_callback_cannot_dispose_of_its_group_but_may_release_it()
    {
        ManualLoopGroup loops = new();
        bool refused = false;
        loops[0].Schedule(new RecordingTask((_, _) =>
        {
            Assert.Throws<InvalidOperationException>(loops.Dispose);
            refused = true;
            loops.Group.Release();
        }));
        loops.RunUntilIdle();
        Assert.True(refused);
        loops.Dispose();
        Assert.True(loops.Group.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    public void The_condition_that_is_run_for_may_do_what_a_test_may_and_be_it_to_end_the_group()
    {
        ManualLoopGroup loops = new(2, seed: 5);
        int asked = 0;
        RecordingTask task = new();
        loops[0].Schedule(new RecordingTask((_, _) => loops[1].Schedule(task)));
        Assert.True(loops.RunUntil(
            () =>
            {
                asked++;
                Assert.Null(EventLoop.Current);
                Assert.Equal(1, task.Calls);
                loops[1].Invoke(static () => { });
                loops.Dispose();
                return loops.Group.Completion.IsCompleted;
            },
            TimeSpan.Zero));
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task What_other_threads_schedule_and_cancel_waits_for_the_driver()
    {
        using ManualLoopGroup loops = new(2);
        RecordingTask task = new();
        RecordingTask canceled = new();
        await Task.Run(() =>
        {
            loops[1].Schedule(task);
            loops[0].ScheduleAfter(canceled, TimeSpan.FromHours(1));
            loops[0].Cancel(canceled);
        });
        Assert.Equal(0, task.Calls + canceled.Calls);

        loops.RunUntilIdle();
        Assert.Equal((1, 1), (task.Calls, canceled.Calls));
        Assert.Equal(IoTaskStatus.Canceled, await canceled.Called);
        Assert.Equal(Thread.CurrentThread, task.Thread);
    }

    [Fact]
    public void Nobody_watches_loops_without_real_time()
    {
        using ManualLoopGroup loops = new();
        loops.RunUntilIdle();
        Assert.Null(loops.Group.Watch);
    }

    [Fact]
    public void Loops_with_threads_of_their_own_are_driven_by_nobody_else()
    {
        ManualLoopGroup loops = new(new EventLoopGroupOptions { LoopCount = 1 }, seed: 1, hasThreads: true);
        Assert.Throws<InvalidOperationException>(() => loops.RunUntilIdle());
        Assert.Throws<InvalidOperationException>(() => loops.Advance(TimeSpan.FromSeconds(1)));
        Assert.Throws<InvalidOperationException>(() => loops[0].Invoke(static () => { }));
        loops.Dispose();
    }
}

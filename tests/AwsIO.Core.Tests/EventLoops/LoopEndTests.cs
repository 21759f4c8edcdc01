using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops;

public sealed class LoopEndTests : LoopTest
{
    [Fact]
    [Trait("Upstream", "event_loop_canceled_tasks_run_in_el_thread")]
    public async Task Ending_a_loop_cancels_near_and_far_tasks_on_its_thread()
    {
        RecordingTask far = new();
        RecordingTask near = new();
        Thread thread = await Loop.Call(() => Thread.CurrentThread);
        using (await Loop.Hold())
        {
            Loop.ScheduleAfter(far, TimeSpan.FromHours(1));
            Loop.Schedule(near);
            Loop.Stop();
        }

        await Group.DisposeAsync().Within();

        Assert.Equal(IoTaskStatus.Canceled, await far.Called.Within());
        Assert.True(near.Called.IsCompleted);
        Assert.Same(Loop, far.CalledOn);
        Assert.Same(Loop, near.CalledOn);
        Assert.NotNull(thread);
        Assert.Equal(1, far.Calls);
        Assert.Equal(1, near.Calls);
    }

    [Fact]
    public async Task What_a_canceled_task_schedules_is_canceled_too_on_the_loop()
    {
        RecordingTask serialized = new();
        RecordingTask now = new();
        RecordingTask timer = new((_, _) => Loop.ScheduleSerialized(serialized));
        RecordingTask first = new((_, status) =>
        {
            Assert.Equal(IoTaskStatus.Canceled, status);
            Loop.Schedule(now);
            Loop.ScheduleAfter(timer, TimeSpan.FromMinutes(1));
        });
        Loop.ScheduleAfter(first, TimeSpan.FromHours(1));
        await Loop.Turn();

        await Group.DisposeAsync().Within();

        foreach (RecordingTask task in new[] { first, now, timer, serialized })
        {
            Assert.Equal(IoTaskStatus.Canceled, await task.Called.Within());
            Assert.Same(Loop, task.CalledOn);
            Assert.Equal(1, task.Calls);
        }
    }

    [Fact]
    public async Task On_a_loop_that_has_ended_a_task_is_called_at_once_with_canceled()
    {
        await Group.DisposeAsync().Within();
        RecordingTask now = new();
        RecordingTask serialized = new();
        RecordingTask timer = new();

        Loop.Schedule(now);
        Loop.ScheduleSerialized(serialized);
        Loop.ScheduleAfter(timer, TimeSpan.FromHours(1));

        foreach (RecordingTask task in new[] { now, serialized, timer })
        {
            Assert.True(task.Called.IsCompleted);
            Assert.Equal(IoTaskStatus.Canceled, await task.Called);
            Assert.Same(Thread.CurrentThread, task.Thread);
            Assert.False(task.IsScheduled);
        }
    }

    [Fact]
    public async Task A_subscription_that_stands_is_told_of_the_end_on_the_loop()
    {
        using TestPipe pipe = new();
        RecordingHandler handler = new();
        Assert.Equal(IoError.None, Loop.Subscribe(pipe.Reader, IoEvents.Readable, handler));

        await Group.DisposeAsync().Within();

        Assert.True(await handler.Ending.Within());
        Assert.Equal(0, handler.Count);
    }
}

using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops;

/// <summary>Tasks of a loop's own thread.</summary>
public class OwnTaskTests : LoopTest
{
    [Fact]
    public async Task It_runs_each_time_the_loops_thread_schedules_it()
    {
        const int rounds = 1000;
        int runs = 0;
        TaskCompletionSource over = new(TaskCreationOptions.RunContinuationsAsynchronously);
        IoTask task = null!;
        task = IoTask.CreateFor(
            Loop,
            (loop, status) =>
            {
                Assert.Equal(IoTaskStatus.Run, status);
                Assert.Same(loop, EventLoop.Current);
                Assert.False(task.IsScheduled);
                if (++runs == rounds)
                {
                    over.SetResult();
                    return;
                }

                // Each way in which it can be scheduled.
                switch (runs % 3)
                {
                    case 0:
                        loop.Schedule(task);
                        break;
                    case 1:
                        loop.ScheduleSerialized(task);
                        break;
                    default:
                        loop.ScheduleAt(task, loop.CurrentTime + 1);
                        break;
                }

                Assert.True(task.IsScheduled);
            },
            Loop);
        Assert.False(task.IsScheduled);
        await Loop.Call(() => Loop.Schedule(task));
        await over.Task.Within();
        Assert.Equal(rounds, runs);
    }

    [Fact]
    public async Task Another_thread_cannot_schedule_it_and_is_told_why()
    {
        RecordingTask own = new(Loop);
        foreach (Action schedule in new Action[]
        {
            () => Loop.Schedule(own), () => Loop.ScheduleSerialized(own), () => Loop.ScheduleAfter(own, TimeSpan.Zero),
        })
        {
            InvalidOperationException error = Assert.Throws<InvalidOperationException>(schedule);
            Assert.Contains($"belongs to {Loop.Name} and can be scheduled on its thread only", error.Message, StringComparison.Ordinal);
            Assert.False(own.IsScheduled);
        }

        // Nor while it is scheduled; and that does it no harm.
        await Loop.Call(() => Loop.ScheduleAt(own, long.MaxValue));
        Assert.True(own.IsScheduled);
        Assert.Throws<InvalidOperationException>(() => Loop.Schedule(own));
        Assert.True(own.IsScheduled);
        Loop.Cancel(own);
        Assert.Equal(IoTaskStatus.Canceled, await own.Called.Within());
        Assert.Equal(1, own.Calls);
    }

    [Fact]
    public async Task Another_loop_cannot_have_it()
    {
        await using EventLoopGroup others = Backend.NewGroup();
        EventLoop other = others[0];
        RecordingTask own = new(Loop);
        InvalidOperationException error = await other.Call(() => Assert.Throws<InvalidOperationException>(() => other.Schedule(own)));
        Assert.Contains($"belongs to {Loop.Name} and cannot be scheduled on {other.Name}", error.Message, StringComparison.Ordinal);
        error = await Loop.Call(() => Assert.Throws<InvalidOperationException>(() => other.Schedule(own)));
        Assert.Contains($"belongs to {Loop.Name} and cannot be scheduled on {other.Name}", error.Message, StringComparison.Ordinal);
        error = await other.Call(() => Assert.Throws<InvalidOperationException>(() => Loop.Schedule(own)));
        Assert.Contains("on its thread only", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, own.Calls);

        await Loop.Call(() => Loop.Schedule(own));
        Assert.Equal(IoTaskStatus.Run, await own.Called.Within());
    }

    [Fact]
    public async Task It_cannot_be_scheduled_twice_and_is_called_once()
    {
        RecordingTask own = new(Loop);
        await Loop.Call(() =>
        {
            Loop.Schedule(own);
            InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => Loop.ScheduleAt(own, long.MaxValue));
            Assert.Contains("scheduled already", error.Message, StringComparison.Ordinal);
        });
        Assert.Equal(IoTaskStatus.Run, await own.Called.Within());
        await Loop.Turn();
        Assert.Equal(1, own.Calls);
    }

    [Fact]
    public async Task Any_thread_may_cancel_it()
    {
        RecordingTask own = new(Loop);

        // Nothing to cancel, from either side.
        Loop.Cancel(own);
        await Loop.Call(() => Loop.Cancel(own));
        await Loop.Turn();
        Assert.Equal(0, own.Calls);

        await Loop.Call(() => Loop.ScheduleAt(own, long.MaxValue));
        Loop.Cancel(own);
        Assert.Equal(IoTaskStatus.Canceled, await own.Called.Within());
        Assert.Equal(1, own.Calls);
        Assert.False(own.IsScheduled);

        RecordingTask second = new(Loop);
        await Loop.Call(() =>
        {
            Loop.Schedule(second);
            Loop.Cancel(second);
            Assert.Equal(1, second.Calls);
        });
        Assert.Equal(IoTaskStatus.Canceled, await second.Called.Within());
    }

    [Fact]
    public async Task The_loops_end_cancels_it_once_and_what_it_schedules_then_too()
    {
        EventLoopGroup group = Backend.NewGroup();
        EventLoop loop = group[0];
        RecordingTask second = new(loop);
        RecordingTask first = new(loop, (_, status) =>
        {
            Assert.Equal(IoTaskStatus.Canceled, status);
            loop.Schedule(second);
        });
        await loop.Call(() => loop.ScheduleAt(first, long.MaxValue));
        await group.DisposeAsync();
        Assert.Equal(IoTaskStatus.Canceled, await first.Called.Within());
        Assert.Equal(IoTaskStatus.Canceled, await second.Called.Within());
        Assert.Equal((1, 1), (first.Calls, second.Calls));
        Assert.Throws<InvalidOperationException>(() => loop.Schedule(first));

        // Who cancels what has come too late stands for the loop's thread.
        RecordingTask late = new((_, _) => loop.Schedule(first));
        loop.Schedule(late);
        Assert.Equal(IoTaskStatus.Canceled, await late.Called.Within());
        Waiting.Until(() => first.Calls == 2);
    }

    [Fact]
    public void It_needs_a_loop_and_something_to_run()
    {
        Assert.Throws<ArgumentNullException>("loop", static () => IoTask.CreateFor(null!, static (_, _) => { }, 0));
        Assert.Throws<ArgumentNullException>("run", () => IoTask.CreateFor<int>(Loop, null!, 0));
    }
}

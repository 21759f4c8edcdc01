using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops;

public class CancelBetweenLoopsTests : LoopTest
{
    protected override int LoopCount => 2;

    [Fact]
    [NeedsThreads("One loop runs while the other is in a callback.")]
    public async Task A_task_that_moves_to_another_loop_with_a_cancel_behind_it_belongs_to_that_loop()
    {
        EventLoop first = Group[0];
        EventLoop second = Group[1];
        RecordingTask probe = new();
        RecordingTask task = new((self, _) =>
        {
            if (self.Calls == 1)
            {
                // Its cancel queue holds the task still when the second loop is asked to cancel it.
                second.ScheduleAfter(self, TimeSpan.FromHours(1));
                second.Schedule(probe);
                Assert.Equal(IoTaskStatus.Run, OnPurpose.Block(() => probe.Called.Within().GetAwaiter().GetResult()));
                second.Cancel(self);
            }
        });
        HeldLoop held = new();
        await first.Call(() =>
        {
            first.Schedule(held);
            first.Schedule(task);
        });
        await held.Reached.Within();
        first.Cancel(task);
        held.Dispose();

        Assert.Equal(IoTaskStatus.Canceled, await task.Called.Within());
        await first.Turn();
        Waiting.Until(() => task.Calls == 2);
        Assert.Same(second, task.CalledOn);
    }

    [Fact]
    public async Task A_cancel_that_a_task_left_behind_on_another_loop_does_not_reach_its_next_use()
    {
        EventLoop first = Group[0];
        EventLoop second = Group[1];
        RecordingTask task = new((self, _) =>
        {
            if (self.Calls == 1)
            {
                second.ScheduleAfter(self, TimeSpan.FromHours(1));
            }
        });
        second.ScheduleAfter(task, TimeSpan.FromHours(1));

        // The first loop's queue has it from a use before, and is just being emptied: step by step what both loops' threads do then.
        Assert.True(task.MarkCancelAsked());
        int use = task.MarkLeftCancelQueue();
        await second.Call(() => second.Cancel(task));
        Assert.Equal(1, task.Calls);
        await first.Call(() => first.CancelAsAsked(task, use));

        await second.Turn();
        Assert.Equal(1, task.Calls);
        Assert.True(task.IsScheduled);
        second.Cancel(task);
        await second.Turn();
        Assert.Equal(2, task.Calls);
    }

    [Fact]
    public async Task A_cancel_that_an_ended_loop_still_has_reaches_the_loop_that_the_task_moved_to()
    {
        RecordingTask task = new();
        await Group.DisposeAsync().Within();
        await using EventLoopGroup other = Backend.NewGroup();
        other[0].ScheduleAfter(task, TimeSpan.FromHours(1));

        // The ended loop is asked, as when the task was its own; nobody but the caller looks at its queue.
        Loop.Cancel(task);

        await other[0].Turn();
        Assert.Equal(1, task.Calls);
        Assert.Same(other[0], task.CalledOn);
    }

    [Fact]
    public async Task A_task_that_an_ending_loop_canceled_can_be_canceled_on_another_loop()
    {
        RecordingTask task = new();

        // The cancel is asked for when the loop will not look at it any more before it ends.
        using (await Loop.Hold())
        {
            Loop.ScheduleAfter(task, TimeSpan.FromHours(2));
            Loop.BeginEnd();
            Loop.Cancel(task);
        }

        await Group.DisposeAsync().Within();
        Assert.Equal(1, task.Calls);

        await using EventLoopGroup other = Backend.NewGroup();
        other[0].ScheduleAfter(task, TimeSpan.FromHours(1));
        other[0].Cancel(task);
        await other[0].Turn();
        Assert.Equal(2, task.Calls);
    }
}

using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops;

public class CancelTests : LoopTest
{
    [Fact]
    public async Task On_the_loop_a_cancel_calls_the_task_before_it_returns()
    {
        await Loop.Call(() =>
        {
            RecordingTask ready = new();
            RecordingTask timer = new();
            Loop.Schedule(ready);
            Loop.ScheduleAfter(timer, TimeSpan.FromHours(1));

            Loop.Cancel(ready);
            Loop.Cancel(timer);

            Assert.Equal(IoTaskStatus.Canceled, ready.Called.Result);
            Assert.Equal(IoTaskStatus.Canceled, timer.Called.Result);
        });
    }

    [Fact]
    public async Task On_the_loop_a_task_that_is_still_on_its_way_from_another_thread_is_canceled_at_once()
    {
        RecordingTask task = new();
        await Loop.Call(() =>
        {
            Thread other = new(() => Loop.Schedule(task));
            other.Start();
            OnPurpose.Block(other.Join);
            Loop.Cancel(task);
            Assert.Equal(IoTaskStatus.Canceled, task.Called.Result);
        });

        await Loop.Turn();
        Assert.Equal(1, task.Calls);
    }

    [Fact]
    public async Task A_timer_canceled_from_another_thread_is_called_once_with_canceled_on_the_loop()
    {
        RecordingTask task = new();
        Loop.ScheduleAfter(task, TimeSpan.FromHours(1));

        Loop.Cancel(task);
        Loop.Cancel(task);

        Assert.Equal(IoTaskStatus.Canceled, await task.Called.Within());
        Loop.Cancel(task);
        await Loop.Turn();
        Assert.Equal(1, task.Calls);
        Assert.Same(Loop, task.CalledOn);
    }

    [Fact]
    public async Task Canceling_an_idle_task_does_nothing()
    {
        RecordingTask task = new();
        Loop.Cancel(task);
        await Loop.Call(() => Loop.Cancel(task));
        await Loop.Turn();
        Assert.Equal(0, task.Calls);

        Loop.Schedule(task);
        Assert.Equal(IoTaskStatus.Run, await task.Called.Within());
    }

    [Fact]
    public async Task A_cancel_that_comes_after_the_call_does_not_reach_the_tasks_next_use()
    {
        List<IoTaskStatus> statuses = [];
        RecordingTask task = new((_, status) => statuses.Add(status));
        using (await Loop.Hold())
        {
            Loop.Schedule(task);
            Loop.Cancel(task);
        }

        await task.Called.Within();
        await Loop.Turn();
        Loop.Schedule(task);
        await Loop.Turn();

        Assert.Equal([IoTaskStatus.Canceled, IoTaskStatus.Run], statuses);
    }

    [Fact]
    public async Task A_canceled_task_may_be_scheduled_again_from_its_own_call()
    {
        RecordingTask task = new((self, status) =>
        {
            if (status == IoTaskStatus.Canceled)
            {
                Loop.Schedule(self);
            }
        });
        Loop.ScheduleAfter(task, TimeSpan.FromHours(1));

        Loop.Cancel(task);

        Assert.Equal(IoTaskStatus.Canceled, await task.Called.Within());
        await Loop.Turn();
        Assert.Equal(2, task.Calls);
        Assert.False(task.IsScheduled);
    }

    [Fact]
    public async Task Any_task_of_a_tick_can_cancel_the_others_of_that_tick()
    {
        RecordingTask[] tasks = new RecordingTask[5];
        IoTaskStatus[] statuses = new IoTaskStatus[5];
        for (int i = 0; i < tasks.Length; i++)
        {
            int number = i;
            tasks[i] = new RecordingTask((_, status) =>
            {
                statuses[number] = status;
                if (number == 2)
                {
                    foreach (RecordingTask task in tasks)
                    {
                        Loop.Cancel(task);
                    }
                }
            });
        }

        await Loop.Call(() => Array.ForEach(tasks, Loop.Schedule));
        await Loop.Turn();

        Assert.All(tasks, static task => Assert.Equal(1, task.Calls));
        Assert.Equal(
            [IoTaskStatus.Run, IoTaskStatus.Run, IoTaskStatus.Run, IoTaskStatus.Canceled, IoTaskStatus.Canceled], statuses);
    }
}

using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops;

public class TimerTests : LoopTest
{
    [Fact]
    public async Task Timers_of_one_deadline_run_in_the_order_of_the_calls()
    {
        List<int> order = [];
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        long deadline = Loop.CurrentTime + 20_000_000;
        for (int i = 0; i < 500; i++)
        {
            Loop.ScheduleAt(IoTask.Create(static (state, _) => state.order.Add(state.i), (order, i)), deadline);
        }

        Loop.ScheduleAt(new RecordingTask((_, _) => done.SetResult()), deadline);
        await done.Task.Within();

        Assert.Equal(Enumerable.Range(0, 500), order);
    }

    [Fact]
    public async Task Timers_run_by_deadline_whatever_the_order_of_the_calls()
    {
        List<long> order = [];
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        long[] delays = [.. Enumerable.Range(1, 500).Select(static i => i * 10_000L)];
        long[] expected = [.. delays];
        new Random(7).Shuffle(delays);
        long start = Loop.CurrentTime;
        await Loop.Call(() =>
        {
            foreach (long delay in delays)
            {
                Loop.ScheduleAt(IoTask.Create(static (state, _) => state.order.Add(state.delay), (order, delay)), start + delay);
            }

            Loop.ScheduleAt(new RecordingTask((_, _) => done.SetResult()), start + expected[^1] + 1);
        });
        await done.Task.Within();

        Assert.Equal(expected, order);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1_000)]
    [InlineData(300_000)]
    [InlineData(999_999)]
    [InlineData(1_000_001)]
    [InlineData(7_654_321)]
    public async Task A_timer_never_fires_before_its_deadline(long delay)
    {
        for (int i = 0; i < 20; i++)
        {
            RecordingTask task = new();
            long deadline = Loop.CurrentTime + delay;
            Loop.ScheduleAt(task, deadline);

            Assert.Equal(IoTaskStatus.Run, await task.Called.Within());
            Assert.True(task.Time >= deadline, $"{deadline - task.Time} ns early");
        }
    }

    [Fact]
    public async Task A_deadline_in_the_past_at_zero_or_below_means_the_next_tick()
    {
        foreach (long deadline in new[] { 0, -1, long.MinValue, 1, Loop.CurrentTime - 1_000_000_000 })
        {
            RecordingTask task = new();
            Loop.ScheduleAt(task, deadline);
            Assert.Equal(IoTaskStatus.Run, await task.Called.Within());
        }

        RecordingTask negative = new();
        Loop.ScheduleAfter(negative, TimeSpan.MinValue);
        Assert.Equal(IoTaskStatus.Run, await negative.Called.Within());
    }

    [Fact]
    public async Task A_timer_at_the_end_of_time_waits_without_overflow_and_can_be_canceled()
    {
        RecordingTask[] tasks = [new(), new(), new(), new()];
        Loop.ScheduleAt(tasks[0], long.MaxValue);
        Loop.ScheduleAt(tasks[1], long.MaxValue - 1);
        Loop.ScheduleAfter(tasks[2], Timeout.InfiniteTimeSpan);
        Loop.ScheduleAfter(tasks[3], TimeSpan.MaxValue);
        await Loop.Turn();

        Assert.All(tasks, static task => Assert.Equal(0, task.Calls));
        foreach (RecordingTask task in tasks)
        {
            Loop.Cancel(task);
            Assert.Equal(IoTaskStatus.Canceled, await task.Called.Within());
        }
    }

    [Fact]
    public async Task An_earlier_timer_from_another_thread_shortens_the_loops_wait()
    {
        RecordingTask late = new();
        RecordingTask early = new();
        Loop.ScheduleAfter(late, TimeSpan.FromHours(1));
        await Loop.Turn();

        Loop.ScheduleAfter(early, TimeSpan.FromMilliseconds(2));

        Assert.Equal(IoTaskStatus.Run, await early.Called.Within());
        Assert.Equal(0, late.Calls);
        Loop.Cancel(late);
        Assert.Equal(IoTaskStatus.Canceled, await late.Called.Within());
    }

    [Fact]
    public async Task What_is_ready_runs_before_timers_that_are_due()
    {
        List<string> order = [];
        using (HeldLoop held = await Loop.Hold())
        {
            Loop.ScheduleAt(IoTask.Create(static (list, _) => list.Add("timer"), order), Loop.CurrentTime);
            Loop.Schedule(IoTask.Create(static (list, _) => list.Add("now"), order));
        }

        await Loop.Turn();
        Assert.Equal(["now", "timer"], order);
    }
}

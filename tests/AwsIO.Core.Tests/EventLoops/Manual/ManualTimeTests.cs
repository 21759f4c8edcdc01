using AwsIO.Testing;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops.Manual;

/// <summary>The virtual clock: it stands still unless a test lets time go by, and then stops at every timer.</summary>
[Collection(LoopTestCollection.Name)]
public sealed class ManualTimeTests
{
    [Fact]
    public void Each_timer_runs_at_its_own_moment_and_so_does_what_follows_from_it()
    {
        using ManualLoopGroup loops = new(2);
        long start = loops.CurrentTime;
        List<string> trace = [];
        void At(int loop, string name, int milliseconds, Action? then = null) => loops[loop].ScheduleAt(
            new RecordingTask((task, _) =>
            {
                trace.Add($"{name} {(task.Time - start) / 1e6}");
                Assert.Equal(task.Time, loops.CurrentTime);
                then?.Invoke();
            }),
            start + (milliseconds * 1_000_000L));

        At(1, "d", 20);
        At(0, "a", 10, () => At(1, "b", 15, () => At(0, "late", 10)));
        At(1, "c", 20);
        At(0, "never", 31);
        loops.Advance(TimeSpan.FromMilliseconds(30));

        Assert.Equal(["a 10", "b 15", "late 15", "d 20", "c 20"], trace);
        Assert.Equal(start + 30_000_000, loops.CurrentTime);
        Assert.Equal(loops.CurrentTime, loops[0].CurrentTime);
        loops.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("never 31", trace[^1]);
    }

    [Fact]
    public void Time_does_not_go_by_otherwise()
    {
        using ManualLoopGroup loops = new();
        RecordingTask soon = new();
        RecordingTask now = new();
        loops[0].ScheduleAt(soon, loops.CurrentTime + 1);
        loops[0].ScheduleAt(now, loops.CurrentTime);
        loops.RunUntilIdle();
        loops.Advance(TimeSpan.Zero);
        Assert.Equal((0, 1), (soon.Calls, now.Calls));
        Assert.Throws<ArgumentOutOfRangeException>(() => loops.Advance(TimeSpan.FromTicks(-1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => loops.Advance(Timeout.InfiniteTimeSpan));
        loops.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(1, soon.Calls);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Of_many_timers_near_and_far_each_runs_exactly_when_it_is_due(int seed)
    {
        using ManualLoopGroup loops = new(3, seed);
        Random random = new(seed);
        long start = loops.CurrentTime;
        List<(RecordingTask Task, long Deadline)> timers = [];
        for (int i = 0; i < 600; i++)
        {
            // From a nanosecond to two hours, each order of magnitude alike.
            long deadline = start + (long)Math.Exp(random.NextDouble() * Math.Log(7.2e12));
            RecordingTask task = new();
            loops[i % 3].ScheduleAt(task, deadline);
            timers.Add((task, deadline));
        }

        // Before it is over, and not by whole spans.
        for (int i = 0; i < 100; i++)
        {
            loops.Advance(TimeSpan.FromTicks(random.NextInt64(1, 720_000_000)));
            Assert.All(timers, timer => Assert.Equal(timer.Deadline <= loops.CurrentTime ? 1 : 0, timer.Task.Calls));
        }

        loops.Advance(TimeSpan.FromHours(2));
        Assert.All(timers, static timer => Assert.Equal(timer.Deadline, timer.Task.Time));
    }

    [Fact]
    public void A_year_of_hourly_work_takes_as_many_turns_as_hours()
    {
        using ManualLoopGroup loops = new();
        int hours = 0;
        loops[0].ScheduleAfter(
            new RecordingTask((task, status) =>
            {
                if (status == IoTaskStatus.Run)
                {
                    hours++;
                    loops[0].ScheduleAfter(task, TimeSpan.FromHours(1));
                }
            }),
            TimeSpan.FromHours(1));
        loops.Advance(TimeSpan.FromDays(365));
        Assert.Equal(365 * 24, hours);
    }

    [Fact]
    public void The_end_of_time_is_reached_without_overflow()
    {
        using ManualLoopGroup loops = new();
        RecordingTask never = new();
        loops[0].ScheduleAfter(never, Timeout.InfiniteTimeSpan);
        loops.Advance(TimeSpan.FromDays(100 * 365));
        Assert.Equal(0, never.Calls);
        loops[0].Cancel(never);
        loops.RunUntilIdle();
        Assert.Equal(1, never.Calls);
    }

    [Fact]
    public void Running_until_something_holds_stops_at_the_first_moment_at_which_it_does()
    {
        using ManualLoopGroup loops = new(2);
        long start = loops.CurrentTime;
        int ticks = 0;
        loops[1].ScheduleAfter(
            new RecordingTask((task, status) =>
            {
                if (status == IoTaskStatus.Run)
                {
                    ticks++;
                    loops[1].ScheduleAfter(task, TimeSpan.FromSeconds(1));
                }
            }),
            TimeSpan.FromSeconds(1));

        Assert.True(loops.RunUntil(static () => true, TimeSpan.Zero));
        Assert.Equal(start, loops.CurrentTime);
        Assert.True(loops.RunUntil(() => ticks == 5, TimeSpan.FromSeconds(5)));
        Assert.Equal(start + 5_000_000_000, loops.CurrentTime);

        // The limit counts from the call; what is due beyond it does not run.
        Assert.False(loops.RunUntil(() => ticks == 8, TimeSpan.FromSeconds(2.5)));
        Assert.Equal(7, ticks);
        Assert.InRange(loops.CurrentTime, start + 7_000_000_000, start + 7_500_000_000);
        Assert.True(loops.RunUntil(() => ticks == 100, Timeout.InfiniteTimeSpan));
    }

    [Fact]
    public void Running_until_something_holds_that_nothing_could_bring_about_ends()
    {
        using ManualLoopGroup loops = new(2);
        RecordingTask task = new();
        loops[0].ScheduleAfter(task, TimeSpan.FromMinutes(1));
        loops[1].ScheduleAfter(new RecordingTask(), Timeout.InfiniteTimeSpan);
        Assert.False(loops.RunUntil(static () => false, Timeout.InfiniteTimeSpan));
        Assert.Equal(1, task.Calls);
    }
}

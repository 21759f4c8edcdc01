using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops;

/// <summary>Loops whose time is a test's.</summary>
public sealed class ClockTests : LoopTest
{
    private readonly VirtualClock _clock = new();

    internal override LoopBackend Backend => new Clocked(_clock);

    [Fact]
    public async Task A_timer_fires_when_the_clock_reaches_it_and_not_before()
    {
        RecordingTask timer = new();
        long deadline = Loop.CurrentTime + 10_000_000_000;
        Loop.ScheduleAt(timer, deadline);
        _clock.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromTicks(1));
        await Loop.Turn();
        await Loop.Turn();
        Assert.Equal(0, timer.Calls);

        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(IoTaskStatus.Run, await timer.Called.Within());
        Assert.Equal(deadline, timer.Time);
    }

    [Fact]
    public async Task An_advanced_clock_wakes_a_loop_that_sleeps()
    {
        RecordingTask timer = new();
        Loop.ScheduleAfter(timer, TimeSpan.FromMilliseconds(1));
        Waiting.Until(() => _clock.Waiting == 1);
        await Loop.Turn();
        Waiting.Until(() => _clock.Waiting == 1);
        Assert.Equal(0, timer.Calls);

        _clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(IoTaskStatus.Run, await timer.Called.Within());
    }

    [Fact]
    public async Task A_clock_that_goes_on_while_the_loop_goes_to_sleep_is_not_missed()
    {
        for (int round = 0; round < 2000; round++)
        {
            RecordingTask timer = new();
            Loop.ScheduleAfter(timer, TimeSpan.FromTicks(20));

            // Exactly as far as the deadline: a timer that is set a step too late is never reached.
            for (int step = 0; step < 20; step++)
            {
                _clock.Advance(TimeSpan.FromTicks(1));
            }

            Assert.Equal(IoTaskStatus.Run, await timer.Called.Within());
        }
    }

    [Fact]
    public async Task Timers_fire_by_deadline_however_far_the_clock_jumps()
    {
        List<int> order = [];
        List<RecordingTask> timers = [.. Enumerable.Range(0, 50).Select(number => new RecordingTask((_, _) => order.Add(number)))];
        long start = Loop.CurrentTime;
        await Loop.Call(() =>
        {
            for (int i = 49; i >= 0; i--)
            {
                Loop.ScheduleAt(timers[i], start + (i * 60_000_000_000L));
            }
        });
        _clock.Advance(TimeSpan.FromDays(1));
        await Task.WhenAll(timers.Select(static timer => timer.Called)).Within();
        Assert.Equal(Enumerable.Range(0, 50), order);
    }

    [Fact]
    public async Task A_timer_further_away_than_the_clocks_own_timers_reach_fires_at_its_moment()
    {
        RecordingTask timer = new();
        Loop.ScheduleAfter(timer, TimeSpan.FromDays(120));
        for (int day = 0; day < 120; day += 40)
        {
            await Loop.Turn();
            Assert.Equal(0, timer.Calls);
            _clock.Advance(TimeSpan.FromDays(40));
        }

        Assert.Equal(IoTaskStatus.Run, await timer.Called.Within());
    }

    [Theory]
    [InlineData(10_000_000)]
    [InlineData(1_000_000_000)]
    [InlineData(1_000)]
    [InlineData(24_000_000)]
    public async Task The_loops_time_is_the_clocks_in_nanoseconds(long frequency)
    {
        VirtualClock clock = new(frequency);
        await using EventLoopGroup group = new Clocked(clock).NewGroup();
        Assert.Equal(3600_000_000_000, group[0].CurrentTime);
        clock.Advance(TimeSpan.FromMilliseconds(250));
        Assert.Equal(3600_250_000_000, group[0].CurrentTime);
        Assert.Equal(3600_250_000_000, await group[0].Call(() => group[0].CurrentTime));
    }

    /// <remarks>A deadline before zero was taken for now. Ticks of dates, which a fake clock counts in, wrap to such in some centuries.</remarks>
    [Theory]
    [InlineData(-1)]
    [InlineData(2100 * 365)]
    [InlineData(9999 * 365)]
    public async Task A_timer_never_fires_early_wherever_the_clock_starts(int days)
    {
        VirtualClock clock = new(start: TimeSpan.FromDays(days));
        await using EventLoopGroup group = new Clocked(clock).NewGroup();
        EventLoop loop = group[0];
        long start = loop.CurrentTime;
        RecordingTask day = new();
        RecordingTask century = new();
        loop.ScheduleAfter(day, TimeSpan.FromDays(1));
        loop.ScheduleAfter(century, TimeSpan.FromDays(36_500));
        await loop.Turn();
        clock.Advance(TimeSpan.FromDays(1) - TimeSpan.FromTicks(1));
        await loop.Turn();
        Assert.Equal(0, day.Calls);

        clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(IoTaskStatus.Run, await day.Called.Within());
        Assert.Equal(24 * 3600 * 1_000_000_000L, loop.CurrentTime - start);
        Assert.Equal(0, century.Calls);
    }

    [Fact]
    public async Task The_load_counts_in_the_clocks_time_and_is_forgotten_after_ten_seconds()
    {
        await Loop.Turn();
        Assert.Equal(0, Loop.LoadFactor);
        await Loop.Call(() => _clock.Advance(TimeSpan.FromSeconds(1.5)));
        await Loop.Turn();
        Assert.Equal(1_500_000_000, Loop.LoadFactor);

        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(1_500_000_000, Loop.LoadFactor);
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(0, Loop.LoadFactor);
    }

    [Fact]
    public async Task A_groups_end_lets_go_of_the_clock()
    {
        VirtualClock clock = new();
        EventLoopGroup group = new Clocked(clock).NewGroup(2);
        RecordingTask timer = new();
        group[0].ScheduleAfter(timer, TimeSpan.FromSeconds(1));
        await group[0].Turn();
        Assert.Equal(2, clock.Timers);
        await group.DisposeAsync().Within();
        Assert.Equal(0, clock.Timers);
        Assert.Equal(IoTaskStatus.Canceled, await timer.Called.Within());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_clock_that_counts_nothing_is_refused(long frequency)
    {
        ArgumentException refused = Assert.Throws<ArgumentException>(
            () => new EventLoopGroup(new EventLoopGroupOptions { Clock = new VirtualClock(frequency) }));
        Assert.Contains("TimestampFrequency", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_systems_own_clock_needs_no_timer()
    {
        Assert.Null(LoopClock.Of(TimeProvider.System, Loop));
        Assert.Null(LoopClock.Of(null, Loop));
    }

    private sealed class Clocked(VirtualClock clock) : LoopBackend
    {
        internal override EventLoopGroup NewGroup(EventLoopGroupOptions options)
        {
            options.Clock = clock;
            return base.NewGroup(options);
        }
    }
}

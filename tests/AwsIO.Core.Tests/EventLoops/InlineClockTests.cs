using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops;

/// <summary>
/// A clock may call its timer inside the very call that sets it, on the loop's own thread. The loop must not sleep through that.
/// </summary>
public sealed class InlineClockTests : LoopTest
{
    private readonly InlineClock _clock = new();

    internal override LoopBackend Backend => new Clocked(_clock);

    [Fact]
    public async Task A_clock_that_jumps_to_each_timer_as_it_is_set_runs_them_all()
    {
        _clock.Jumps = true;
        List<int> order = [];
        long start = Loop.CurrentTime;
        RecordingTask[] timers = [.. Enumerable.Range(0, 20).Select(number => new RecordingTask((_, _) => order.Add(number)))];
        await Loop.Call(() =>
        {
            for (int i = 19; i >= 0; i--)
            {
                Loop.ScheduleAt(timers[i], start + ((i + 1) * 3600_000_000_000L));
            }
        });

        await Task.WhenAll(timers.Select(static timer => timer.Called)).Within();
        Assert.Equal(Enumerable.Range(0, 20), order);
        Assert.All(Enumerable.Range(0, 20), i => Assert.True(timers[i].Time >= start + ((i + 1) * 3600_000_000_000L)));
    }

    [Fact]
    public async Task A_call_that_comes_too_early_is_used_up_and_the_timer_is_set_again()
    {
        // Whoever slept through such a call would wait for ever: the clock has nothing left to call.
        for (int round = 0; round < 100; round++)
        {
            _clock.EarlyCalls = 1 + (round % 3);
            RecordingTask timer = new();
            long deadline = Loop.CurrentTime + 1_000_000_000;
            Loop.ScheduleAt(timer, deadline);

            // In this order: the timer may still be set from the last round, where the loop was woken while that round's time passed.
            Waiting.Until(() => _clock.EarlyCalls == 0 && _clock.IsSet);
            Assert.Equal(0, timer.Calls);

            _clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(IoTaskStatus.Run, await timer.Called.Within());
            Assert.True(timer.Time >= deadline);
        }
    }

    private sealed class Clocked(InlineClock clock) : LoopBackend
    {
        internal override EventLoopGroup NewGroup(EventLoopGroupOptions options)
        {
            options.Clock = clock;
            return base.NewGroup(options);
        }
    }

    /// <summary>A clock for one loop, whose time is a test's.</summary>
    private sealed class InlineClock : TimeProvider
    {
        private readonly object _gate = new();
        private TimeSpan _now = TimeSpan.FromHours(1);
        private Action? _call;
        private TimeSpan _due = TimeSpan.MaxValue;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        /// <summary>Whether time goes on to the timer's moment whenever that is set.</summary>
        internal bool Jumps { get; set; }

        /// <summary>How many times more the timer is called when it is set, though its time has not come.</summary>
        internal int EarlyCalls { get; set; }

        /// <summary>Whether the timer is still to be called.</summary>
        internal bool IsSet
        {
            get
            {
                lock (_gate)
                {
                    return _due != TimeSpan.MaxValue;
                }
            }
        }

        public override long GetTimestamp()
        {
            lock (_gate)
            {
                return _now.Ticks;
            }
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Assert.Null(_call);
            Assert.Equal(Timeout.InfiniteTimeSpan, dueTime);
            _call = () => callback(state);
            return new Timer(this);
        }

        internal void Advance(TimeSpan span)
        {
            lock (_gate)
            {
                _now += span;
                if (_due > _now)
                {
                    return;
                }

                _due = TimeSpan.MaxValue;
            }

            _call!();
        }

        private sealed class Timer(InlineClock clock) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                lock (clock._gate)
                {
                    clock._due = clock._now + dueTime;
                    if (clock.Jumps)
                    {
                        clock._now = clock._due;
                    }
                    else if (clock.EarlyCalls == 0)
                    {
                        return true;
                    }
                    else
                    {
                        clock.EarlyCalls--;
                    }

                    clock._due = TimeSpan.MaxValue;
                }

                clock._call!();
                return true;
            }

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => default;
        }
    }
}

namespace AwsIO.Tests.Infrastructure;

/// <summary>A time that stands still but for <see cref="Advance"/>, which calls the timers that become due.</summary>
internal sealed class VirtualClock(long frequency = 10_000_000, TimeSpan? start = null) : TimeProvider
{
    private readonly object _gate = new();
    private readonly List<Timer> _timers = [];
    private TimeSpan _now = start ?? TimeSpan.FromHours(1);

    public override long TimestampFrequency => frequency;

    /// <summary>How many timers wait for a moment.</summary>
    internal int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _timers.Count(static timer => timer.Due != TimeSpan.MaxValue);
            }
        }
    }

    /// <summary>How many timers there are.</summary>
    internal int Timers
    {
        get
        {
            lock (_gate)
            {
                return _timers.Count;
            }
        }
    }

    public override long GetTimestamp()
    {
        lock (_gate)
        {
            return (long)((Int128)_now.Ticks * frequency / TimeSpan.TicksPerSecond);
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Timer timer = new(this, callback, state);
        lock (_gate)
        {
            _timers.Add(timer);
        }

        _ = timer.Change(dueTime, period);
        return timer;
    }

    internal void Advance(TimeSpan span)
    {
        List<Timer> due;
        lock (_gate)
        {
            _now += span;
            due = [.. _timers.Where(timer => timer.Due <= _now).OrderBy(static timer => timer.Due)];
            due.ForEach(static timer => timer.Due = TimeSpan.MaxValue);
        }

        due.ForEach(static timer => timer.Call());
    }

    private sealed class Timer(VirtualClock clock, TimerCallback callback, object? state) : ITimer
    {
        internal TimeSpan Due { get; set; } = TimeSpan.MaxValue;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            // As the runtime's own timers have it.
            ArgumentOutOfRangeException.ThrowIfGreaterThan(dueTime, TimeSpan.FromMilliseconds(uint.MaxValue - 1));
            Assert.Equal(Timeout.InfiniteTimeSpan, period);
            lock (clock._gate)
            {
                Due = dueTime == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : clock._now + dueTime;
                return clock._timers.Contains(this);
            }
        }

        public void Dispose()
        {
            lock (clock._gate)
            {
                _ = clock._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }

        internal void Call() => callback(state);
    }
}

namespace AwsIO;

/// <summary>A loop's time where it is not the system's: a <see cref="TimeProvider"/>'s, such as one of a test.</summary>
/// <remarks>
/// The kernel's waits do not know such a time. So the loop waits without an end, and a timer of the provider's own wakes it when the
/// next task is due by that clock.
/// </remarks>
internal sealed class LoopClock : IDisposable
{
    private const long NanosecondsPerSecond = 1_000_000_000;
    private readonly TimeProvider _provider;
    private readonly long _frequency;

    // The timestamp from which the loop's time counts.
    private readonly long _start;
    private readonly ITimer _timer;

    private LoopClock(TimeProvider provider, EventLoop loop)
    {
        _provider = provider;
        _frequency = provider.TimestampFrequency;

        // Deadlines are not negative, and have to fit: one that counts the ticks of dates would be beyond all nanoseconds.
        long first = provider.GetTimestamp();
        _start = first >= 0 && ToNanoseconds(first) <= long.MaxValue / 2 ? 0 : first;

        // A timer belongs to no caller: the flow of the thread that makes the group must not leak in.
        using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow())
        {
            // The loop's own thread may make the call too: a provider may call a timer inside the very call that sets it.
            _timer = provider.CreateTimer(
                static loop => ((EventLoop)loop!).Wake(), loop, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>
    /// Nanoseconds of the provider's timestamps; where these are negative or do not fit, those since the loop was made.
    /// </summary>
    internal long Now => (long)ToNanoseconds(_provider.GetTimestamp() - _start);

    /// <summary>A clock for a loop; null for the system's own, which needs none of this.</summary>
    internal static LoopClock? Of(TimeProvider? provider, EventLoop loop) =>
        provider is null || ReferenceEquals(provider, TimeProvider.System) ? null : new LoopClock(provider, loop);

    /// <summary>Has the loop woken at a moment, or a little before it.</summary>
    /// <returns>Whether the moment is still to come: if not, there is nothing to wait for.</returns>
    /// <remarks>
    /// A timer takes a delay, not a moment. A clock that went on between its reading and the setting of the timer would make the timer
    /// late by as much, and a clock of a test's that then stands still would never reach it. So the clock is read again afterwards, and
    /// the delay is made shorter until it allows for how much the clock goes on meanwhile.
    /// </remarks>
    internal bool WakeAt(long deadline)
    {
        long slack = 0;
        while (true)
        {
            long before = Now;
            if (before >= deadline)
            {
                return false;
            }

            WakeAfter(Math.Max(deadline - before - slack, 1));
            long after = Now;
            if (after - before <= slack)
            {
                return after < deadline;
            }

            slack = 2 * (after - before);
        }
    }

    public void Dispose() => _timer.Dispose();

    private Int128 ToNanoseconds(long stamp) =>
        _frequency == NanosecondsPerSecond ? stamp : (Int128)stamp * NanosecondsPerSecond / _frequency;

    /// <summary>Sets the timer: rounded up, so that the loop is not woken for nothing.</summary>
    private void WakeAfter(long nanoseconds)
    {
        const long nanosecondsPerTick = 100;

        // The longest delay that a timer takes.
        const long maxMilliseconds = uint.MaxValue - 1;
        TimeSpan delay = TimeSpan.FromTicks(((nanoseconds - 1) / nanosecondsPerTick) + 1);
        TimeSpan longest = TimeSpan.FromMilliseconds(maxMilliseconds);
        _ = _timer.Change(delay > longest ? longest : delay, Timeout.InfiniteTimeSpan);
    }
}

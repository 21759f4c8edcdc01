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
    private readonly ITimer _timer;

    private LoopClock(TimeProvider provider, EventLoop loop)
    {
        _provider = provider;
        _frequency = provider.TimestampFrequency;
        _timer = provider.CreateTimer(
            static loop => ((EventLoop)loop!).WakeForClock(), loop, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Nanoseconds of the provider's timestamps.</summary>
    internal long Now
    {
        get
        {
            long stamp = _provider.GetTimestamp();
            return _frequency == NanosecondsPerSecond ? stamp : (long)((Int128)stamp * NanosecondsPerSecond / _frequency);
        }
    }

    /// <summary>A clock for a loop; null for the system's own, which needs none of this.</summary>
    internal static LoopClock? Of(TimeProvider? provider, EventLoop loop) =>
        provider is null || ReferenceEquals(provider, TimeProvider.System) ? null : new LoopClock(provider, loop);

    /// <summary>Has the loop woken when the time is up: rounded up, so that it is not woken for nothing.</summary>
    internal void WakeAfter(long nanoseconds)
    {
        const long nanosecondsPerTick = 100;

        // The longest delay that a timer takes.
        const long maxMilliseconds = uint.MaxValue - 1;
        TimeSpan delay = TimeSpan.FromTicks(((nanoseconds - 1) / nanosecondsPerTick) + 1);
        TimeSpan longest = TimeSpan.FromMilliseconds(maxMilliseconds);
        _ = _timer.Change(delay > longest ? longest : delay, Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _timer.Dispose();
}

using Microsoft.Extensions.Logging;

namespace AwsIO;

/// <summary>
/// Names callbacks that hold a loop longer than a threshold, while they still do: a callback that never returns is named too.
/// </summary>
/// <remarks>
/// A timer looks at the loops a few times in each threshold. A loop only notes whom it calls, and starts the timer if need be; reading
/// the clock around each callback would cost more than many callbacks do. Where nothing runs, nothing looks.
/// </remarks>
internal sealed class LoopWatch : IDisposable
{
    private const int LooksPerThreshold = 4;
    private const int IdleLooks = 8;

    // A timer takes no period longer than some 49 days.
    private static readonly TimeSpan s_longestPeriod = TimeSpan.FromDays(1);

    private readonly TimeSpan _threshold;
    private readonly TimeSpan _period;
    private readonly ILogger _logger;
    private readonly Timer _timer;
    private EventLoop[] _loops = [];
    private Seen[] _seen = [];
    private int _idleLooks;
    private volatile bool _isLooking;
    private volatile bool _disposed;

    internal LoopWatch(TimeSpan threshold, ILogger logger)
    {
        _threshold = threshold;
        _period = TimeSpan.FromTicks(Math.Min(threshold.Ticks / LooksPerThreshold, s_longestPeriod.Ticks));
        _logger = logger;

        // A timer belongs to no caller: the flow of the thread that makes the group must not leak in.
        using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow())
        {
            _timer = new Timer(static watch => ((LoopWatch)watch!).Look(), this, Timeout.Infinite, Timeout.Infinite);
        }
    }

    internal bool IsLooking => _isLooking;

    /// <summary>Callbacks that were named so far.</summary>
    internal long SlowCallbacks { get; private set; }

    internal void Watch(EventLoop[] loops)
    {
        _seen = new Seen[loops.Length];
        Volatile.Write(ref _loops, loops);
    }

    /// <summary>Begins to look; any loop's thread, when it wakes up.</summary>
    internal void Start()
    {
        _isLooking = true;
        Schedule();
    }

    public void Dispose()
    {
        _disposed = true;
        _timer.Dispose();
    }

    private void Schedule()
    {
        try
        {
            if (!_disposed)
            {
                _ = _timer.Change(_period, Timeout.InfiniteTimeSpan);
            }
        }
        catch (ObjectDisposedException)
        {
            // The group has just ended.
        }
    }

    private void Look()
    {
        EventLoop[] loops = Volatile.Read(ref _loops);
        bool isIdle = true;
        for (int i = 0; i < loops.Length; i++)
        {
            isIdle &= !LookAt(loops[i], ref _seen[i]);
        }

        _idleLooks = isIdle ? _idleLooks + 1 : 0;
        if (_idleLooks < IdleLooks)
        {
            _isLooking = true;
            Schedule();
        }
        else if (_isLooking)
        {
            // One look more: a loop that woke up just before this line has not seen that it should start the timer.
            _isLooking = false;
            Schedule();
        }
    }

    /// <returns>Whether a callback runs.</returns>
    private bool LookAt(EventLoop loop, ref Seen seen)
    {
        long number = loop.CallbackNumber;
        if (loop.RunningCallback is not { } callback)
        {
            seen = default;
            return false;
        }

        long now = IoClock.Now;
        if (!ReferenceEquals(callback, seen.Callback) || number != seen.Number)
        {
            seen = new Seen { Callback = callback, Number = number, Since = now };
        }
        else if (!seen.IsNamed && now - seen.Since >= IoClock.ToNanoseconds(_threshold))
        {
            seen.IsNamed = true;
            SlowCallbacks++;
            long milliseconds = (now - seen.Since) / 1_000_000;
            string name = CallbackName.Of(callback);
            IoLog.SlowCallback(_logger, name, loop.Name, milliseconds);
            IoEventSource.Log.SlowCallback(loop.Name, name, milliseconds);
        }

        return true;
    }

    private struct Seen
    {
        internal object? Callback;
        internal long Number;
        internal long Since;
        internal bool IsNamed;
    }
}

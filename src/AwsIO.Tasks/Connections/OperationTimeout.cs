namespace AwsIO.Tasks;

/// <summary>One side of a connection, of which one operation at a time may wait.</summary>
internal interface ITimedSide
{
    /// <summary>Fails the operation that waits if its time is over. Loop thread.</summary>
    /// <returns>True when it has failed; after false the timer looks at the deadline again.</returns>
    bool Expire(long now);
}

/// <summary>
/// One timer for all reads, or all writes, of a connection: an operation only notes its deadline, and the timer, when it fires, looks whether
/// that has passed or sleeps on. So an operation that is answered in time costs no timer.
/// </summary>
internal sealed class OperationTimeout(ITimedSide side, EventLoop loop)
{
    private TimerTask? _timer;
    private long _deadline = long.MaxValue;

    /// <summary>How long an operation may wait.</summary>
    internal TimeSpan Limit { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>The moment at which the present operation has waited for too long; the largest number for never.</summary>
    internal long Deadline => Volatile.Read(ref _deadline);

    /// <summary>Whether a timer of the loop knows the connection.</summary>
    internal bool HasTimer => Volatile.Read(ref _timer) is { IsScheduled: true };

    /// <summary>An operation is about to wait; any thread.</summary>
    internal void Start()
    {
        if (Limit == Timeout.InfiniteTimeSpan)
        {
            return;
        }

        long deadline = IoClock.After(loop.CurrentTime, Limit);
        Interlocked.Exchange(ref _deadline, deadline);
        TimerTask timer = _timer ?? NewTimer();
        while (!timer.TrySchedule(deadline) && timer.IsLaterThan(deadline))
        {
            // The timeout was made shorter.
            TimerTask late = timer;
            timer = NewTimer();
            loop.Cancel(late);
        }
    }

    /// <summary>The operation waits no longer; any thread.</summary>
    internal void Stop() => Volatile.Write(ref _deadline, long.MaxValue);

    /// <summary>No operation will wait any more: the timer, which would keep all of the connection until it fires, goes. Any thread.</summary>
    internal void CancelTimer()
    {
        if (Volatile.Read(ref _timer) is { IsScheduled: true } timer)
        {
            loop.Cancel(timer);
        }
    }

    /// <summary>What an operation fails with.</summary>
    internal IoException Expired(string what) =>
        new(new IoError(IoErrorCode.SocketTimeout, $"{what} took longer than {Limit.TotalMilliseconds} ms."));

    private TimerTask NewTimer()
    {
        TimerTask timer = new(this, loop);
        Volatile.Write(ref _timer, timer);
        return timer;
    }

    private void OnTimer(TimerTask timer)
    {
        if (!ReferenceEquals(Volatile.Read(ref _timer), timer) || Deadline == long.MaxValue)
        {
            return;
        }

        long now = loop.CurrentTime;
        if (Deadline <= now && side.Expire(now))
        {
            return;
        }

        // Another operation waits by now; or this one does not yet, though its time is over: then the next tick has another look.
        long deadline = Deadline;
        if (deadline != long.MaxValue)
        {
            _ = timer.TrySchedule(deadline);
        }
    }

    private sealed class TimerTask(OperationTimeout timeout, EventLoop loop) : IoTask
    {
        private int _armed;
        private long _due = long.MaxValue;

        /// <summary>Has the timer fire at a moment; any thread.</summary>
        /// <returns>False when it is armed already, for a moment that may be later.</returns>
        internal bool TrySchedule(long deadline)
        {
            if (Interlocked.Exchange(ref _armed, 1) != 0)
            {
                return false;
            }

            Volatile.Write(ref _due, deadline);
            loop.ScheduleAt(this, deadline);
            return true;
        }

        /// <summary>Whether the timer may fire too late for a deadline; any thread.</summary>
        internal bool IsLaterThan(long deadline) => Volatile.Read(ref _armed) != 0 && Volatile.Read(ref _due) > deadline;

        /// <inheritdoc/>
        protected override void Run(IoTaskStatus status)
        {
            // Not known again before the timer sleeps on: an operation that sees it armed until then takes another.
            Volatile.Write(ref _due, long.MaxValue);

            // Full fence: either an operation that starts now sees that the timer is free, or its deadline is seen here.
            Interlocked.Exchange(ref _armed, 0);
            if (status == IoTaskStatus.Run)
            {
                timeout.OnTimer(this);
            }
        }
    }
}

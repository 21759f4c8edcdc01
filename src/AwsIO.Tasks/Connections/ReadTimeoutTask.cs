namespace AwsIO.Tasks;

/// <summary>
/// One timer for all reads of a connection: a read only notes its deadline, and the timer, when it fires, looks whether that has passed or
/// sleeps on. So a read that is answered in time costs no timer.
/// </summary>
internal sealed class ReadTimeoutTask(ConnectionReader reader, EventLoop loop) : IoTask
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
        // Not known again before the timer sleeps on: a read that sees it armed until then takes another.
        Volatile.Write(ref _due, long.MaxValue);

        // Full fence: either a read that starts now sees that the timer is free, or its deadline is seen here.
        Interlocked.Exchange(ref _armed, 0);
        if (status == IoTaskStatus.Canceled || !reader.IsCurrent(this) || reader.Deadline == long.MaxValue)
        {
            return;
        }

        long now = loop.CurrentTime;
        if (reader.Deadline <= now && reader.Expire(now))
        {
            return;
        }

        // Another read waits by now; or this one does not yet, though its time is over: then the next tick has another look.
        long deadline = reader.Deadline;
        if (deadline != long.MaxValue)
        {
            _ = TrySchedule(deadline);
        }
    }
}

using System.Runtime.InteropServices;

namespace AwsIO;

/// <summary>The tick, and the way across threads.</summary>
public abstract partial class EventLoop
{
    private const long LoadWindow = 1_000_000_000;

    // What other threads write to stands on cache lines of its own.
    private SharedState _shared;
    private bool _closing;
    private long _busyNanoseconds;
    private long _loadWindowEnd;
    private long _loadFactor;
    private long _loadStamp;
    private long _tickStart;
    private SpinBudget _spin;

    /// <summary>
    /// Nanoseconds of work in the last full second or so; 0 when that is more than ten seconds ago. A group gives new connections
    /// to the less loaded of two loops by it. Any thread (<c>aws_event_loop_get_load_factor</c>).
    /// </summary>
    public long LoadFactor =>
        CurrentTime - Volatile.Read(ref _loadStamp) > 10 * LoadWindow ? 0 : Volatile.Read(ref _loadFactor);

    /// <summary>When the next timer is due; <see cref="long.MaxValue"/> for never. Loop thread only.</summary>
    internal long EarliestDeadline => _timers.EarliestDeadline;

    /// <summary>Whether the next turn finds a task to run. Loop thread only.</summary>
    internal bool HasDueWork => HasIncoming || TimeUntilNextTask() == 0;

    /// <summary>One turn: wait, report, take over, run.</summary>
    private protected void RunTick()
    {
        long timeout = TimeUntilNextTask();
        if (timeout == 0 || _spin.IsOff || !SpinForWork(ref timeout))
        {
            Sleep(timeout);
        }

        AdoptIncoming();
        if (Volatile.Read(ref _shared.CancelQueue) is not null)
        {
            DrainCancelQueue();
        }

        if (_timers.Count > 0)
        {
            RunDueTasks(CurrentTime);
        }
        else if (_ready.Count > 0)
        {
            // For what no timer waits for, the tick's start is exact enough: a look at the clock costs as much as a task.
            RunDueTasks(_tickStart);
        }

        NoteTickEnd();
    }

    /// <summary>Waits for events, or for another thread's wake-up.</summary>
    private void Sleep(long timeout)
    {
        if (timeout != 0)
        {
            // Full fence: either a pusher sees that the loop sleeps, or the loop sees what was pushed.
            Interlocked.Exchange(ref _shared.Sleeping, 1);
            if (HasIncoming)
            {
                timeout = 0;
            }
            else if (_clock is not null && timeout > 0)
            {
                timeout = _clock.WakeAt(_timers.EarliestDeadline) ? -1 : 0;
            }
        }

        _ = Poll(timeout);
    }

    /// <summary>Looks for events and tasks for a while, as long as the budget says and at most until the next timer is due.</summary>
    /// <param name="timeout">Time until the next timer is due, negative for none; what is left of it afterwards.</param>
    /// <returns>Whether events came, which have been reported.</returns>
    private bool SpinForWork(ref long timeout)
    {
        long start = IoClock.Now;
        long longest = _spin.Next(start);
        if (longest == 0)
        {
            return false;
        }

        long now = start;
        long end = start + (timeout > 0 ? Math.Min(timeout, longest) : longest);
        while (true)
        {
            if (HasIncoming)
            {
                // What others schedule must not keep this tick from looking for events first.
                _spin.NoteHit(now - start);
                timeout = 0;
                return false;
            }

            if (Poll(0) > 0)
            {
                _spin.NoteHit(now - start);
                return true;
            }

            now = IoClock.Now;
            if (now >= end)
            {
                _spin.NoteMiss(now - start);
                timeout = TimeUntilNextTask();
                return false;
            }
        }
    }

    private bool HasIncoming =>
        !_shared.Incoming.IsEmpty || Volatile.Read(ref _shared.CancelQueue) is not null || _stopAsked;

    /// <summary>To be called by a backend when its wait has returned, before it reports events.</summary>
    private protected void NoteAwake()
    {
        Volatile.Write(ref _shared.Sleeping, 0);
        _tickStart = CurrentTime;
        if (_watch is { IsLooking: false })
        {
            _watch.Start();
        }
    }

    private void NoteTickEnd()
    {
        long now = CurrentTime;
        long busy = now - _tickStart;
        _running = null;
        _ticks++;
        _busyTotal += busy;
        _busyNanoseconds += busy;
        if (IoEventSource.Log.IsEnabled(System.Diagnostics.Tracing.EventLevel.Verbose, IoEventSource.Keywords.Ticks))
        {
            IoEventSource.Log.LoopTick(_id, busy, _callbacks);
        }

        if (now >= _loadWindowEnd)
        {
            Volatile.Write(ref _loadFactor, _busyNanoseconds);
            Volatile.Write(ref _loadStamp, now);
            _busyNanoseconds = 0;
            _loadWindowEnd = now + LoadWindow;
        }
    }

    private long TimeUntilNextTask()
    {
        if (_ready.Count > 0 || _stopAsked)
        {
            return 0;
        }

        long deadline = _timers.EarliestDeadline;
        return deadline == long.MaxValue ? -1 : Math.Max(deadline - CurrentTime, 0);
    }

    private void Push(IoTask task, bool isSerialized = false)
    {
        if (_closing && IsOnLoop)
        {
            // The way in is shut, but the loop's own thread still cancels what is left.
            Adopt(task);
            return;
        }

        if (_shared.Incoming.TryPush(task))
        {
            WakeIfAsleep();
        }
        else
        {
            TakeRefused(task, isSerialized);
        }
    }

    private void PushCancel(IoTask task)
    {
        IoTask? head = Volatile.Read(ref _shared.CancelQueue);
        while (true)
        {
            task.NextCancel = head;
            IoTask? seen = Interlocked.CompareExchange(ref _shared.CancelQueue, task, head);
            if (ReferenceEquals(seen, head))
            {
                break;
            }

            head = seen;
        }

        if (_ended)
        {
            // The loop's thread looks no more. A task must not stay marked as being in this queue.
            DrainCancelQueue();
        }
        else
        {
            WakeIfAsleep();
        }
    }

    private void WakeIfAsleep()
    {
        // The first of many wakes the loop; the others see that somebody did.
        if (Volatile.Read(ref _shared.Sleeping) != 0 && Interlocked.Exchange(ref _shared.Sleeping, 0) != 0)
        {
            Interlocked.Increment(ref _shared.WakeUps);
            WakeUp();
        }
    }

    /// <summary>Ends the loop's wait, or its next one; any thread.</summary>
    internal void Wake()
    {
        if (!_ended)
        {
            WakeUp();
        }
    }

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct SharedState
    {
        [FieldOffset(64)]
        internal TaskStack Incoming;

        [FieldOffset(72)]
        internal IoTask? CancelQueue;

        [FieldOffset(128)]
        internal int Sleeping;

        [FieldOffset(136)]
        internal long WakeUps;
    }
}

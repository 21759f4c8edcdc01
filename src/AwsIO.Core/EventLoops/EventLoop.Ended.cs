using System.Collections.Concurrent;

namespace AwsIO;

/// <summary>What is scheduled on a loop that has ended: cancelled one by one, in order, on a thread of the pool.</summary>
public abstract partial class EventLoop
{
    // Tasks that are cancelled at an end may schedule others, but not without end.
    private const int MaxRounds = 1000;

    [ThreadStatic]
    private static EventLoop? s_lateLoop;

    [ThreadStatic]
    private static long s_lateRound;

    private readonly ConcurrentQueue<IoTask> _late = new();
    private int _lateCount;

    /// <summary>
    /// Whether this thread is just cancelling what came after the loop's end: nothing else of the loop's runs meanwhile, and what is
    /// scheduled waits for it.
    /// </summary>
    internal bool IsCancellingLate => ReferenceEquals(s_lateLoop, this);

    /// <summary>Has a task cancelled that came too late: never inside the call that schedules it.</summary>
    private void CancelLate(IoTask task)
    {
        // Which link of a chain it is, each scheduled when the one before it was cancelled.
        task.ReadyTick = ReferenceEquals(s_lateLoop, this) ? s_lateRound + 1 : 0;
        if (task.ReadyTick > MaxRounds)
        {
            IoLog.TaskDropped(Logger, task.GetType().Name, Name);
            return;
        }

        _late.Enqueue(task);
        if (Interlocked.Increment(ref _lateCount) == 1)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static loop => loop.DrainLate(), this, preferLocal: false);
        }
    }

    private void DrainLate()
    {
        s_lateLoop = this;
        do
        {
            _ = _late.TryDequeue(out IoTask? task);
            s_lateRound = task!.ReadyTick;
            Call(task, IoTaskStatus.Canceled);
        }
        while (Interlocked.Decrement(ref _lateCount) != 0);
        s_lateLoop = null;
    }

    /// <summary>Cancels tasks until none is left, and makes every later one be cancelled elsewhere.</summary>
    private void CancelEverything()
    {
        for (int round = 0; ; round++)
        {
            AdoptIncoming();
            DrainCancelQueue();

            // What is there now; what a cancelled task schedules has its turn in the next round.
            while (_timers.Count > 0)
            {
                AppendReady(_timers.RemoveEarliest());
            }

            long tick = _tick++;
            while (_readyFirst is { } ready && ready.ReadyTick <= tick)
            {
                CancelOwned(ready);
            }

            if (round >= MaxRounds)
            {
                DropEverything();
            }

            if (_readyFirst is null && _timers.Count == 0 && CloseIncoming())
            {
                return;
            }
        }
    }

    private void DropEverything()
    {
        while (_readyFirst is { } ready)
        {
            RemoveReady(ready);
            IoLog.TaskDropped(Logger, ready.GetType().Name, Name);
        }

        while (_timers.Count > 0)
        {
            IoLog.TaskDropped(Logger, _timers.RemoveEarliest().GetType().Name, Name);
        }
    }

    /// <summary>Shuts the way in. Whatever slipped in before is cancelled here.</summary>
    private bool CloseIncoming()
    {
        _closing = true;
        IoTask? task = _shared.Incoming.Close();
        while (task is not null)
        {
            IoTask? next = task.Next;
            task.Next = null;
            Call(task, IoTaskStatus.Canceled);
            task = next;
        }

        // A task that was called just now may have scheduled another from this very thread.
        return _readyFirst is null && _timers.Count == 0;
    }
}

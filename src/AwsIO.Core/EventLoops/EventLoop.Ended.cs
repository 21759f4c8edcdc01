using System.Collections.Concurrent;

namespace AwsIO;

/// <summary>What is scheduled on a loop that has ended: cancelled one by one, in order, on a thread of the pool.</summary>
public abstract partial class EventLoop
{
    // Tasks that are cancelled at an end may schedule others, and those others, but not without end: a queue of operations that fail one
    // by one may be long, and one that grows for ever is cut off within a fraction of a second.
    private const int LongestChain = 1_000_000;

    [ThreadStatic]
    private static EventLoop? s_lateLoop;

    [ThreadStatic]
    private static int s_lateChain;

    private bool _cancelling;
    private int _chain;
    private readonly ConcurrentQueue<IoTask> _late = new();

    // The loop counts itself as one until it has ended: until then nobody else begins to cancel.
    private int _lateCount = 1;

    /// <summary>
    /// Whether this thread is just cancelling what came after the loop's end: nothing else of the loop's runs meanwhile, and what is
    /// scheduled waits for it.
    /// </summary>
    internal bool IsCancellingLate => ReferenceEquals(s_lateLoop, this);

    /// <summary>Marks a task as scheduled here.</summary>
    /// <returns>False where it is dropped, as it stands at the end of a chain of tasks that was scheduled by being cancelled.</returns>
    private bool Admit(IoTask task, bool isOnLoop)
    {
        if (!isOnLoop || !task.TryMarkOwn(this))
        {
            task.MarkScheduled(this);
        }

        task.Chain = 0;
        if (!_cancelling || !isOnLoop)
        {
            return true;
        }

        task.Chain = _chain + 1;
        return !DropAtEndOfChain(task);
    }

    private bool DropAtEndOfChain(IoTask task)
    {
        if (task.Chain <= LongestChain)
        {
            return false;
        }

        _ = task.MarkCalled();
        IoLog.TaskDropped(Logger, task.GetType().Name, Name);
        return true;
    }

    /// <summary>Has a task cancelled that came too late: never inside the call that schedules it.</summary>
    private void CancelLate(IoTask task)
    {
        task.Chain = s_lateLoop is null ? 0 : s_lateChain + 1;
        if (DropAtEndOfChain(task))
        {
            return;
        }

        _late.Enqueue(task);
        if (Interlocked.Increment(ref _lateCount) == 1)
        {
            QueueLate();
        }
    }

    /// <summary>The loop has ended, and calls nothing any more: what came too late can be cancelled.</summary>
    private void AdmitLate()
    {
        if (Interlocked.Decrement(ref _lateCount) != 0)
        {
            QueueLate();
        }
    }

    private void QueueLate() =>
        ThreadPool.UnsafeQueueUserWorkItem(static loop => loop.DrainLate(), this, preferLocal: false);

    private void DrainLate()
    {
        s_lateLoop = this;
        do
        {
            _ = _late.TryDequeue(out IoTask? task);
            s_lateChain = task!.Chain;
            Call(task, IoTaskStatus.Canceled);
            _ = RemoveLocals();
            _running = null;
        }
        while (Interlocked.Decrement(ref _lateCount) != 0);
        s_lateLoop = null;
    }

    /// <summary>Cancels tasks until none is left, and makes every later one be cancelled elsewhere.</summary>
    private void CancelEverything()
    {
        _cancelling = true;
        while (true)
        {
            AdoptIncoming();
            DrainCancelQueue();
            _ready.BeginRound();
            if (_ready.TakeNext() is { } ready)
            {
                _chain = ready.Chain;
                Call(ready, IoTaskStatus.Canceled);
            }
            else if (_timers.Count > 0)
            {
                IoTask timer = _timers.RemoveEarliest();
                _chain = timer.Chain;
                Call(timer, IoTaskStatus.Canceled);
            }
            else if (CloseIncoming())
            {
                return;
            }
        }
    }

    /// <summary>Shuts the way in. Whatever slipped in before is cancelled here.</summary>
    private protected virtual bool CloseIncoming()
    {
        _closing = true;
        IoTask? task = _shared.Incoming.Close();
        while (task is not null)
        {
            IoTask? next = task.Next;
            task.Next = null;
            _chain = task.Chain;
            Call(task, IoTaskStatus.Canceled);
            task = next;
        }

        // A task that was called just now may have scheduled another from this very thread.
        return _ready.Count == 0 && _timers.Count == 0;
    }
}

namespace AwsIO;

/// <summary>
/// Something that an event loop runs: derive from it, or make one with <see cref="Create"/>. Scheduling allocates nothing: the
/// object itself is the queue's link (<c>aws_task</c>).
/// </summary>
/// <remarks>
/// A task that was scheduled is called exactly once, with <see cref="IoTaskStatus.Run"/> or <see cref="IoTaskStatus.Canceled"/>,
/// and may then be scheduled again, from its own <see cref="Run"/> too. Only where a task schedules itself or others without end while
/// its loop is ending, the millionth is dropped, and an error is logged.
/// </remarks>
public abstract class IoTask
{
    // Links and places below are the loop's alone, but for Next while the task is in the cross-thread stack.
    internal IoTask? Next;
    internal IoTask? NextCancel;

    // The loop that the task is scheduled on; null from right before the call on. Known wherever the use number is odd.
    internal EventLoop? Loop;

    // When it is due, 0 for the next tick.
    internal long Deadline;

    // How many tasks before it, at the end of a loop, each scheduled the next one when it was cancelled.
    internal int Chain;

    // Where it stands in the queue of the loop that it has come to.
    internal int Position;

    // Which of the loop's structures holds it: its slot in the table of timers, or one of those below.
    internal int Place = Nowhere;

    // 1 from the call that schedules the task until right before it is called: who makes it 1 has the task for itself, and then its loop has.
    private int _isScheduled;

    // The number of the task's use: odd from when it is scheduled until it is called, even between. Whoever has the task changes it.
    private int _use;

    // The use that is to be cancelled, while the task is in a cancel queue; 0 while it is in none.
    private int _cancelOf;

    /// <summary>The place of a task that is idle, or still in the cross-thread stack.</summary>
    internal const int Nowhere = -1;

    /// <summary>The place of a task that runs at the next tick.</summary>
    internal const int Ready = -2;

    /// <summary>The place of a timer that is put aside until this tick's tasks have run.</summary>
    internal const int Deferred = -3;

    /// <summary>Whether the task waits to be called. Any thread; may have changed by the time it is read.</summary>
    /// <remarks>
    /// A <see cref="EventLoop.Cancel"/> that comes while another thread is still scheduling the task may find nothing to cancel yet.
    /// A thread that leaves a call out because it reads <see langword="true"/> cannot rely on being noticed by the call that is about to
    /// begin, but on the loop's own thread: for that, keep a flag that <see cref="Run"/> takes back by
    /// <see cref="Interlocked.Exchange(ref int, int)"/>.
    /// </remarks>
    public bool IsScheduled => Volatile.Read(ref _isScheduled) != 0;

    /// <summary>Makes a task from a delegate.</summary>
    /// <typeparam name="TState">What the delegate works on.</typeparam>
    /// <param name="run">Called on the loop's thread; a static lambda captures nothing.</param>
    /// <param name="state">Handed to the delegate.</param>
    /// <returns>A task that can be scheduled again and again.</returns>
    public static IoTask Create<TState>(Action<TState, IoTaskStatus> run, TState state)
    {
        ArgumentNullException.ThrowIfNull(run);
        return new DelegateTask<TState>(run, state);
    }

    /// <summary>Does the work. Runs on the loop's thread.</summary>
    /// <param name="status">Whether to run, or only to let go. An exception is logged, and the loop goes on.</param>
    protected abstract void Run(IoTaskStatus status);

    /// <summary>What the task was made from; null for a type of its own.</summary>
    internal virtual Delegate? Method => null;

    internal void Call(IoTaskStatus status) => Run(status);

    /// <summary>Has the processor fetch what <see cref="MarkCalled"/> is about to change.</summary>
    internal int Touch() => Volatile.Read(ref _use);

    /// <summary>Marks the task as scheduled on a loop; a task is in one queue at a time.</summary>
    internal void MarkScheduled(EventLoop loop)
    {
        // Not read first: the processor would fetch it from another's cache twice, to read and then to write.
        if (Interlocked.Exchange(ref _isScheduled, 1) != 0)
        {
            throw new InvalidOperationException("This task is scheduled already: wait until it has been called, or use a second task.");
        }

        // Who sees the new number sees the loop.
        Loop = loop;
        Volatile.Write(ref _use, unchecked(_use + 1));
    }

    /// <summary>Frees the task for its next use, right before it is called.</summary>
    /// <returns>Whether somebody has asked for its cancellation.</returns>
    internal bool MarkCalled()
    {
        // Nobody else changes any of it now but for the cancel queue's: no exchange is needed, and who asks too late is not heard.
        int use = _use;
        bool isCanceled = Volatile.Read(ref _cancelOf) == use;
        _use = unchecked(use + 1);

        // Who sees that there is no loop sees the new number.
        Volatile.Write(ref Loop, null);
        Volatile.Write(ref _isScheduled, 0);
        return isCanceled;
    }

    /// <summary>Notes that somebody asks for cancellation.</summary>
    /// <returns>Whether the caller has to put the task into a loop's cancel queue.</returns>
    internal bool MarkCancelAsked()
    {
        int use = Volatile.Read(ref _use);
        return (use & 1) != 0 && AskToCancel(use);
    }

    /// <summary>Takes the task out of the cancel queue.</summary>
    /// <returns>The use that is to be cancelled.</returns>
    internal int MarkLeftCancelQueue() => Interlocked.Exchange(ref _cancelOf, 0);

    /// <summary>Whether the task waits to be called for a use that somebody has asked to be cancelled.</summary>
    internal bool IsInUse(int use) => Volatile.Read(ref _use) == use;

    /// <summary>Notes that the task goes to another loop's cancel queue, on behalf of who has asked for the cancellation of a use.</summary>
    /// <returns>Whether the caller has to put it there: not where somebody else has put it into a queue meanwhile.</returns>
    internal bool MarkBackInCancelQueue(int use) => AskToCancel(use);

    /// <returns>Whether the caller has to put the task into a cancel queue: it is in none.</returns>
    private bool AskToCancel(int use)
    {
        int seen = Volatile.Read(ref _cancelOf);
        while (seen == 0 || unchecked(use - seen) > 0)
        {
            int before = seen;
            seen = Interlocked.CompareExchange(ref _cancelOf, use, before);
            if (seen == before)
            {
                return seen == 0;
            }
        }

        // Somebody has asked for this use, or for a later one.
        return false;
    }

    private sealed class DelegateTask<TState>(Action<TState, IoTaskStatus> run, TState state) : IoTask
    {
        internal override Delegate Method => run;

        protected override void Run(IoTaskStatus status) => run(state, status);
    }
}

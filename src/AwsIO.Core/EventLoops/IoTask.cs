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
    internal IoTask? Previous;
    internal IoTask? NextCancel;

    // The loop that the task is scheduled on; null before it is known, and from right before the call on.
    internal EventLoop? Loop;

    // When it is due, 0 for the next tick; for what is in the list of ready tasks, the tick in which it came there.
    internal long Deadline;

    // How many tasks before it, at the end of a loop, each scheduled the next one when it was cancelled.
    internal int Chain;

    // How many tasks the cross-thread stack had with it.
    internal int Depth;

    // Which of the loop's structures holds it: its slot in the table of timers, or one of those below.
    internal int Place = Nowhere;

    private int _state;

    /// <summary>The place of a task that is idle, or still in the cross-thread stack.</summary>
    internal const int Nowhere = -1;

    /// <summary>The place of a task that runs at the next tick.</summary>
    internal const int Ready = -2;

    /// <summary>The place of a timer that is put aside until this tick's tasks have run.</summary>
    internal const int Deferred = -3;

    /// <summary>Whether the task waits to be called. Any thread; may have changed by the time it is read.</summary>
    public bool IsScheduled => (Volatile.Read(ref _state) & Scheduled) != 0;

    private const int Scheduled = 1;
    private const int CancelAsked = 2;
    private const int InCancelQueue = 4;

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
    internal int Touch() => Volatile.Read(ref _state);

    /// <summary>Marks the task as scheduled; a task is in one queue at a time.</summary>
    internal void MarkScheduled()
    {
        // Not read first: the processor would fetch it from another's cache twice, to read and then to write.
        int state = 0;
        while (true)
        {
            int seen = Interlocked.CompareExchange(ref _state, state | Scheduled, state);
            if (seen == state)
            {
                return;
            }

            if ((seen & Scheduled) != 0)
            {
                throw new InvalidOperationException(
                    "This task is scheduled already: wait until it has been called, or use a second task.");
            }

            // It may be in the cancel queue still, or have left it just now.
            state = seen;
        }
    }

    /// <summary>Frees the task for its next use, right before it is called.</summary>
    /// <returns>Whether another thread asked for its cancellation.</returns>
    internal bool MarkCalled() => (Interlocked.And(ref _state, InCancelQueue) & CancelAsked) != 0;

    /// <summary>Notes that another thread asks for cancellation.</summary>
    /// <returns>Whether the caller has to put the task into the loop's cancel queue.</returns>
    internal bool MarkCancelAsked()
    {
        int state = Volatile.Read(ref _state);
        while ((state & Scheduled) != 0)
        {
            int seen = Interlocked.CompareExchange(ref _state, state | CancelAsked | InCancelQueue, state);
            if (seen == state)
            {
                return (state & InCancelQueue) == 0;
            }

            state = seen;
        }

        return false;
    }

    /// <summary>Takes the task out of the cancel queue.</summary>
    /// <returns>Whether it is still to be cancelled: it may have been called meanwhile.</returns>
    internal bool MarkLeftCancelQueue() =>
        (Interlocked.And(ref _state, ~InCancelQueue) & (Scheduled | CancelAsked)) == (Scheduled | CancelAsked);

    /// <summary>Notes that the task goes to another loop's cancel queue, still on behalf of who has asked for its cancellation.</summary>
    /// <returns>
    /// Whether the caller has to put it there. Not where it was called meanwhile, or somebody else has put it into a queue.
    /// </returns>
    internal bool MarkBackInCancelQueue() =>
        Interlocked.CompareExchange(ref _state, Scheduled | CancelAsked | InCancelQueue, Scheduled | CancelAsked)
            == (Scheduled | CancelAsked);

    private sealed class DelegateTask<TState>(Action<TState, IoTaskStatus> run, TState state) : IoTask
    {
        internal override Delegate Method => run;

        protected override void Run(IoTaskStatus status) => run(state, status);
    }
}

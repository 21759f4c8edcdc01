using System.Diagnostics.CodeAnalysis;

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

    // The loop that the task is scheduled on; null from right before the call on. Known wherever the use number is odd. Of a loop's own
    // task it is always that loop.
    internal EventLoop? Loop;

    // When it is due, 0 for the next tick.
    internal long Deadline;

    // How many tasks before it, at the end of a loop, each scheduled the next one when it was cancelled.
    internal int Chain;

    // Where it stands in the queue of the loop that it has come to.
    internal int Position;

    // Which of the loop's structures holds it: its slot in the table of timers, or one of those below.
    internal int Place = Nowhere;

    // Scheduled from the call that schedules the task until right before it is called: who makes it so has the task for itself, and then
    // its loop has. Only a loop's own thread changes the state of one of its own tasks.
    private int _state;

    // The number of the task's use: odd from when it is scheduled until it is called, even between. Whoever has the task changes it.
    private int _use;

    // The use that is to be cancelled, while the task is in a cancel queue; 0 while it is in none.
    private int _cancelOf;

    // The states of a task that any thread may schedule, and of a loop's own. The lowest bit is set while it is scheduled.
    private const int Idle = 0;
    private const int Scheduled = 1;
    private const int OwnIdle = 2;
    private const int OwnScheduled = 3;

    /// <summary>A task that any thread may schedule, on any loop.</summary>
    protected IoTask()
    {
    }

    /// <summary>A task of a loop's own thread: it is scheduled on that loop alone, and by that thread alone.</summary>
    /// <param name="loop">The loop.</param>
    /// <remarks>See <see cref="CreateFor"/>.</remarks>
    protected IoTask(EventLoop loop)
    {
        ArgumentNullException.ThrowIfNull(loop);
        Loop = loop;
        _state = OwnIdle;
    }

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
    public bool IsScheduled => (Volatile.Read(ref _state) & Scheduled) != 0;

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

    /// <summary>
    /// Makes a task from a delegate that is scheduled on one loop alone, and by that loop's own thread alone. That costs about half: no
    /// other thread can be scheduling it at the same time, so that nobody has to be kept from it.
    /// </summary>
    /// <typeparam name="TState">What the delegate works on.</typeparam>
    /// <param name="loop">
    /// The loop. Scheduling the task on another one, or from another thread, throws an <see cref="InvalidOperationException"/>;
    /// <see cref="EventLoop.Cancel"/> may come from any.
    /// </param>
    /// <param name="run">Called on the loop's thread; a static lambda captures nothing.</param>
    /// <param name="state">Handed to the delegate.</param>
    /// <returns>A task that can be scheduled again and again.</returns>
    public static IoTask CreateFor<TState>(EventLoop loop, Action<TState, IoTaskStatus> run, TState state)
    {
        ArgumentNullException.ThrowIfNull(run);
        return new DelegateTask<TState>(loop, run, state);
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
        int seen = Interlocked.CompareExchange(ref _state, Scheduled, Idle);
        if (seen != Idle)
        {
            MarkScheduledUnlike(seen, loop);
            return;
        }

        // Who sees the new number sees the loop.
        Loop = loop;
        Volatile.Write(ref _use, unchecked(_use + 1));
    }

    /// <summary>Marks one of the loop's own tasks as scheduled, on the loop's own thread; does nothing with any other task.</summary>
    internal bool TryMarkOwn(EventLoop loop)
    {
        int state = _state;
        if (state < OwnIdle)
        {
            return false;
        }

        if (state != OwnIdle || !ReferenceEquals(Loop, loop))
        {
            ThrowNotSchedulable(state, loop);
        }

        _state = OwnScheduled;
        Volatile.Write(ref _use, unchecked(_use + 1));
        return true;
    }

    private void MarkScheduledUnlike(int state, EventLoop loop)
    {
        // Who cancels what came after the loop's end stands for its thread.
        if (!loop.IsCancellingLate || !TryMarkOwn(loop))
        {
            ThrowNotSchedulable(state, loop);
        }
    }

    [DoesNotReturn]
    private void ThrowNotSchedulable(int state, EventLoop loop) => throw new InvalidOperationException(
        state >= OwnIdle && !ReferenceEquals(Loop, loop)
            ? $"This task belongs to {Loop!.Name} and cannot be scheduled on {loop.Name}: make it with IoTask.Create to schedule it anywhere."
        : state >= OwnIdle && !loop.IsOnLoop && !loop.IsCancellingLate
            ? $"This task belongs to {loop.Name} and can be scheduled on its thread only: make it with IoTask.Create to schedule it anywhere."
        : "This task is scheduled already: wait until it has been called, or use a second task.");

    /// <summary>Frees the task for its next use, right before it is called.</summary>
    /// <returns>Whether somebody has asked for its cancellation.</returns>
    internal bool MarkCalled()
    {
        // Nobody else changes any of it now but for the cancel queue's: no exchange is needed, and who asks too late is not heard.
        int use = _use;
        bool isCanceled = Volatile.Read(ref _cancelOf) == use;
        _use = unchecked(use + 1);

        if (_state == Scheduled)
        {
            // Who sees that there is no loop sees the new number.
            Volatile.Write(ref Loop, null);
            Volatile.Write(ref _state, Idle);
        }
        else
        {
            Volatile.Write(ref _state, OwnIdle);
        }

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

    private sealed class DelegateTask<TState> : IoTask
    {
        private readonly Action<TState, IoTaskStatus> _run;
        private readonly TState _argument;

        internal DelegateTask(Action<TState, IoTaskStatus> run, TState argument)
        {
            _run = run;
            _argument = argument;
        }

        internal DelegateTask(EventLoop loop, Action<TState, IoTaskStatus> run, TState argument)
            : base(loop)
        {
            _run = run;
            _argument = argument;
        }

        internal override Delegate Method => _run;

        protected override void Run(IoTaskStatus status) => _run(_argument, status);
    }
}

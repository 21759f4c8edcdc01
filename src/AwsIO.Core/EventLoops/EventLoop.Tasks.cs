using System.Runtime.CompilerServices;

namespace AwsIO;

/// <summary>Scheduling and cancelling.</summary>
public abstract partial class EventLoop
{
    private readonly TimerQueue _timers = new();
    private TaskQueue _ready = new();

    // Timers for moments that had passed when a task of this tick scheduled them.
    private TaskQueue _deferred = new();
    private bool _isRunningTasks;

    // The moment up to which this tick's timers are run.
    private long _tickTime;

    /// <summary>
    /// Runs a task at the loop's next tick (<c>aws_event_loop_schedule_task_now</c>). Tasks from one thread run in the order of the
    /// calls. Any thread.
    /// </summary>
    /// <param name="task">A task that is not scheduled.</param>
    /// <exception cref="InvalidOperationException">The task is scheduled already, or belongs to another loop or its thread.</exception>
    /// <remarks>
    /// On a loop that has ended the task is called soon, on a thread of the pool, with <see cref="IoTaskStatus.Canceled"/>: in order,
    /// and never inside this call.
    /// </remarks>
    public void Schedule(IoTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        bool isOnLoop = IsOnLoop;
        if (!Admit(task, isOnLoop))
        {
            return;
        }

        task.Deadline = 0;
        if (isOnLoop)
        {
            AppendReady(task);
        }
        else
        {
            Push(task);
        }
    }

    /// <summary>
    /// Runs a task at the loop's next tick, behind everything that any thread has scheduled before by this method, whichever thread
    /// that was (<c>aws_event_loop_schedule_task_now_serialized</c>). Any thread.
    /// </summary>
    /// <param name="task">A task that is not scheduled.</param>
    /// <exception cref="InvalidOperationException">The task is scheduled already, or belongs to another loop or its thread.</exception>
    public void ScheduleSerialized(IoTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        if (!Admit(task, IsOnLoop))
        {
            return;
        }

        task.Deadline = 0;
        Push(task, isSerialized: true);
    }

    /// <summary>
    /// Runs a task at a moment, or as soon after it as the loop can, never before (<c>aws_event_loop_schedule_task_future</c>).
    /// Equal moments run in the order of the calls. Any thread.
    /// </summary>
    /// <param name="task">A task that is not scheduled.</param>
    /// <param name="time">Nanoseconds of <see cref="CurrentTime"/>; a moment that has passed means the next tick.</param>
    /// <exception cref="InvalidOperationException">The task is scheduled already, or belongs to another loop or its thread.</exception>
    public void ScheduleAt(IoTask task, long time)
    {
        ArgumentNullException.ThrowIfNull(task);
        bool isOnLoop = IsOnLoop;
        if (!Admit(task, isOnLoop))
        {
            return;
        }

        task.Deadline = Math.Max(time, 0);
        if (isOnLoop)
        {
            Adopt(task);
        }
        else
        {
            Push(task);
        }
    }

    /// <summary>Takes over a task that was marked as scheduled on another thread, and that nobody has called yet. Loop thread only.</summary>
    internal void AdoptMarked(IoTask task)
    {
        AssertOnLoop();
        task.Chain = 0;
        Adopt(task);
    }

    /// <summary>Runs a task after a span of time. Any thread.</summary>
    /// <param name="task">A task that is not scheduled.</param>
    /// <param name="delay">
    /// How long to wait; zero or less means the next tick, but <see cref="Timeout.InfiniteTimeSpan"/> (-1 ms), as anywhere in .NET,
    /// means that the task waits until it is cancelled.
    /// </param>
    /// <exception cref="InvalidOperationException">The task is scheduled already, or belongs to another loop or its thread.</exception>
    public void ScheduleAfter(IoTask task, TimeSpan delay) => ScheduleAt(task, IoClock.After(CurrentTime, delay));

    /// <summary>
    /// Cancels a task (<c>aws_event_loop_cancel_task</c>): it is called once with <see cref="IoTaskStatus.Canceled"/>, before this
    /// returns when the caller is on the loop, and soon otherwise. A task that is not scheduled, or that was called meanwhile, is
    /// left alone. Any thread.
    /// </summary>
    /// <remarks>
    /// A task that the loop's end is just cancelling, together with the one from whose callback this is called, is called right after that
    /// callback and not before this returns.
    /// </remarks>
    /// <param name="task">A task that was scheduled on this loop.</param>
    public void Cancel(IoTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        if (!IsOnLoop)
        {
            if (task.MarkCancelAsked())
            {
                PushCancel(task);
            }

            return;
        }

        // The loop first: what else is read of the task is this loop's then.
        bool isOwn = ReferenceEquals(Volatile.Read(ref task.Loop), this);
        if (isOwn && task.Place == IoTask.Nowhere)
        {
            AdoptIncoming();
        }

        if (isOwn && task.Place != IoTask.Nowhere)
        {
            // This may be inside another callback, which goes on afterwards.
            object? running = _running;
            long number = _runningNumber;
            CancelOwned(task);
            _running = running;
            _runningNumber = number;
        }
        else if (task.MarkCancelAsked())
        {
            // Another thread is between marking the task and pushing it: it will be cancelled when it arrives. Or the task is
            // another loop's, which is then told.
            PushCancel(task);
        }
    }

    /// <summary>
    /// Runs what is due: what was ready before this tick's tasks began, then the timers whose time has come. What they schedule, and be
    /// it for a moment that has passed, waits for the next tick.
    /// </summary>
    private void RunDueTasks(long now)
    {
        _tickTime = now;
        _isRunningTasks = true;
        _ready.BeginRound();
        while (!TryRunReady())
        {
        }

        // None of these was scheduled by this tick's tasks: what they schedule for a moment up to now is put aside meanwhile.
        while (_timers.TakeDue(now) is { } timer)
        {
            Call(timer, IoTaskStatus.Run);
        }

        _isRunningTasks = false;
        _deferred.BeginRound();
        while (_deferred.TakeNext() is { } deferred)
        {
            _timers.Add(deferred, _tickTime);
        }
    }

    /// <summary>Takes over what other threads have scheduled so far. Loop thread only.</summary>
    private protected virtual void AdoptIncoming()
    {
        IoTask? task = _shared.Incoming.TakeAll();
        while (task is not null)
        {
            IoTask? next = task.Next;
            task.Next = null;
            Adopt(task);
            task = next;
        }
    }

    /// <summary>Cancels what other threads have asked to be cancelled. Loop thread only, until the loop has ended.</summary>
    private void DrainCancelQueue()
    {
        IoTask? task = Interlocked.Exchange(ref _shared.CancelQueue, null);
        while (task is not null)
        {
            IoTask? next = task.NextCancel;
            task.NextCancel = null;
            CancelAsAsked(task, task.MarkLeftCancelQueue());
            task = next;
        }
    }

    /// <summary>Cancels a task that has just left the cancel queue, or has the loop told where it is scheduled by now.</summary>
    /// <param name="task">The task.</param>
    /// <param name="use">The use of the task that somebody has asked to be cancelled: it may be over.</param>
    internal void CancelAsAsked(IoTask task, int use)
    {
        // In this order: while the use lasts, its loop is the one that was seen.
        EventLoop? owner = Volatile.Read(ref task.Loop);
        if (!task.IsInUse(use))
        {
            return;
        }

        if (ReferenceEquals(owner, this))
        {
            // What is still this one's when it has ended is just being cancelled by whoever scheduled it.
            if (!_ended)
            {
                Cancel(task);
            }
        }
        else if (task.MarkBackInCancelQueue(use))
        {
            owner!.PushCancel(task);
        }
    }

    private void Adopt(IoTask task)
    {
        if (task.Deadline == 0)
        {
            AppendReady(task);
        }
        else
        {
            AdoptTimer(task);
        }
    }

    private void AdoptTimer(IoTask task)
    {
        if (_isRunningTasks && task.Deadline <= _tickTime)
        {
            task.Place = IoTask.Deferred;
            _deferred.Append(task);
        }
        else
        {
            _timers.Add(task, _tickStart);
        }
    }

    private void AppendReady(IoTask task)
    {
        task.Place = IoTask.Ready;
        _ready.Append(task);
    }

    private void CancelOwned(IoTask task)
    {
        switch (task.Place)
        {
            case IoTask.Ready:
                _ready.Remove(task);
                break;
            case IoTask.Deferred:
                _deferred.Remove(task);
                break;
            default:
                _timers.Remove(task);
                break;
        }

        Call(task, IoTaskStatus.Canceled);
    }

    /// <summary>Runs what the round has left; entering a try block for each task would cost as much as a short one.</summary>
    /// <returns>False after a task that has thrown, behind which the rest of the round waits.</returns>
    private bool TryRunReady()
    {
        try
        {
            while (_ready.TakeNext() is { } task)
            {
                CallUnguarded(task, IoTaskStatus.Run);
            }

            return true;
        }
        catch (Exception exception)
        {
            ReportFailure(exception);
            return false;
        }
    }

    private void Call(IoTask task, IoTaskStatus status)
    {
        try
        {
            CallUnguarded(task, status);
        }
        catch (Exception exception)
        {
            ReportFailure(exception);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void CallUnguarded(IoTask task, IoTaskStatus status)
    {
        if (task.MarkCalled())
        {
            status = IoTaskStatus.Canceled;
        }

        NoteCallback(task);
        _tasksRun++;
        task.Call(status);
    }

    /// <summary>Tells a subscriber of its events; to be called by a backend, for each subscription once a wait.</summary>
    private protected void Report(IIoEventHandler handler, IoHandle handle, IoEvents events)
    {
        NoteCallback(handler);
        _eventsReported++;
        try
        {
            handler.OnEvents(this, handle, events);
        }
        catch (Exception exception)
        {
            ReportFailure(exception);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ReportFailure(Exception exception) => IoLog.CallbackFailed(Logger, exception, Name);
}

namespace AwsIO;

/// <summary>Tasks that end with the channel.</summary>
/// <remarks>
/// What runs at the next tick is the loop's from the start, and learns of the shutdown when it is called. Timers are kept in a list that the
/// loop's thread alone touches; those of other threads are handed over to it.
/// </remarks>
public sealed partial class IoChannel
{
    private ChannelTask? _firstPending;
    private TaskStack _handedOver;
    private IoTask? _takeOverTask;
    private int _takeOverAsked;

    /// <summary>
    /// Runs a task at the loop's next tick (<c>aws_channel_schedule_task_now</c>). Tasks from one thread run in the order of the calls. Any
    /// thread.
    /// </summary>
    /// <remarks>
    /// Once the channel has shut down, a task is called with <see cref="IoTaskStatus.Canceled"/>: soon, on the loop's thread, never inside
    /// this call.
    /// </remarks>
    /// <param name="task">A task that is not scheduled, and was not another channel's before.</param>
    /// <exception cref="InvalidOperationException">The task is scheduled already, or belongs to another channel.</exception>
    public void Schedule(ChannelTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        task.Bind(this);
        EventLoop.Schedule(task);
    }

    /// <summary>
    /// Runs a task at the loop's next tick, behind everything that any thread has scheduled before by this method
    /// (<c>aws_channel_schedule_task_now_serialized</c>). Any thread.
    /// </summary>
    /// <param name="task">As for <see cref="Schedule"/>.</param>
    /// <exception cref="InvalidOperationException">As for <see cref="Schedule"/>.</exception>
    public void ScheduleSerialized(ChannelTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        task.Bind(this);
        EventLoop.ScheduleSerialized(task);
    }

    /// <summary>
    /// Runs a task at a moment, or as soon after it as the loop can, never before (<c>aws_channel_schedule_task_future</c>); at the channel's
    /// end, before its shutdown callback, it is cancelled. Any thread.
    /// </summary>
    /// <param name="task">As for <see cref="Schedule"/>.</param>
    /// <param name="time">Nanoseconds of the loop's <see cref="EventLoop.CurrentTime"/>; a moment that has passed means the next tick.</param>
    /// <exception cref="InvalidOperationException">As for <see cref="Schedule"/>.</exception>
    public void ScheduleAt(ChannelTask task, long time)
    {
        ArgumentNullException.ThrowIfNull(task);
        task.Bind(this);
        if (_state == ChannelState.ShutDown)
        {
            EventLoop.Schedule(task);
        }
        else if (EventLoop.IsOnLoop)
        {
            EventLoop.ScheduleAt(task, time);
            AddPending(task);
        }
        else
        {
            HandOver(task, time);
        }
    }

    /// <summary>Runs a task after a span of time; at the channel's end it is cancelled. Any thread.</summary>
    /// <param name="task">As for <see cref="Schedule"/>.</param>
    /// <param name="delay">How long to wait, as for <see cref="EventLoop.ScheduleAfter"/>.</param>
    /// <exception cref="InvalidOperationException">As for <see cref="Schedule"/>.</exception>
    public void ScheduleAfter(ChannelTask task, TimeSpan delay) => ScheduleAt(task, IoClock.After(EventLoop.CurrentTime, delay));

    /// <summary>
    /// Cancels a task: it is called once with <see cref="IoTaskStatus.Canceled"/>, before this returns when the caller is on the loop, and
    /// soon otherwise. A task that is not scheduled is left alone. Any thread.
    /// </summary>
    /// <param name="task">A task of this channel.</param>
    public void Cancel(ChannelTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        if (EventLoop.IsOnLoop)
        {
            // It may be among those that other threads have handed over.
            TakeOver(IoTaskStatus.Run);
        }

        EventLoop.Cancel(task);
    }

    /// <summary>Calls a task whose time has come, on the loop's thread.</summary>
    internal void CallTask(ChannelTask task, IoTaskStatus status)
    {
        RemovePending(task);
        try
        {
            task.Invoke(_state == ChannelState.ShutDown ? IoTaskStatus.Canceled : status);
        }
        catch (Exception exception)
        {
            OnHandlerException(exception);
        }
    }

    /// <summary>Cancels every timer that waits. Loop thread only.</summary>
    private void CancelTasks()
    {
        TakeOver(IoTaskStatus.Canceled);
        while (_firstPending is { } task)
        {
            RemovePending(task);
            EventLoop.Cancel(task);
        }
    }

    private void HandOver(ChannelTask task, long time)
    {
        task.MarkScheduled(EventLoop);
        task.Deadline = Math.Max(time, 0);
        _ = _handedOver.TryPush(task);
        if (Interlocked.Exchange(ref _takeOverAsked, 1) == 0)
        {
            // Most channels never need it. Who comes here is alone until the task has begun.
            _takeOverTask ??= IoTask.Create(static (channel, status) => channel.OnTakeOverTask(status), this);
            EventLoop.Schedule(_takeOverTask);
        }
    }

    private void OnTakeOverTask(IoTaskStatus status)
    {
        // Before the look at what there is: whoever comes after it asks anew.
        Interlocked.Exchange(ref _takeOverAsked, 0);
        TakeOver(status);
    }

    /// <summary>Takes over the timers of other threads, in the order in which they came, or cancels them.</summary>
    private void TakeOver(IoTaskStatus status)
    {
        IoTask? first = _handedOver.TakeAll();
        while (first is ChannelTask task)
        {
            first = task.Next;
            task.Next = null;
            if (status == IoTaskStatus.Canceled || _state == ChannelState.ShutDown)
            {
                _ = task.MarkCalled();
                task.Call(IoTaskStatus.Canceled);
            }
            else
            {
                EventLoop.AdoptMarked(task);
                AddPending(task);
            }
        }
    }

    private void AddPending(ChannelTask task)
    {
        if (task.IsPending)
        {
            return;
        }

        task.IsPending = true;
        task.NextPending = _firstPending;
        if (_firstPending is not null)
        {
            _firstPending.PreviousPending = task;
        }

        _firstPending = task;
    }

    private void RemovePending(ChannelTask task)
    {
        if (!task.IsPending)
        {
            return;
        }

        task.IsPending = false;
        if (task.PreviousPending is { } previous)
        {
            previous.NextPending = task.NextPending;
        }
        else
        {
            _firstPending = task.NextPending;
        }

        if (task.NextPending is { } next)
        {
            next.PreviousPending = task.PreviousPending;
        }

        task.NextPending = null;
        task.PreviousPending = null;
    }
}

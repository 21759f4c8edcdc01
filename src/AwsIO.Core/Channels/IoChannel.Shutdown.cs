namespace AwsIO;

/// <summary>
/// Set-up and shutdown. The order: setup callback; then, once, read directions from left to right, a fresh task, write directions
/// from right to left, a fresh task, shutdown callback, handlers destroyed.
/// </summary>
public sealed partial class IoChannel
{
    private int _shutdownAsked;

    // Begins the shutdown and goes through its phases. Made when it is asked for: most of its life a channel has no use for it.
    private IoTask? _shutdownTask;
    private IoError _reason;
    private ShutdownMode _mode;
    private Phase _phase;
    private IoTask? _abortTask;
    private bool _shutdownAfterSetup;
    private ChannelSlot? _waitingFor;

    private enum Phase
    {
        Setup,
        Idle,
        Read,
        StartWrite,
        Write,
        Report,
        Over,
    }

    /// <summary>
    /// Shuts the channel down (<c>aws_channel_shutdown</c>). Any thread, any number of times: the first call counts, and its reason
    /// reaches every callback.
    /// </summary>
    /// <param name="reason">
    /// Why; no error for an orderly end. If what was written can then not be sent, the callbacks are told of that instead.
    /// </param>
    public void Shutdown(IoError reason) => Shutdown(reason, ShutdownMode.Graceful);

    /// <summary>
    /// Ends the channel at once: what was not delivered is lost, and the peer sees a reset. Any thread. A graceful shutdown that goes
    /// on already is cut short.
    /// </summary>
    /// <param name="reason">Why; the first reason counts.</param>
    public void Abort(IoError reason)
    {
        Shutdown(reason, ShutdownMode.Immediate);
        IoTask abort = IoTask.Create(static (channel, _) => channel.CutShort(), this);
        if (Interlocked.CompareExchange(ref _abortTask, abort, null) is null)
        {
            EventLoop.Schedule(abort);
        }
    }

    /// <summary>Goes on without a handler that is taken out while the shutdown waits for it.</summary>
    internal void OnSlotRemoving(ChannelSlot slot)
    {
        if (ReferenceEquals(slot, _waitingFor))
        {
            slot.CompleteShutdown(_phase == Phase.Read ? ChannelDirection.Read : ChannelDirection.Write, _reason, _mode);
        }
    }

    internal void OnSlotDown(ChannelSlot slot, ChannelDirection direction, IoError reason, ShutdownMode mode)
    {
        if (!ReferenceEquals(slot, _waitingFor) || _phase != (direction == ChannelDirection.Read ? Phase.Read : Phase.Write))
        {
            // A second report, or one that nobody asked for, must not shut down for another handler.
            return;
        }

        // The first reason stays, but a handler may find one where there was none; only graver modes are taken over.
        if (_reason.IsNone)
        {
            _reason = reason;
        }

        if (mode == ShutdownMode.Immediate)
        {
            _mode = mode;
        }

        _waitingFor = null;
        if (direction == ChannelDirection.Read)
        {
            ShutDownRead(slot.RightWithHandler);
        }
        else
        {
            ShutDownWrite(slot.LeftWithHandler);
        }
    }

    private void Shutdown(IoError reason, ShutdownMode mode)
    {
        if (Interlocked.Exchange(ref _shutdownAsked, 1) != 0)
        {
            return;
        }

        _reason = reason;
        if (mode == ShutdownMode.Immediate)
        {
            // Never back to graceful: an abort from another thread may have come in between.
            _mode = mode;
        }

        _shutdownTask = IoTask.Create(static (channel, _) => channel.OnShutdownTask(), this);
        EventLoop.Schedule(_shutdownTask);
    }

    private void BeginShutdown()
    {
        _state = ChannelState.ShuttingDown;
        _phase = Phase.Read;
        StopStatistics();
        ShutdownDeadline = IoClock.After(EventLoop.CurrentTime, ShutdownTimeout);
        IoLog.ChannelShuttingDown(Logger, Id, _reason);
        ShutDownRead(First is { Handler: null } ? First.RightWithHandler : First);
    }

    private void CutShort()
    {
        _mode = ShutdownMode.Immediate;
        if (_state != ChannelState.ShuttingDown)
        {
            return;
        }

        for (ChannelSlot? slot = First; slot is not null; slot = slot.Right)
        {
            try
            {
                slot.Handler?.OnAbort(slot);
            }
            catch (Exception exception)
            {
                IoLog.HandlerFailed(Logger, exception, Id);
            }
        }
    }

    private void OnShutdownTask()
    {
        switch (_phase)
        {
            case Phase.Setup:
                // The task that reports the set-up comes from another thread and is still under way.
                _shutdownAfterSetup = true;
                break;
            case Phase.Idle:
                BeginShutdown();
                break;
            case Phase.StartWrite:
                _phase = Phase.Write;
                ChannelSlot? last = Last;
                ShutDownWrite(last is { Handler: null } ? last.LeftWithHandler : last);
                break;
            case Phase.Report:
                _phase = Phase.Over;
                ReportShutdown();
                break;
        }
    }

    private void OnSetupTask(IoTaskStatus status)
    {
        _phase = Phase.Idle;
        IoError error = status == IoTaskStatus.Run
            ? IoError.None
            : new IoError(IoErrorCode.EventLoopShutdown, $"{EventLoop.Name} is ending.");
        _state = ChannelState.Active;
        try
        {
            _onSetup(this, error, _callbackState);
        }
        catch (Exception exception)
        {
            OnHandlerException(exception);
        }

        if (_shutdownAfterSetup)
        {
            BeginShutdown();
        }
    }

    private void ShutDownRead(ChannelSlot? slot)
    {
        if (slot is not null)
        {
            ShutHandlerDown(slot, ChannelDirection.Read);
            return;
        }

        // A fresh task, so that the handlers' stack has unwound before the other direction begins.
        _phase = Phase.StartWrite;
        EventLoop.Schedule(_shutdownTask!);
    }

    private void ShutDownWrite(ChannelSlot? slot)
    {
        if (slot is not null)
        {
            ShutHandlerDown(slot, ChannelDirection.Write);
            return;
        }

        _state = ChannelState.ShutDown;
        _phase = Phase.Report;

        // Behind what other threads have scheduled on the channel, too: that is cancelled before the callback.
        EventLoop.ScheduleSerialized(_shutdownTask!);
    }

    private void ShutHandlerDown(ChannelSlot slot, ChannelDirection direction)
    {
        _waitingFor = slot;
        try
        {
            slot.Handler!.OnShutdown(slot, direction, _reason, _mode);
        }
        catch (Exception exception)
        {
            IoLog.HandlerFailed(Logger, exception, Id);
            slot.CompleteShutdown(direction, _reason, _mode);
        }
    }

    private void ReportShutdown()
    {
        CancelTasks();
        IoLog.ChannelShutDown(Logger, Id, _reason);
        try
        {
            _onShutdown?.Invoke(this, _reason, _callbackState);
        }
        catch (Exception exception)
        {
            IoLog.HandlerFailed(Logger, exception, Id);
        }

        TellEnd();
    }
}

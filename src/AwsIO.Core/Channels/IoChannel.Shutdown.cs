namespace AwsIO;

/// <summary>
/// Set-up and shutdown. The order: setup callback; then, once, read directions from left to right, a fresh task, write directions
/// from right to left, a fresh task, shutdown callback, handlers destroyed.
/// </summary>
public sealed partial class IoChannel
{
    // Of whoever was first to ask; null until somebody does.
    private ShutdownRequest? _shutdown;
    private Phase _phase;
    private IoTask? _abortTask;
    private bool _shutdownAfterSetup;

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
        if (_shutdown is { } shutdown && ReferenceEquals(slot, shutdown.WaitingFor))
        {
            slot.CompleteShutdown(
                _phase == Phase.Read ? ChannelDirection.Read : ChannelDirection.Write, shutdown.Reason, shutdown.Mode);
        }
    }

    internal void OnSlotDown(ChannelSlot slot, ChannelDirection direction, IoError reason, ShutdownMode mode)
    {
        if (_shutdown is not { } shutdown || !ReferenceEquals(slot, shutdown.WaitingFor)
            || _phase != (direction == ChannelDirection.Read ? Phase.Read : Phase.Write))
        {
            // A second report, or one that nobody asked for, must not shut down for another handler.
            return;
        }

        // The first reason stays, but a handler may find one where there was none; only graver modes are taken over.
        if (shutdown.Reason.IsNone)
        {
            shutdown.Reason = reason;
        }

        if (mode == ShutdownMode.Immediate)
        {
            shutdown.Mode = mode;
        }

        shutdown.WaitingFor = null;
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
        if (Volatile.Read(ref _shutdown) is not null)
        {
            return;
        }

        ShutdownRequest request = new(this, reason, mode);
        if (Interlocked.CompareExchange(ref _shutdown, request, null) is null)
        {
            EventLoop.Schedule(request);
        }
    }

    private void BeginShutdown()
    {
        _state = ChannelState.ShuttingDown;
        _phase = Phase.Read;
        StopStatistics();
        _shutdown!.GiveUpTime = IoClock.After(EventLoop.CurrentTime, ShutdownTimeout);
        IoLog.ChannelShuttingDown(Logger, Id, _shutdown.Reason);
        ShutDownRead(First is { Handler: null } ? First.RightWithHandler : First);
    }

    private void CutShort()
    {
        _shutdown!.Mode = ShutdownMode.Immediate;
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
        EventLoop.Schedule(_shutdown!);
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
        EventLoop.ScheduleSerialized(_shutdown!);
    }

    private void ShutHandlerDown(ChannelSlot slot, ChannelDirection direction)
    {
        ShutdownRequest shutdown = _shutdown!;
        shutdown.WaitingFor = slot;
        try
        {
            slot.Handler!.OnShutdown(slot, direction, shutdown.Reason, shutdown.Mode);
        }
        catch (Exception exception)
        {
            IoLog.HandlerFailed(Logger, exception, Id);
            slot.CompleteShutdown(direction, shutdown.Reason, shutdown.Mode);
        }
    }

    private void ReportShutdown()
    {
        CancelTasks();
        IoLog.ChannelShutDown(Logger, Id, _shutdown!.Reason);
        try
        {
            _onShutdown?.Invoke(this, _shutdown.Reason, _callbackState);
        }
        catch (Exception exception)
        {
            IoLog.HandlerFailed(Logger, exception, Id);
        }

        TellEnd();
    }

    /// <summary>
    /// What the channel ends with, and the task that begins the end and goes through its phases. Made when somebody asks for it: most of
    /// its life a channel has no use for it.
    /// </summary>
    private sealed class ShutdownRequest(IoChannel channel, IoError reason, ShutdownMode mode) : IoTask
    {
        internal IoError Reason { get; set; } = reason;

        internal ShutdownMode Mode { get; set; } = mode;

        // The loop's clock, once the shutdown has begun.
        internal long GiveUpTime { get; set; } = long.MaxValue;

        internal ChannelSlot? WaitingFor { get; set; }

        protected override void Run(IoTaskStatus status) => channel.OnShutdownTask();
    }
}

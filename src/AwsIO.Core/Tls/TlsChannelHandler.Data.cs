namespace AwsIO;

/// <summary>Decrypting, and the end.</summary>
public sealed partial class TlsChannelHandler
{
    private IoTask? _readTask;
    private IoError _endReason;
    private ShutdownMode _delayedMode;
    private IoError _delayedReason;
    private bool _shutdownDelayed;
    private bool _peerClosed;
    private bool _endPending;
    private bool _endReported;
    private bool _readDown;
    private byte _probe;
    private bool _hasProbe;
    private bool _deliveryFailed;
    private bool _readFailed;
    private IoTask? _shutdownTimer;

    /// <inheritdoc/>
    protected internal override IoError OnRead(ChannelSlot slot, IoMessage message)
    {
        ArgumentNullException.ThrowIfNull(slot);
        ArgumentNullException.ThrowIfNull(message);
        if (_readDown || IsInputOver)
        {
            message.Release();
            DropInput();
            return IoError.None;
        }

        _transport.AddInput(message);
        if (_negotiation == NegotiationState.Done)
        {
            Decrypt();
        }
        else
        {
            DriveHandshake();
        }

        return IoError.None;
    }

    /// <inheritdoc/>
    protected internal override void OnWindowIncrement(ChannelSlot slot, long size)
    {
        TopUpWindow();
        if (_negotiation == NegotiationState.Done)
        {
            // What was decrypted or received already is delivered by a task: the grant may come from inside a delivery.
            ScheduleRead();
        }
    }

    /// <inheritdoc/>
    protected internal override void OnReadEnd(ChannelSlot slot, IoError reason)
    {
        if (reason.IsNone)
        {
            // Inside another TLS connection, whose peer has said goodbye.
            reason = new IoError(IoErrorCode.SocketClosed, "the connection that carries it was closed.");
        }

        if (_negotiation != NegotiationState.Done)
        {
            FailNegotiation(reason);
            return;
        }

        // What was received before the end, and waits for window, comes first.
        _endPending = true;
        _endReason = reason;
        Decrypt();
    }

    /// <inheritdoc/>
    protected internal override void OnShutdown(ChannelSlot slot, ChannelDirection direction, IoError reason, ShutdownMode mode)
    {
        ArgumentNullException.ThrowIfNull(slot);
        if (direction == ChannelDirection.Read)
        {
            ShutDownRead(slot, reason, mode);
            return;
        }

        // What has waited for the peer until now cannot wait any longer: nothing is read any more.
        FailDeferredWrites();
        if (mode == ShutdownMode.Graceful && reason.Code != IoErrorCode.SocketClosed && _negotiation == NegotiationState.Done)
        {
            SendCloseNotify();
            _ = Flush();
        }

        slot.CompleteShutdown(direction, reason, mode);
    }

    /// <inheritdoc/>
    protected internal override void OnAbort(ChannelSlot slot)
    {
        if (_shutdownDelayed)
        {
            CompleteReadShutdown(ShutdownMode.Immediate);
        }
    }

    private void ShutDownRead(ChannelSlot slot, IoError reason, ShutdownMode mode)
    {
        if (_negotiation is NegotiationState.NotStarted or NegotiationState.Ongoing)
        {
            // Whoever waits for the handshake is told why there will be none.
            FailNegotiation(reason.IsNone ? new IoError(IoErrorCode.SocketClosed, "the channel was shut down.") : reason);
        }

        _delayedReason = reason;
        _delayedMode = mode;
        _shutdownDelayed = true;
        if (mode == ShutdownMode.Graceful && _negotiation == NegotiationState.Done && !_endReported && !_deliveryFailed && slot.RightWithHandler is not null)
        {
            // Decrypting completes the shutdown once nothing is left to deliver, and at the deadline what is left is dropped.
            Decrypt();
            StartShutdownTimer();
        }
        else
        {
            CompleteReadShutdown(mode);
        }
    }

    private void StartShutdownTimer()
    {
        if (_shutdownDelayed && Channel.ShutdownDeadline != long.MaxValue)
        {
            _shutdownTimer = IoTask.Create(static (handler, status) => handler.OnShutdownTimer(status), this);
            Channel.EventLoop.ScheduleAt(_shutdownTimer, Channel.ShutdownDeadline);
        }
    }

    private void OnShutdownTimer(IoTaskStatus status)
    {
        if (status == IoTaskStatus.Run && _shutdownDelayed)
        {
            IoLog.PlaintextDropped(Channel.EventLoop.Loggers.Tls, Channel.Id, Channel.ShutdownTimeout);
            CompleteReadShutdown(_delayedMode);
        }
    }

    private void CompleteReadShutdown(ShutdownMode mode)
    {
        _shutdownDelayed = false;
        _readDown = true;
        CancelTimeout();
        if (_shutdownTimer is { IsScheduled: true } timer)
        {
            Channel.EventLoop.Cancel(timer);
        }

        Slot!.CompleteShutdown(ChannelDirection.Read, _delayedReason, mode);
    }

    /// <summary>Delivers what can be decrypted now and has room to the right.</summary>
    private void Decrypt()
    {
        if (_readFailed || _deliveryFailed)
        {
            // Nothing that a session says after its failure counts, least of all that the peer has finished; and who refuses data does not
            // want what is behind it.
            FinishDelayedShutdown();
            return;
        }

        ChannelSlot slot = Slot!;
        TlsStep step = TlsStep.Done;
        while (step == TlsStep.Done && !_readDown && !_peerClosed)
        {
            long window = slot.DownstreamWindow;
            if (window <= 0)
            {
                step = HasUndelivered ? Probe() : TlsStep.NeedsInput;
                if (step == TlsStep.Done && !(_shutdownDelayed && slot.RightWithHandler is null))
                {
                    return;
                }

                break;
            }

            IoMessage message = slot.Channel.RentMessage((int)Math.Min(window, RecordSize));
            step = Fill(message);
            if (message.Length == 0)
            {
                message.Release();
                break;
            }

            if (!Deliver(slot, message))
            {
                return;
            }
        }

        AfterDecrypting(step);
    }

    /// <summary>Decrypts into a message until it is full: many small records take no more memory than a large one.</summary>
    private TlsStep Fill(IoMessage message)
    {
        TlsStep step = ReadInto(message);
        while (step == TlsStep.Done)
        {
            if (!HasUndelivered)
            {
                return TlsStep.NeedsInput;
            }

            if (message.FreeSpace.IsEmpty)
            {
                return TlsStep.Done;
            }

            step = ReadInto(message);
        }

        return step;
    }

    private bool Deliver(ChannelSlot slot, IoMessage message)
    {
        IoError error;
        try
        {
            error = slot.Send(message, ChannelDirection.Read);
        }
        catch
        {
            _deliveryFailed = true;
            throw;
        }

        if (error.IsNone)
        {
            return true;
        }

        message.Release();
        _deliveryFailed = true;
        Channel.Shutdown(error);
        DropInput();
        FinishDelayedShutdown();
        return false;
    }

    /// <summary>Whether nothing that comes from the left is looked at any more.</summary>
    private bool IsInputOver => _negotiation == NegotiationState.Failed || _readFailed || _deliveryFailed || _peerClosed;

    /// <summary>Whether something was received or decrypted that the application has not been given.</summary>
    private bool HasUndelivered => _hasProbe || _transport.InputBytes > 0 || _session!.HasPending;

    /// <summary>
    /// Finds out, when the connection ends while the application takes nothing, whether what waits is data at all: for tickets and
    /// alerts, or a part of a record, nobody will ever open a window.
    /// </summary>
    /// <returns><see cref="TlsStep.Done"/> when there is data, or when it is too early to ask.</returns>
    private TlsStep Probe()
    {
        if (_hasProbe || _session!.HasPending || !(_shutdownDelayed || _endPending))
        {
            return TlsStep.Done;
        }

        TlsStep step = _session.Read(new Span<byte>(ref _probe), out _);
        _hasProbe = step == TlsStep.Done;
        return step;
    }

    private TlsStep ReadInto(IoMessage message)
    {
        if (_hasProbe)
        {
            _hasProbe = false;
            message.FreeSpace[0] = _probe;
            message.Advance(1);
            return TlsStep.Done;
        }

        TlsStep step = _session!.Read(message.FreeSpace, out int count);
        message.Advance(count);
        return step;
    }

    private void AfterDecrypting(TlsStep step)
    {
        if (_readDown)
        {
            return;
        }

        if (step != TlsStep.Failed)
        {
            SendDeferredWrites();
        }

        // Answers to key updates, and alerts.
        IoError error = Flush();
        if (step == TlsStep.Failed)
        {
            _readFailed = true;
            IoError failure = _session!.Error;
            IoErrorCode code = failure.Code == IoErrorCode.TlsAlertReceived ? failure.Code : IoErrorCode.TlsReadFailure;
            Channel.Shutdown(new IoError(
                code, failure.NativeError, Describe("Reading from the TLS connection", $"failed: {failure.Detail}")));
            DropInput();
            FinishDelayedShutdown();
            return;
        }

        if (error.IsError)
        {
            Channel.Shutdown(error);
        }

        _peerClosed |= step == TlsStep.Closed;
        if (_peerClosed)
        {
            DropInput();
        }

        ReportEnd();
        FinishDelayedShutdown();
        TopUpWindow();
    }

    private void FinishDelayedShutdown()
    {
        if (_shutdownDelayed)
        {
            CompleteReadShutdown(_delayedMode);
        }
    }

    private void ReportEnd()
    {
        if (_endReported || !(_peerClosed || _endPending))
        {
            return;
        }

        _endReported = true;
        if (_peerClosed)
        {
            Slot!.SendReadEnd(IoError.None);
        }
        else
        {
            // Without a goodbye, nobody can tell a peer that has finished from one that was cut off.
            Channel.Shutdown(new IoError(
                IoErrorCode.TlsAlertNotGraceful,
                Describe(
                    "The TLS connection",
                    $"was cut off without a goodbye (close_notify), so what came may be incomplete: {_endReason.Detail}")));
        }
    }

    private void ScheduleRead()
    {
        if (_readTask is { IsScheduled: true } || _readDown)
        {
            return;
        }

        _readTask ??= IoTask.Create(static (handler, status) => handler.OnReadTask(status), this);
        Channel.EventLoop.Schedule(_readTask);
    }

    private void OnReadTask(IoTaskStatus status)
    {
        if (status != IoTaskStatus.Run || _readDown || _negotiation != NegotiationState.Done)
        {
            return;
        }

        try
        {
            Decrypt();
        }
        catch (Exception exception)
        {
            Channel.OnHandlerException(exception);
            FinishDelayedShutdown();
        }
    }
}

namespace AwsIO;

/// <summary>Encrypting.</summary>
public sealed partial class TlsChannelHandler
{
    // Messages that wait until a part-received message of the protocol has come whole; nearly always none.
    private MessageQueue _deferred;
    private bool _sendingDeferred;
    private bool _writeEnded;
    private bool _closeNotifySent;

    /// <summary>Bytes of the messages that wait. Loop thread.</summary>
    internal long DeferredBytes { get; private set; }

    /// <summary>Called when none waits any more. Loop thread.</summary>
    internal Action? DeferredSent { get; set; }

    /// <inheritdoc/>
    protected internal override IoError OnWrite(ChannelSlot slot, IoMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (_isDestroyed)
        {
            return new IoError(IoErrorCode.SocketClosed, "Data was written after the TLS connection had ended.");
        }

        if (_negotiation != NegotiationState.Done || _session is null)
        {
            return new IoError(IoErrorCode.TlsNotNegotiated, "Data was written before the TLS handshake was done.");
        }

        if (_writeEnded || _closeNotifySent)
        {
            return new IoError(IoErrorCode.TlsWriteFailure, "Data was written after the end of the TLS connection's writing direction.");
        }

        message.CopyMark = 0;
        if (_deferred.First is not null || _sendingDeferred)
        {
            _writeEnded = message.IsLast;
            Defer(message);
            return IoError.None;
        }

        bool isLast = message.IsLast;
        IoError error = Encrypt(message, out bool finished);
        if (error.IsNone)
        {
            _writeEnded = isLast;
            if (!finished)
            {
                Defer(message);
            }
        }

        return error;
    }

    /// <summary>Encrypts what is left of a message, and sends it.</summary>
    /// <param name="message">The message: the caller's on an error, and where it is not finished.</param>
    /// <param name="finished">Whether all of it was encrypted, so that it has been sent or released.</param>
    private IoError Encrypt(IoMessage message, out bool finished)
    {
        ReadOnlySpan<byte> rest = message.Data[message.CopyMark..];
        int records = (rest.Length / RecordSize) + 1;
        int count = 0;
        _transport.OutputHint = rest.Length + (records * RecordOverhead);
        TlsStep step = rest.IsEmpty ? TlsStep.Done : _session!.Write(rest, out count);
        message.CopyMark += count;
        finished = step == TlsStep.Done;
        if (finished)
        {
            if (message.IsLast)
            {
                SendCloseNotify();
            }

            return FlushFor(message);
        }

        if (step == TlsStep.NeedsInput)
        {
            return Flush();
        }

        IoError failure = new(
            IoErrorCode.TlsWriteFailure,
            _session!.Error.NativeError,
            Describe("Writing to the TLS connection", $"failed: {_session.Error.Detail}"));
        Channel.Shutdown(failure);
        return failure;
    }

    private void Defer(IoMessage message)
    {
        _deferred.Enqueue(message);
        DeferredBytes += Remaining(message);
    }

    /// <summary>Goes on with the writes that had to wait; input has come.</summary>
    private void SendDeferredWrites()
    {
        while (!_sendingDeferred && _deferred.First is not null)
        {
            IoMessage message = TakeDeferred();
            _sendingDeferred = true;
            IoError error = Encrypt(message, out bool finished);
            _sendingDeferred = false;
            if (error.IsError)
            {
                CompleteDeferred(message, error);
                Channel.Shutdown(error);
            }
            else if (!finished)
            {
                _deferred.PutBack(message);
                DeferredBytes += Remaining(message);
                return;
            }

            if (_deferred.First is null)
            {
                DeferredSent?.Invoke();
            }
        }
    }

    private IoMessage TakeDeferred()
    {
        IoMessage message = _deferred.Dequeue();
        DeferredBytes -= Remaining(message);
        return message;
    }

    private static int Remaining(IoMessage message) => message.Length - message.CopyMark;

    private void FailDeferredWrites()
    {
        _writeEnded = true;
        IoError error = new(IoErrorCode.TlsWriteFailure, "The TLS connection ended before a waiting write could go out.");
        while (_deferred.First is not null)
        {
            CompleteDeferred(TakeDeferred(), error);
        }
    }

    private void CompleteDeferred(IoMessage message, IoError error)
    {
        try
        {
            message.Complete(error);
        }
        catch (Exception exception)
        {
            Channel.OnHandlerException(exception);
        }
    }

    private void SendCloseNotify()
    {
        if (!_closeNotifySent)
        {
            _closeNotifySent = true;
            _session!.WriteCloseNotify();
        }
    }

    /// <summary>Sends the ciphertext of a message; its completion goes with the last part.</summary>
    private IoError FlushFor(IoMessage message)
    {
        if (_transport.LastOutput is not { } last)
        {
            // An empty message: it goes on as it is, for its completion's sake.
            return Slot!.Send(message, ChannelDirection.Write);
        }

        last.IsLast = message.IsLast;
        message.MoveCompletionTo(last);
        IoError error = Flush(message);
        if (error.IsNone)
        {
            message.Release();
        }

        return error;
    }
}

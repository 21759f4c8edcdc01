namespace AwsIO;

/// <summary>Reading by turns, and writing.</summary>
public sealed partial class SocketChannelHandler
{
    private const int LargestGrowth = 16;

    // A turn's size and a message's: doubled when a connection fills its turn, halved when it leaves most of it.
    private int _readSize;

    /// <inheritdoc/>
    protected internal override IoError OnWrite(ChannelSlot slot, IoMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (!Socket.IsOpen)
        {
            return new IoError(IoErrorCode.SocketClosed, "The connection was closed before the write.");
        }

        int sent = 0;
        IoError error = IoError.None;
        if (message is { HasCompletion: false, IsLast: false })
        {
            error = Socket.TryWrite(message.Data, out sent);
            if (error.IsNone && sent == message.Length)
            {
                message.Release();
                return IoError.None;
            }
        }

        if (error.IsNone)
        {
            message.Carrier = this;
            error = Socket.WritePinned(message.Memory[sent..], static (_, error, _, state) => OnWritten((IoMessage)state!, error), message);
        }

        if (error.IsError)
        {
            Channel.Shutdown(error);
        }

        return error;
    }

    private static void OnWritten(IoMessage message, IoError error) =>
        ((SocketChannelHandler)message.Carrier!).OnWrittenMessage(message, error);

    private void OnWrittenMessage(IoMessage message, IoError error)
    {
        bool isLast = message.IsLast;
        if (error.IsNone && isLast && !_closing && Socket.IsOpen)
        {
            error = Socket.ShutdownWrite();
        }

        try
        {
            message.Complete(error);
        }
        catch (Exception exception)
        {
            Channel.OnHandlerException(exception);
        }

        if (error.IsError)
        {
            Channel.Shutdown(error);
        }

        if (!_closing && (Socket.QueuedBytes == 0 || !Socket.IsOpen))
        {
            EndWriting();
        }
    }

    private void OnReadable(IoError error)
    {
        if (error.Code == IoErrorCode.EventLoopShutdown)
        {
            // Nothing that a graceful end would wait for can come any more.
            Channel.Abort(error);
        }
        else if (_ending is not null)
        {
            EndWriting();
        }
        else if (_readEnded)
        {
            if (Socket.HasHungUp)
            {
                OnBroken(error);
            }
        }
        else if (_readTask is not { IsScheduled: true })
        {
            // While a turn is scheduled, the connection waits for it as all others do.
            Read();
        }
    }

    /// <summary>What can still be told after the peer's end: that the connection has failed.</summary>
    private void OnBroken(in IoError error)
    {
        IoError pending = Socket.GetError();
        if (pending.IsError || error.NativeError != 0)
        {
            Channel.Shutdown(pending.IsError ? pending : error);
        }
    }

    private void Read()
    {
        try
        {
            ReadTurn();
        }
        catch (Exception exception)
        {
            Channel.OnHandlerException(exception);
        }
    }

    private void ReadTurn()
    {
        ChannelSlot slot = Slot!;
        long budget = _readSize;
        while (budget > 0)
        {
            long window = slot.DownstreamWindow;
            if (_readDown || _readEnded || window <= 0 || !Socket.IsOpen)
            {
                return;
            }

            IoMessage message = slot.Channel.RentMessage((int)Math.Min(Math.Min(window, budget), _readSize));
            IoError error = Socket.Read(message.FreeSpace, out int count);
            if (error.IsError)
            {
                message.Release();
                OnReadFailed(slot, error);
                return;
            }

            message.Advance(count);
            budget -= count;
            Adapt(count, message.Capacity);
            error = slot.Send(message, ChannelDirection.Read);
            if (error.IsError)
            {
                message.Release();
                slot.Channel.Shutdown(error);
                return;
            }

            if (!Socket.MayRead)
            {
                return;
            }
        }

        // Its turn is over, but there may be more: back to the end of the line.
        ScheduleRead();
    }

    private void OnReadFailed(ChannelSlot slot, IoError error)
    {
        if (error.Code == IoErrorCode.ReadWouldBlock)
        {
            return;
        }

        _readEnded = true;
        if (error is { Code: IoErrorCode.SocketClosed, NativeError: 0 })
        {
            slot.SendReadEnd(error);
        }
        else
        {
            slot.Channel.Shutdown(error);
        }
    }

    private void Adapt(int count, int capacity)
    {
        if (count == _readSize && _readSize < _maxReadSize * LargestGrowth && _readSize < MessagePool.MaxMessageSize / 2)
        {
            _readSize *= 2;
        }
        else if (count < _readSize / 4 && capacity == _readSize && _readSize > _maxReadSize)
        {
            _readSize /= 2;
        }
    }

    private void ScheduleRead()
    {
        if (_readDown || _readEnded || !Socket.IsOpen || _readTask is { IsScheduled: true })
        {
            return;
        }

        _readTask ??= IoTask.Create(
            static (handler, status) =>
            {
                if (status == IoTaskStatus.Run)
                {
                    handler.Read();
                }
            },
            this);
        Channel.EventLoop.Schedule(_readTask);
    }
}

namespace AwsIO;

/// <summary>Reading by turns, and writing.</summary>
public sealed partial class SocketChannelHandler
{
    private const int LargestGrowth = 16;

    // A turn's size and a message's: doubled when a connection fills its turn, halved when it leaves most of it.
    private int _readSize;

    // What was handed to the socket, queued or not, but for what has failed.
    private long _bytesTaken;
    private long _bytesRead;
    private Counted? _counted;

    private long BytesSent => _bytesTaken - Socket.QueuedBytes;

    /// <inheritdoc/>
    protected internal override WriteProgress WriteProgress => new(BytesSent, Socket.QueuedBytes);

    /// <inheritdoc/>
    protected internal override void GatherStatistics(ICollection<ChannelStatistics> statistics)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        Counted counted = _counted ??= new Counted();
        SocketStatistics report = counted.Report;
        report.BytesRead = _bytesRead - counted.ReadBefore;
        report.BytesWritten = BytesSent - counted.SentBefore;
        report.TotalBytesRead = _bytesRead;
        report.TotalBytesWritten = BytesSent;
        report.BytesQueued = Socket.QueuedBytes;
        statistics.Add(report);
    }

    /// <inheritdoc/>
    protected internal override void ResetStatistics()
    {
        Counted counted = _counted ??= new Counted();
        counted.ReadBefore = _bytesRead;
        counted.SentBefore = BytesSent;
    }

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
            error = Socket.TryWrite(message.Data, out sent, isPinned: !message.IsReadOnly);
            _bytesTaken += sent;
            if (error.IsNone && sent == message.Length)
            {
                message.Release();
                return IoError.None;
            }
        }

        if (error.IsNone)
        {
            int rest = message.Length - sent;
            message.Carrier = this;
            message.CopyMark = sent;
            error = Socket.WriteMemory(
                message.Memory[sent..],
                isPinned: !message.IsReadOnly,
                static (_, error, count, state) => OnWritten((IoMessage)state!, error, count),
                message);
            if (error.IsNone)
            {
                _bytesTaken += rest;
                if (Socket.QueuedBytes > 0)
                {
                    Channel.OnUnsent(Socket.QueuedBytes);
                }
            }
        }

        if (error.IsError)
        {
            Channel.Shutdown(error);
        }

        return error;
    }

    private static void OnWritten(IoMessage message, IoError error, long count) =>
        ((SocketChannelHandler)message.Carrier!).OnWrittenMessage(message, error, count);

    private void OnWrittenMessage(IoMessage message, IoError error, long count)
    {
        if (error.IsError)
        {
            // It is not queued any more, and was not sent.
            _bytesTaken -= message.Length - message.CopyMark - count;
        }

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
        else if (!Channel.IsWritable)
        {
            Channel.OnUnsent(Socket.QueuedBytes);
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
            _bytesRead += count;
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

    /// <summary>For who has statistics reported: where the interval began, and what is reported.</summary>
    private sealed class Counted
    {
        internal SocketStatistics Report { get; } = new();

        internal long ReadBefore { get; set; }

        internal long SentBefore { get; set; }
    }
}

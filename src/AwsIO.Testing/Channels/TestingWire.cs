namespace AwsIO.Testing;

/// <summary>The left end of a <see cref="TestingChannel"/>, in a socket's place.</summary>
internal sealed class TestingWire : ChannelHandler
{
    private readonly Queue<byte[]> _fed = new();
    private readonly Queue<IoMessage> _pending = new();
    private int _taken;
    private long _sent;
    private long _unsent;
    private IoError? _readEnd;
    private IoTask? _completeTask;
    private IoTask? _deliverTask;
    private IoTask? _deadlineTask;
    private (IoError Reason, ShutdownMode Mode)? _ending;
    private bool _readDown;
    private bool _closed;

    internal List<byte[]> Written { get; } = [];

    internal List<long> WindowUpdates { get; } = [];

    internal List<ChannelDirection> ShutDown { get; } = [];

    internal bool CompletesWrites { get; set; } = true;

    internal IoError WriteError { get; set; }

    internal bool HasWriteEnded { get; private set; }

    internal int PendingWrites => _pending.Count;

    internal int WaitingBytes => _fed.Sum(static data => data.Length) - _taken;

    protected internal override WriteProgress WriteProgress => new(_sent, _unsent);

    protected internal override IoError OnRead(ChannelSlot slot, IoMessage message) => IoErrorCode.ChannelCantAcceptInput;

    protected internal override IoError OnWrite(ChannelSlot slot, IoMessage message)
    {
        if (_closed)
        {
            return new IoError(IoErrorCode.SocketClosed, "The connection of the test was closed before the write.");
        }

        Written.Add(message.Data.ToArray());
        _pending.Enqueue(message);
        _unsent += message.Length;
        slot.ReportUnsentBytes(_unsent);
        if (CompletesWrites && _completeTask is not { IsScheduled: true })
        {
            _completeTask ??= IoTask.Create(static (wire, status) => wire.OnCompleteTask(status), this);
            slot.Channel.EventLoop.Schedule(_completeTask);
        }

        return IoError.None;
    }

    protected internal override void OnWindowIncrement(ChannelSlot slot, long size)
    {
        WindowUpdates.Add(size);
        ScheduleDelivery();
    }

    protected internal override void OnTriggerRead(ChannelSlot slot) => ScheduleDelivery();

    protected internal override void OnShutdown(ChannelSlot slot, ChannelDirection direction, IoError reason, ShutdownMode mode)
    {
        ShutDown.Add(direction);
        if (direction == ChannelDirection.Read)
        {
            _readDown = true;
            slot.CompleteShutdown(direction, reason, mode);
            return;
        }

        _ending = (reason, mode);
        TryEnd();
    }

    protected internal override void OnAbort(ChannelSlot slot)
    {
        if (_ending is { } ending)
        {
            _ending = (ending.Reason, ShutdownMode.Immediate);
            TryEnd();
        }
    }

    protected internal override void OnDestroyed() => Close();

    internal IoError Push(ReadOnlySpan<byte> data)
    {
        do
        {
            IoMessage message = Slot!.Channel.RentMessage(Math.Max(1, Math.Min(data.Length, Slot.Channel.FragmentSize)));
            data = data[message.Append(data)..];
            IoError error = Slot.Send(message, ChannelDirection.Read);
            if (error.IsError)
            {
                message.Release();
                return error;
            }
        }
        while (!data.IsEmpty);
        return IoError.None;
    }

    internal void Feed(byte[] data)
    {
        if (data.Length > 0)
        {
            _fed.Enqueue(data);
            Deliver();
        }
    }

    internal void End(IoError reason)
    {
        _readEnd = reason;
        Deliver();
    }

    internal byte[] TakeWritten()
    {
        byte[] all = [.. Written.SelectMany(static data => data)];
        Written.Clear();
        return all;
    }

    internal int Complete(int count, IoError error)
    {
        int completed = 0;
        while (completed < count && _pending.TryDequeue(out IoMessage? message))
        {
            completed++;
            _unsent -= message.Length;
            _sent += error.IsNone ? message.Length : 0;
            HasWriteEnded |= message.IsLast && error.IsNone;
            Complete(message, error);
        }

        if (completed == 0)
        {
            return 0;
        }

        if (error.IsError)
        {
            Slot!.Channel.Shutdown(error);
        }
        else
        {
            Slot!.ReportUnsentBytes(_unsent);
        }

        TryEnd();
        return completed;
    }

    private void Complete(IoMessage message, IoError error)
    {
        try
        {
            message.Complete(error);
        }
        catch (Exception exception)
        {
            Slot!.Channel.OnHandlerException(exception);
        }
    }

    private void OnCompleteTask(IoTaskStatus status)
    {
        if (status == IoTaskStatus.Run && CompletesWrites)
        {
            _ = Complete(int.MaxValue, WriteError);
        }
    }

    private void ScheduleDelivery()
    {
        if (_deliverTask is not { IsScheduled: true } && (_fed.Count > 0 || _readEnd is not null))
        {
            _deliverTask ??= IoTask.Create(
                static (wire, status) =>
                {
                    if (status == IoTaskStatus.Run)
                    {
                        wire.Deliver();
                    }
                },
                this);
            Slot!.Channel.EventLoop.Schedule(_deliverTask);
        }
    }

    /// <summary>Delivers what was fed as far as there is room, and then the end.</summary>
    private void Deliver()
    {
        while (!_readDown && _fed.TryPeek(out byte[]? data))
        {
            long room = Math.Min(Slot!.DownstreamWindow, Slot.Channel.FragmentSize);
            if (room <= 0)
            {
                return;
            }

            int count = (int)Math.Min(room, data.Length - _taken);
            ReadOnlySpan<byte> part = data.AsSpan(_taken, count);
            _taken += count;
            if (_taken == data.Length)
            {
                _ = _fed.Dequeue();
                _taken = 0;
            }

            IoError error = Push(part);
            if (error.IsError)
            {
                Slot.Channel.Shutdown(error);
                return;
            }
        }

        if (!_readDown && _readEnd is { } reason)
        {
            _readEnd = null;
            Slot!.SendReadEnd(reason);
        }
    }

    private void TryEnd()
    {
        if (_ending is not { } ending)
        {
            return;
        }

        IoChannel channel = Slot!.Channel;
        if (_pending.Count > 0 && ending.Mode == ShutdownMode.Graceful)
        {
            if (_deadlineTask is null && channel.ShutdownDeadline != long.MaxValue)
            {
                _deadlineTask = IoTask.Create(static (wire, status) => wire.OnDeadline(status), this);
                channel.EventLoop.ScheduleAt(_deadlineTask, channel.ShutdownDeadline);
            }

            return;
        }

        _ending = null;
        if (_deadlineTask is { IsScheduled: true } deadline)
        {
            channel.EventLoop.Cancel(deadline);
        }

        Close();
        Slot.CompleteShutdown(ChannelDirection.Write, ending.Reason, ending.Mode);
    }

    private void OnDeadline(IoTaskStatus status)
    {
        if (status == IoTaskStatus.Run && Slot is { } slot)
        {
            OnAbort(slot);
        }
    }

    private void Close()
    {
        _closed = true;
        while (_pending.TryDequeue(out IoMessage? message))
        {
            _unsent -= message.Length;
            Complete(message, new IoError(IoErrorCode.SocketClosed, "The connection of the test was closed before the write was over."));
        }
    }
}

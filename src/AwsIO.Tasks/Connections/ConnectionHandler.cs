namespace AwsIO.Tasks;

/// <summary>The last handler of a facade connection's channel: hands what comes to the reader, and what is written to the left.</summary>
internal sealed class ConnectionHandler : ChannelHandler
{
    private readonly int _readWindow;
    private readonly GrantTask _grantTask;
    private IoSocket? _socket;
    private TlsChannelHandler? _tls;
    private long _ungranted;
    private int _grantPosted;

    internal ConnectionHandler(
        EventLoop loop, ContinuationMode mode, int readWindow, long writeHighWater = IoChannelOptions.DefaultWriteHighWatermark)
    {
        Loop = loop;
        _readWindow = readWindow;
        _grantTask = new GrantTask(this);
        Reader = new ConnectionReader(this, mode);
        Writer = new ConnectionWriter(this, mode, writeHighWater);
    }

    internal EventLoop Loop { get; }

    internal ConnectionReader Reader { get; }

    /// <summary>Called when the channel has ended and nothing is told any more. Loop thread.</summary>
    internal Action? Ended { get; set; }

    internal ConnectionWriter Writer { get; }

    internal IoSocket? Socket => _socket;

    internal string PeerName => _socket?.RemoteEndpoint?.ToString() ?? "the peer";

    /// <summary>Bytes that the kernel has not taken yet; the writer is told when it has. Loop thread.</summary>
    internal long QueuedBytes => (_socket?.QueuedBytes ?? 0) + (_tls?.DeferredBytes ?? 0);

    /// <summary>Whether nothing has failed or closed the socket. Loop thread.</summary>
    internal bool CanSend => _socket is not { IsOpen: false } and not { WriteFailed: true };

    /// <inheritdoc/>
    protected internal override long InitialWindow => _readWindow;

    /// <summary>Counts bytes that the application has read; the peer may send as many more. Any thread.</summary>
    internal void Grant(int count)
    {
        if (count == 0)
        {
            return;
        }

        // A share at a time: each grant from elsewhere costs a hop to the loop.
        long ungranted = Interlocked.Add(ref _ungranted, count);
        if (Loop.IsOnLoop)
        {
            GrantNow();
        }
        else if (ungranted >= _readWindow / 4 && Interlocked.Exchange(ref _grantPosted, 1) == 0)
        {
            Loop.Schedule(_grantTask);
        }
    }

    /// <summary>
    /// Why nothing can be sent any more, where the system has said so. A socket that was closed has no reason of its own: the channel's
    /// end brings it, and is made to come at once, as nothing can be delivered that it would wait for. Loop thread.
    /// </summary>
    internal IoError FindWriteError()
    {
        if (_socket is { IsOpen: true, WriteFailed: true })
        {
            return _socket.WriteError;
        }

        Slot?.Channel.Abort(Closed());
        return IoError.None;
    }

    internal IoMessage Rent(int size) => Slot!.Channel.RentMessage(size);

    internal IoError SendLeft(IoMessage message) => Slot!.Channel.State < ChannelState.ShutDown
        ? Slot.Send(message, ChannelDirection.Write)
        : new IoError(IoErrorCode.SocketClosed, $"The connection with {PeerName} is closed.");

    /// <summary>What a handler on the way threw ends the connection. Loop thread.</summary>
    internal void OnHandlerException(Exception exception) => Slot!.Channel.OnHandlerException(exception);

    /// <summary>From now on nobody reads: what comes is thrown away.</summary>
    internal void StopReading(IoError reason)
    {
        Reader.End(reason);
        Reader.Discard();

        // The end of a TLS connection waits for room for what it has decrypted: however the reader stands, there is some from now on.
        Loop.Schedule(IoTask.Create(
            static (handler, status) =>
            {
                if (status == IoTaskStatus.Run)
                {
                    handler.Slot?.IncrementReadWindow(long.MaxValue);
                }
            },
            this));
    }

    /// <inheritdoc/>
    protected internal override IoError OnInstalled(ChannelSlot slot)
    {
        _socket = (slot.Channel.First?.Handler as SocketChannelHandler)?.Socket;
        if (_socket is not null)
        {
            _socket.Drained = Writer.OnDrained;
        }

        for (ChannelSlot? left = slot.Left; left is not null && _tls is null; left = left.Left)
        {
            _tls = left.Handler as TlsChannelHandler;
        }

        if (_tls is not null)
        {
            _tls.DeferredSent = Writer.OnDrained;
        }

        return IoError.None;
    }

    /// <inheritdoc/>
    protected internal override IoError OnRead(ChannelSlot slot, IoMessage message)
    {
        if (Reader.IsDiscarding)
        {
            slot.IncrementReadWindow(message.Length);
            message.Release();
        }
        else
        {
            Reader.Add(message);
        }

        return IoError.None;
    }

    /// <summary>The peer has finished; the application may still write.</summary>
    protected internal override void OnReadEnd(ChannelSlot slot, IoError reason) => Reader.End(IoError.None);

    /// <inheritdoc/>
    protected internal override void OnShutdown(ChannelSlot slot, ChannelDirection direction, IoError reason, ShutdownMode mode)
    {
        if (direction == ChannelDirection.Read)
        {
            Reader.End(reason.IsNone ? Closed() : reason);
        }
        else
        {
            // What was handed over before the end is delivered before it.
            if (mode == ShutdownMode.Graceful && !Writer.SendStaged())
            {
                // Another thread adds to it at this moment.
                Loop.Schedule(IoTask.Create(
                    static (work, status) => work.Handler.OnShutdown(
                        work.Slot, ChannelDirection.Write, work.Reason, status == IoTaskStatus.Run ? ShutdownMode.Graceful : ShutdownMode.Immediate),
                    (Handler: this, Slot: slot, Reason: reason)));
                return;
            }

            Writer.End(reason.IsNone ? Closed() : reason);
        }

        slot.CompleteShutdown(direction, reason, mode);
    }

    /// <inheritdoc/>
    protected internal override void OnDestroyed()
    {
        Reader.End(Closed());
        Writer.End(Closed());
        Reader.CancelTimer();
        Writer.CancelTimer();
        Ended?.Invoke();
    }

    private IoError Closed() => new(IoErrorCode.SocketClosed, $"The connection with {PeerName} was closed.");

    private void GrantNow()
    {
        long amount = Interlocked.Exchange(ref _ungranted, 0);
        if (amount > 0)
        {
            Slot?.IncrementReadWindow(amount);
        }
    }

    private sealed class GrantTask(ConnectionHandler handler) : IoTask
    {
        protected override void Run(IoTaskStatus status)
        {
            Volatile.Write(ref handler._grantPosted, 0);
            Interlocked.MemoryBarrier();
            if (status == IoTaskStatus.Run)
            {
                handler.GrantNow();
            }
        }
    }
}

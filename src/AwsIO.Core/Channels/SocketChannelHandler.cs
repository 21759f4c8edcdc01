namespace AwsIO;

/// <summary>
/// The leftmost handler of a channel: moves bytes between a socket and the channel (<c>aws_socket_handler</c>). It owns the socket
/// from its installation on.
/// </summary>
public sealed partial class SocketChannelHandler : ChannelHandler
{
    /// <summary>The most bytes read in one turn before other connections have theirs, unless told otherwise.</summary>
    public const int DefaultMaxReadSize = MessagePool.FragmentSize;

    private readonly int _maxReadSize;
    private IoTask? _readTask;
    private IoTask? _deadlineTask;
    private ShutdownRequest? _waitingForWrites;
    private bool _readDown;
    private bool _readEnded;

    /// <summary>Makes a handler for a connected socket (<c>aws_socket_handler_new</c>).</summary>
    /// <param name="socket">A connected socket that belongs to the channel's loop.</param>
    public SocketChannelHandler(IoSocket socket)
        : this(socket, DefaultMaxReadSize)
    {
    }

    /// <summary>Makes a handler for a connected socket (<c>aws_socket_handler_new</c>).</summary>
    /// <param name="socket">A connected socket that belongs to the channel's loop.</param>
    /// <param name="maxReadSize">
    /// The most bytes read in one turn before other connections have theirs. A connection that keeps filling its turn is given up to
    /// sixteen times as much.
    /// </param>
    public SocketChannelHandler(IoSocket socket, int maxReadSize)
    {
        ArgumentNullException.ThrowIfNull(socket);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxReadSize);
        Socket = socket;
        _maxReadSize = maxReadSize;
        _readSize = maxReadSize;
    }

    /// <summary>The socket (<c>aws_socket_handler_get_socket</c>).</summary>
    public IoSocket Socket { get; }

    private IoChannel Channel => Slot!.Channel;

    /// <inheritdoc/>
    protected internal override IoError OnInstalled(ChannelSlot slot)
    {
        ArgumentNullException.ThrowIfNull(slot);
        return Socket.SubscribeReadable(static (_, error, state) => ((SocketChannelHandler)state!).OnReadable(error), this);
    }

    /// <summary>A socket has nothing to its left: nothing can be read into it.</summary>
    /// <param name="slot">The handler's slot.</param>
    /// <param name="message">Not taken.</param>
    /// <returns><see cref="IoErrorCode.ChannelCantAcceptInput"/>.</returns>
    protected internal override IoError OnRead(ChannelSlot slot, IoMessage message) => IoErrorCode.ChannelCantAcceptInput;

    /// <inheritdoc/>
    protected internal override void OnWindowIncrement(ChannelSlot slot, long size)
    {
        if (Socket.MayRead)
        {
            ScheduleRead();
        }
    }

    /// <inheritdoc/>
    protected internal override void OnTriggerRead(ChannelSlot slot) => ScheduleRead();

    /// <inheritdoc/>
    protected internal override void OnShutdown(ChannelSlot slot, ChannelDirection direction, IoError reason, ShutdownMode mode)
    {
        ArgumentNullException.ThrowIfNull(slot);
        if (direction == ChannelDirection.Read)
        {
            _readDown = true;
            if (mode == ShutdownMode.Immediate)
            {
                Socket.CloseAbruptly();
            }

            slot.CompleteShutdown(direction, reason, mode);
            return;
        }

        ShutdownRequest request = new(reason, mode);
        if (mode == ShutdownMode.Graceful && Socket.IsOpen && Socket.QueuedBytes > 0)
        {
            WaitForWrites(request);
        }
        else
        {
            FinishShutdown(request);
        }
    }

    /// <inheritdoc/>
    protected internal override void OnAbort(ChannelSlot slot)
    {
        if (_waitingForWrites is { } request)
        {
            FinishShutdown(request with { Mode = ShutdownMode.Immediate });
        }
    }

    /// <inheritdoc/>
    protected internal override void OnDestroyed()
    {
        // A handler that was taken out of a living channel takes its socket along.
        Socket.Dispose();
    }

    private void WaitForWrites(ShutdownRequest request)
    {
        _waitingForWrites = request;
        _deadlineTask = IoTask.Create(static (handler, _) => handler.OnDeadline(), this);
        if (Channel.ShutdownTimeout != Timeout.InfiniteTimeSpan)
        {
            Channel.EventLoop.ScheduleAfter(_deadlineTask, Channel.ShutdownTimeout);
        }
    }

    private void OnDeadline()
    {
        if (_waitingForWrites is { } request)
        {
            IoLog.WritesDropped(Channel.Logger, Channel.Id, Socket.QueuedBytes, Channel.ShutdownTimeout);
            FinishShutdown(request with { Mode = ShutdownMode.Immediate });
        }
    }

    /// <summary>Closes the socket, which tells the writes that were left, and goes on once their callbacks are done.</summary>
    private void FinishShutdown(ShutdownRequest request)
    {
        _waitingForWrites = null;
        if (_deadlineTask is { IsScheduled: true } deadline)
        {
            Channel.EventLoop.Cancel(deadline);
        }

        if (request.Mode == ShutdownMode.Immediate)
        {
            Socket.CloseAbruptly();
        }
        else if (Socket.IsOpen)
        {
            Socket.CloseGracefully();
        }

        Channel.EventLoop.Schedule(IoTask.Create(
            static (work, _) => work.Slot.CompleteShutdown(ChannelDirection.Write, work.Request.Reason, work.Request.Mode),
            (Slot: Slot!, Request: request)));
    }

    private sealed record ShutdownRequest(IoError Reason, ShutdownMode Mode);
}

namespace AwsIO;

/// <summary>
/// The leftmost handler of a channel: moves bytes between a socket and the channel (<c>aws_socket_handler</c>). It owns the socket
/// from its installation on.
/// </summary>
public sealed partial class SocketChannelHandler : ChannelHandler
{
    /// <summary>The most bytes read in one turn before other connections have theirs, unless told otherwise.</summary>
    public const int DefaultMaxReadSize = MessagePool.FragmentSize;

    private int _maxReadSize;
    private IoTask? _readTask;
    private Ending? _ending;
    private bool _closing;
    private bool _readDown;
    private bool _readEnded;

    /// <summary>
    /// Makes a handler for a connected socket (<c>aws_socket_handler_new</c>) that reads one fragment of the channel in a turn.
    /// </summary>
    /// <param name="socket">A connected socket that belongs to the channel's loop.</param>
    public SocketChannelHandler(IoSocket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        Socket = socket;
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
        if (_maxReadSize == 0)
        {
            _maxReadSize = slot.Channel.FragmentSize;
            _readSize = _maxReadSize;
        }

        IoError unfit = Socket.Options.ValidateForChannel();
        return unfit.IsError
            ? unfit
            : Socket.SubscribeReadable(static (_, error, state) => ((SocketChannelHandler)state!).OnReadable(error), this);
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

        _ending = new Ending(slot, reason, mode);
        EndWriting();
    }

    /// <inheritdoc/>
    protected internal override void OnAbort(ChannelSlot slot)
    {
        if (_ending is { } request)
        {
            request.Mode = ShutdownMode.Immediate;
            EndWriting();
        }
    }

    /// <inheritdoc/>
    protected internal override void OnDestroyed()
    {
        // A handler that was taken out of a living channel takes its socket along.
        Socket.Dispose();
    }

    /// <summary>
    /// Goes on with the shutdown as far as it can go now: a graceful one waits until the kernel has taken what is queued, and then
    /// until the peer has it.
    /// </summary>
    private void EndWriting()
    {
        if (_ending is not { } request)
        {
            return;
        }

        if (request.Mode == ShutdownMode.Graceful && Socket.IsOpen && Socket.QueuedBytes > 0)
        {
            // A peer may read nothing before it is rid of what it writes.
            _ = Socket.DiscardReceived();
            WaitForPeer(request);
            return;
        }

        if (request.Reason.IsNone && Socket.WriteFailed)
        {
            // What was queued could not be sent: without this, nobody might be told.
            request.Reason = Socket.WriteError;
        }

        // Closing tells the writes that are over, which must not lead here again.
        _closing = true;
        if (request.Mode == ShutdownMode.Immediate)
        {
            Socket.CloseAbruptly();
        }
        else if (Socket.IsOpen && !Socket.TryCloseGracefully(request.GoOn ??= EndWriting))
        {
            WaitForPeer(request);
            return;
        }

        CompleteShutdown();
    }

    private void WaitForPeer(Ending request)
    {
        if (request.DeadlineTask is null && Channel.ShutdownDeadline != long.MaxValue)
        {
            request.DeadlineTask = IoTask.Create(static (handler, status) => handler.OnDeadline(status), this);
            Channel.EventLoop.ScheduleAt(request.DeadlineTask, Channel.ShutdownDeadline);
        }

        if (Socket.MayRead && request.DiscardTask is not { IsScheduled: true })
        {
            // More than one turn's worth waits to be thrown away, of which no event will tell again.
            request.DiscardTask ??= IoTask.Create(static (handler, status) => handler.OnDiscardTask(status), this);
            Channel.EventLoop.Schedule(request.DiscardTask);
        }
    }

    private void OnDiscardTask(IoTaskStatus status)
    {
        if (status == IoTaskStatus.Run)
        {
            EndWriting();
        }
    }

    private void OnDeadline(IoTaskStatus status)
    {
        if (status != IoTaskStatus.Run || _ending is not { } request)
        {
            return;
        }

        if (Socket.QueuedBytes > 0)
        {
            IoLog.WritesDropped(Channel.EventLoop.Loggers.SocketHandler, Channel.Id, Socket.QueuedBytes, Channel.ShutdownTimeout);
            request.Mode = ShutdownMode.Immediate;
            EndWriting();
        }
        else
        {
            // The kernel has it all, and goes on trying.
            _ = Socket.Close();
            CompleteShutdown();
        }
    }

    /// <summary>The socket is closed, which has told the writes that were left: goes on once their callbacks are done.</summary>
    private void CompleteShutdown()
    {
        if (_ending is not { } request)
        {
            return;
        }

        _ending = null;
        if (request.DeadlineTask is { IsScheduled: true } deadline)
        {
            Channel.EventLoop.Cancel(deadline);
        }

        Channel.EventLoop.Schedule(request);
    }

    /// <summary>What the handler was asked to end with, and the task that says that it has.</summary>
    private sealed class Ending(ChannelSlot slot, IoError reason, ShutdownMode mode) : IoTask
    {
        internal IoError Reason { get; set; } = reason;

        internal ShutdownMode Mode { get; set; } = mode;

        internal IoTask? DeadlineTask { get; set; }

        internal IoTask? DiscardTask { get; set; }

        internal Action? GoOn { get; set; }

        protected override void Run(IoTaskStatus status) => slot.CompleteShutdown(ChannelDirection.Write, Reason, Mode);
    }
}

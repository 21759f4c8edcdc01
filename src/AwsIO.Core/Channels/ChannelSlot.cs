namespace AwsIO;

/// <summary>A place in a channel that holds a handler, and its neighbours (<c>aws_channel_slot</c>).</summary>
/// <remarks>Loop thread only.</remarks>
public sealed partial class ChannelSlot
{
    internal ChannelSlot(IoChannel channel) => Channel = channel;

    /// <summary>The channel.</summary>
    public IoChannel Channel { get; }

    /// <summary>The neighbour towards the socket; null for the first slot.</summary>
    public ChannelSlot? Left { get; internal set; }

    /// <summary>The neighbour towards the application; null for the last slot.</summary>
    public ChannelSlot? Right { get; internal set; }

    /// <summary>The handler; null before there is one.</summary>
    public ChannelHandler? Handler { get; private set; }

    /// <summary>How many bytes the slot's handler takes now; <see cref="long.MaxValue"/> without back-pressure.</summary>
    public long Window { get; private set; }

    /// <summary>
    /// How many bytes may be sent to the right now (<c>aws_channel_slot_downstream_read_window</c>); 0 where nobody is there to take
    /// them.
    /// </summary>
    public long DownstreamWindow => RightWithHandler is { } right
        ? Channel.BackPressure ? right.Window : long.MaxValue
        : 0;

    /// <summary>Bytes that the handlers to the left add to a written message (<c>aws_channel_slot_upstream_message_overhead</c>).</summary>
    public int UpstreamMessageOverhead { get; internal set; }

    internal long PendingIncrement { get; private set; }

    internal ChannelSlot? RightWithHandler
    {
        get
        {
            ChannelSlot? slot = Right;
            while (slot is not null && slot.Handler is null)
            {
                slot = slot.Right;
            }

            return slot;
        }
    }

    internal ChannelSlot? LeftWithHandler
    {
        get
        {
            ChannelSlot? slot = Left;
            while (slot is not null && slot.Handler is null)
            {
                slot = slot.Left;
            }

            return slot;
        }
    }

    /// <summary>
    /// Sends a message to a neighbour (<c>aws_channel_slot_send_message</c>).
    /// </summary>
    /// <param name="message">Belongs to the neighbour once this returns no error, and stays the caller's otherwise.</param>
    /// <param name="direction">Read sends to the right, write to the left.</param>
    /// <returns>
    /// <see cref="IoErrorCode.ChannelReadWouldExceedWindow"/>, <see cref="IoErrorCode.InvalidState"/> where nobody is on that side,
    /// <see cref="IoErrorCode.EventLoopThreadOnly"/>, or what the neighbour's handler answered.
    /// </returns>
    public IoError Send(IoMessage message, ChannelDirection direction)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (!Channel.EventLoop.IsOnLoop && !Channel.EventLoop.IsCancellingLate)
        {
            return new IoError(
                IoErrorCode.EventLoopThreadOnly, $"Messages of a channel of {Channel.EventLoop.Name} are sent on its thread: schedule a task on it.");
        }

        try
        {
            return direction == ChannelDirection.Read ? SendRight(message) : SendLeft(message);
        }
        catch (Exception exception)
        {
            // Who sends from a task has nobody below it that would shut the channel down.
            Channel.OnHandlerException(exception);
            throw;
        }
    }

    /// <summary>
    /// Takes this many more bytes from the left (<c>aws_channel_slot_increment_read_window</c>). Small increments are gathered until
    /// some window is scarce.
    /// </summary>
    /// <param name="size">How many more; not negative. Sums stop at the largest number there is.</param>
    public void IncrementReadWindow(long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        Channel.GrantWindow(this, size);
    }

    /// <summary>Tells the right neighbour that the peer has ended its direction; without one, shuts the channel down.</summary>
    /// <param name="reason">What the channel is shut down with when nobody goes on.</param>
    public void SendReadEnd(IoError reason)
    {
        Channel.EventLoop.AssertOnLoop();
        if (RightWithHandler is { } right)
        {
            right.Handler!.OnReadEnd(right, reason);
        }
        else
        {
            Channel.Shutdown(reason);
        }
    }

    /// <summary>
    /// Tells the channel how much waits to be sent, so that the others learn when it passes a mark
    /// (<see cref="ChannelHandler.OnWritabilityChanged"/>). For a channel's first handler, whenever it has queued or sent something.
    /// </summary>
    /// <param name="bytes">Bytes that the handler was given to write and has not sent; not negative.</param>
    public void ReportUnsentBytes(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Channel.EventLoop.AssertOnLoop();
        Channel.OnUnsent(bytes);
    }

    /// <summary>Tells the right neighbour whether it is a good moment to write; without one, nobody.</summary>
    /// <param name="isWritable">Whether it is.</param>
    public void SendWritability(bool isWritable)
    {
        Channel.EventLoop.AssertOnLoop();
        if (RightWithHandler is { } right)
        {
            right.Handler!.OnWritabilityChanged(right, isWritable);
        }
    }

    /// <summary>
    /// Tells the channel that the handler has shut a direction down (<c>aws_channel_slot_on_handler_shutdown_complete</c>). What the channel
    /// does not wait for is ignored.
    /// </summary>
    /// <param name="direction">The direction.</param>
    /// <param name="reason">The reason to go on with; as a rule the one that the handler was given.</param>
    /// <param name="mode">The mode to go on with; as a rule the one that the handler was given.</param>
    public void CompleteShutdown(ChannelDirection direction, IoError reason, ShutdownMode mode)
    {
        Channel.EventLoop.AssertOnLoop();
        Channel.OnSlotDown(this, direction, reason, mode);
    }

    /// <summary>
    /// Gives an empty message that can be written here and still fits into one fragment of the channel when every handler to the left has
    /// added its overhead (<c>aws_channel_slot_acquire_max_message_for_write</c>).
    /// </summary>
    /// <returns>The message; it belongs to the caller.</returns>
    /// <exception cref="InvalidOperationException">The handlers to the left add so much that nothing is left of a fragment.</exception>
    public IoMessage RentMaxWriteMessage()
    {
        int room = Channel.FragmentSize - UpstreamMessageOverhead;
        return room > 0
            ? Channel.RentMessage(room)
            : throw new InvalidOperationException(
                $"The handlers to the left add {UpstreamMessageOverhead} bytes to a message: nothing is left of a fragment of {Channel.FragmentSize}.");
    }

    internal void AddPendingIncrement(long size) => PendingIncrement = AddSaturating(PendingIncrement, size);

    /// <summary>Counts bytes against the window.</summary>
    internal void Debit(int size) => Window -= size;

    /// <summary>Opens the window by what was gathered.</summary>
    /// <returns>How much that was.</returns>
    internal long TakePendingIncrement()
    {
        long increment = PendingIncrement;
        PendingIncrement = 0;
        Window = AddSaturating(Window, increment);
        return increment;
    }

    private static long AddSaturating(long left, long right) => left > long.MaxValue - right ? long.MaxValue : left + right;

    private IoError SendRight(IoMessage message)
    {
        ChannelSlot? right = Right;
        if (right?.Handler is not { } handler)
        {
            right = RightWithHandler;
            handler = right?.Handler!;
            if (right is null)
            {
                return new IoError(IoErrorCode.InvalidState, "There is no handler to the right that could take the message.");
            }
        }

        if (Channel.BackPressure && !Channel.DebitWindow(right, message.Length))
        {
            return new IoError(
                IoErrorCode.ChannelReadWouldExceedWindow,
                $"The message has {message.Length} bytes, but its receiver takes {right.Window} now.");
        }

        return handler.OnRead(right, message);
    }

    private IoError SendLeft(IoMessage message)
    {
        ChannelSlot? left = Left;
        if (left?.Handler is { } handler)
        {
            return handler.OnWrite(left, message);
        }

        left = LeftWithHandler;
        return left is null
            ? new IoError(IoErrorCode.InvalidState, "There is no handler to the left that could take the message.")
            : left.Handler!.OnWrite(left, message);
    }
}

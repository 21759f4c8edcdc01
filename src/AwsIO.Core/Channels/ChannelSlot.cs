namespace AwsIO;

/// <summary>A place in a channel that holds a handler, and its neighbours (<c>aws_channel_slot</c>).</summary>
/// <remarks>Loop thread only.</remarks>
public sealed class ChannelSlot
{
    private bool _readDown;
    private bool _writeDown;

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
    public long Window { get; internal set; }

    /// <summary>
    /// How many bytes may be sent to the right now (<c>aws_channel_slot_downstream_read_window</c>); 0 where nobody is there to take
    /// them.
    /// </summary>
    public long DownstreamWindow => RightWithHandler is { } right
        ? Channel.BackPressure ? right.Window : long.MaxValue
        : 0;

    /// <summary>Bytes that the handlers to the left add to a written message (<c>aws_channel_slot_upstream_message_overhead</c>).</summary>
    public int UpstreamMessageOverhead { get; internal set; }

    internal long PendingIncrement { get; set; }

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

    /// <summary>Gives the slot its handler (<c>aws_channel_slot_set_handler</c>); the slot must be in the channel.</summary>
    /// <param name="handler">A handler that stands in no slot.</param>
    /// <returns>What the handler's <see cref="ChannelHandler.OnInstalled"/> answered; an error shuts the channel down.</returns>
    /// <exception cref="InvalidOperationException">The slot has a handler, the handler has a slot, or the slot is not in the channel.</exception>
    public IoError SetHandler(ChannelHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        Channel.EventLoop.AssertOnLoop();
        if (Handler is not null || handler.Slot is not null || !Channel.IsLinked(this))
        {
            throw new InvalidOperationException("A handler goes into one slot, which is in a channel and has no handler yet.");
        }

        Handler = handler;
        handler.Slot = this;
        Channel.UpdateOverheads();
        Window = Channel.BackPressure ? handler.InitialWindow : long.MaxValue;
        if (LeftWithHandler is { } left)
        {
            // Until now nobody took anything from it.
            left.Handler!.OnWindowIncrement(left, Window);
        }

        IoError error;
        try
        {
            error = handler.OnInstalled(this);
        }
        catch (Exception exception)
        {
            Channel.OnHandlerException(exception);
            throw;
        }

        if (error.IsError)
        {
            Channel.Shutdown(error);
        }

        return error;
    }

    /// <summary>Puts a slot to this one's right (<c>aws_channel_slot_insert_right</c>).</summary>
    /// <param name="slot">A new slot of the same channel.</param>
    public void InsertRight(ChannelSlot slot)
    {
        ArgumentNullException.ThrowIfNull(slot);
        Channel.CheckInsertable(slot);
        slot.Left = this;
        slot.Right = Right;
        if (Right is not null)
        {
            Right.Left = slot;
        }

        Right = slot;
    }

    /// <summary>Puts a slot to this one's left (<c>aws_channel_slot_insert_left</c>).</summary>
    /// <param name="slot">A new slot of the same channel.</param>
    public void InsertLeft(ChannelSlot slot)
    {
        ArgumentNullException.ThrowIfNull(slot);
        Channel.CheckInsertable(slot);
        slot.Right = this;
        slot.Left = Left;
        if (Left is not null)
        {
            Left.Right = slot;
        }
        else
        {
            Channel.First = slot;
        }

        Left = slot;
    }

    /// <summary>Takes the slot out of the channel and destroys its handler (<c>aws_channel_slot_remove</c>).</summary>
    public void Remove()
    {
        Channel.EventLoop.AssertOnLoop();
        Unlink(Right);
    }

    /// <summary>Puts another slot in this one's place and destroys this one's handler (<c>aws_channel_slot_replace</c>).</summary>
    /// <param name="slot">A new slot of the same channel.</param>
    public void Replace(ChannelSlot slot)
    {
        ArgumentNullException.ThrowIfNull(slot);
        Channel.CheckInsertable(slot);
        slot.Left = Left;
        slot.Right = Right;
        if (Right is not null)
        {
            Right.Left = slot;
        }

        Unlink(slot, fixRight: false);
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
    /// Tells the channel that the handler has shut a direction down (<c>aws_channel_slot_on_handler_shutdown_complete</c>).
    /// </summary>
    /// <param name="direction">The direction.</param>
    /// <param name="reason">The reason to go on with; as a rule the one that the handler was given.</param>
    /// <param name="mode">The mode to go on with; as a rule the one that the handler was given.</param>
    public void CompleteShutdown(ChannelDirection direction, IoError reason, ShutdownMode mode)
    {
        Channel.EventLoop.AssertOnLoop();
        ref bool down = ref direction == ChannelDirection.Read ? ref _readDown : ref _writeDown;
        if (!down)
        {
            down = true;
            Channel.OnSlotDown(this, direction, reason, mode);
        }
    }

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

    private void Unlink(ChannelSlot? successor, bool fixRight = true)
    {
        Channel.OnSlotRemoving(this);
        if (Left is not null)
        {
            Left.Right = successor;
        }
        else
        {
            Channel.First = successor;
        }

        if (fixRight && Right is not null)
        {
            Right.Left = Left;
        }

        Left = null;
        Right = null;
        Handler?.OnDestroyed();
        Handler = null;
        Channel.UpdateOverheads();
    }
}

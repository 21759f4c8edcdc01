namespace AwsIO;

/// <summary>How slots and handlers come and go, while data flows too.</summary>
/// <remarks>
/// A window that was promised cannot be taken back. So whenever the neighbour to the right changes, the one to the left is told what it may
/// send more than before, if it is more: it would wait for ever otherwise.
/// </remarks>
public sealed partial class ChannelSlot
{
    private bool _isDestroyed;

    /// <summary>Gives the slot its handler (<c>aws_channel_slot_set_handler</c>); the slot must be in the channel.</summary>
    /// <param name="handler">A handler that stands in no slot.</param>
    /// <returns>
    /// What the handler's <see cref="ChannelHandler.OnInstalled"/> answered: an error shuts the channel down. Or
    /// <see cref="IoErrorCode.InvalidState"/>, once the channel has shut down; the handler is not taken then.
    /// </returns>
    /// <exception cref="InvalidOperationException">The slot has a handler, the handler has a slot, or the slot is not in the channel.</exception>
    public IoError SetHandler(ChannelHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        Channel.EventLoop.AssertOnLoop();
        if (Handler is not null || handler.Slot is not null || !Channel.IsLinked(this))
        {
            throw new InvalidOperationException("A handler goes into one slot, which is in a channel and has no handler yet.");
        }

        if (Channel.State == ChannelState.ShutDown)
        {
            return new IoError(IoErrorCode.InvalidState, "The channel has shut down: it takes no handler any more.");
        }

        ChannelSlot? left = LeftWithHandler;
        ChannelSlot? right = RightWithHandler;
        long before = left?.DownstreamWindow ?? 0;
        Handler = handler;
        handler.Slot = this;
        _isDestroyed = false;
        PendingIncrement = 0;
        Window = Channel.BackPressure ? handler.InitialWindow : long.MaxValue;
        Channel.UpdateOverheads();
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
        else if (ReferenceEquals(Handler, handler))
        {
            ExchangeWindows(left, before, right);
        }

        return error;
    }

    /// <summary>Puts a slot to this one's right (<c>aws_channel_slot_insert_right</c>).</summary>
    /// <param name="slot">A new slot of the same channel.</param>
    /// <exception cref="InvalidOperationException">This slot is not in the channel, or the other one is.</exception>
    public void InsertRight(ChannelSlot slot)
    {
        ArgumentNullException.ThrowIfNull(slot);
        Channel.CheckInsertable(slot, beside: this);
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
    /// <exception cref="InvalidOperationException">This slot is not in the channel, or the other one is.</exception>
    public void InsertLeft(ChannelSlot slot)
    {
        ArgumentNullException.ThrowIfNull(slot);
        Channel.CheckInsertable(slot, beside: this);
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

    /// <summary>
    /// Takes the slot out of the channel and destroys its handler (<c>aws_channel_slot_remove</c>). A slot that is not in the channel stays
    /// as it is.
    /// </summary>
    /// <remarks>
    /// What the handler had not passed on is lost with it. A handler may remove itself, but must have sent what it has to send before: from a
    /// removed slot nothing goes anywhere. The neighbour to the left may send at once what the one to the right takes.
    /// </remarks>
    public void Remove()
    {
        Channel.EventLoop.AssertOnLoop();
        if (Channel.IsLinked(this))
        {
            TakeOut(replacement: null);
        }
    }

    /// <summary>Puts another slot in this one's place and destroys this one's handler (<c>aws_channel_slot_replace</c>).</summary>
    /// <param name="slot">A new slot of the same channel. It is passed over until it has a handler.</param>
    /// <exception cref="InvalidOperationException">This slot is not in the channel, or the other one is.</exception>
    public void Replace(ChannelSlot slot)
    {
        ArgumentNullException.ThrowIfNull(slot);
        Channel.CheckInsertable(slot, beside: this);
        TakeOut(slot);
    }

    /// <summary>Destroys the handler, once. What it throws shuts the channel down.</summary>
    internal void DestroyHandler()
    {
        if (Handler is null || _isDestroyed)
        {
            return;
        }

        _isDestroyed = true;
        try
        {
            Handler.OnDestroyed();
        }
        catch (Exception exception)
        {
            Channel.OnHandlerException(exception);
        }
    }

    /// <summary>Tells the handler that it may send more to the right.</summary>
    internal void TellIncrement(long size)
    {
        if (size <= 0 || Handler is null || Channel.State == ChannelState.ShutDown)
        {
            return;
        }

        try
        {
            Handler.OnWindowIncrement(this, size);
        }
        catch (Exception exception)
        {
            Channel.OnHandlerException(exception);
        }
    }

    /// <summary>
    /// Lets a new handler and its neighbours know what they may send. All that the new one takes by now is one increment for the left one.
    /// </summary>
    /// <param name="left">Who stood to the left.</param>
    /// <param name="before">What that one might send until now.</param>
    /// <param name="right">Who stood to the right before the new one was installed; whom it has brought along it knows.</param>
    private void ExchangeWindows(ChannelSlot? left, long before, ChannelSlot? right)
    {
        if (right is not null && ReferenceEquals(right, RightWithHandler))
        {
            TellIncrement(right.Window);
        }

        _ = TakePendingIncrement();
        left?.TellIncrement(left.DownstreamWindow - before);
        Channel.OnChainChanged();
    }

    private void TakeOut(ChannelSlot? replacement)
    {
        Channel.OnSlotRemoving(this);
        ChannelSlot? left = LeftWithHandler;
        long before = left?.DownstreamWindow ?? 0;
        Relink(Left, Right, replacement);
        Left = null;
        Right = null;
        DestroyHandler();
        Handler = null;
        PendingIncrement = 0;
        Window = 0;
        Channel.UpdateOverheads();
        left?.TellIncrement(left.DownstreamWindow - before);
        Channel.OnChainChanged();
    }

    private void Relink(ChannelSlot? left, ChannelSlot? right, ChannelSlot? replacement)
    {
        if (replacement is not null)
        {
            replacement.Left = left;
            replacement.Right = right;
        }

        if (left is not null)
        {
            left.Right = replacement ?? right;
        }
        else
        {
            Channel.First = replacement ?? right;
        }

        if (right is not null)
        {
            right.Left = replacement ?? left;
        }
    }
}

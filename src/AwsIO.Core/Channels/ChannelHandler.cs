namespace AwsIO;

/// <summary>
/// One stage of a channel: a protocol, or a part of one (<c>aws_channel_handler</c>). Derive from it and override what the protocol
/// cares about; everything else passes through.
/// </summary>
/// <remarks>
/// Left is towards the socket, right towards the application. All members are called on the channel's loop's thread. A handler
/// belongs to one slot. An exception that leaves a member shuts the channel down.
/// </remarks>
public abstract class ChannelHandler
{
    /// <summary>The slot that holds the handler; null before it is installed.</summary>
    public ChannelSlot? Slot { get; internal set; }

    /// <summary>
    /// How many bytes the handler takes before it has asked for more (<c>initial_window_size</c>). The default never runs out in
    /// practice: it is for a handler that is the last one. One that passes on what comes, as the default <see cref="OnRead"/> does, has
    /// 0 here, so that it takes what its right neighbour takes and no more.
    /// </summary>
    protected internal virtual long InitialWindow => long.MaxValue;

    /// <summary>
    /// How many bytes the handler adds to a written message at the most (<c>message_overhead</c>); 0 by default.
    /// </summary>
    protected internal virtual int MessageOverhead => 0;

    /// <summary>The handler stands in its slot, with its neighbours to the left. The default does nothing.</summary>
    /// <param name="slot">The slot.</param>
    /// <returns>An error shuts the channel down.</returns>
    protected internal virtual IoError OnInstalled(ChannelSlot slot) => IoError.None;

    /// <summary>
    /// Takes a message from the left (<c>process_read_message</c>). The default sends it on to the right.
    /// </summary>
    /// <param name="slot">The handler's slot.</param>
    /// <param name="message">Belongs to the handler when it returns no error.</param>
    /// <returns>An error leaves the message with the sender and shuts the channel down.</returns>
    protected internal virtual IoError OnRead(ChannelSlot slot, IoMessage message)
    {
        ArgumentNullException.ThrowIfNull(slot);
        return slot.Send(message, ChannelDirection.Read);
    }

    /// <summary>
    /// Takes a message from the right (<c>process_write_message</c>). The default sends it on to the left.
    /// </summary>
    /// <param name="slot">The handler's slot.</param>
    /// <param name="message">Belongs to the handler when it returns no error.</param>
    /// <returns>An error leaves the message with the sender.</returns>
    protected internal virtual IoError OnWrite(ChannelSlot slot, IoMessage message)
    {
        ArgumentNullException.ThrowIfNull(slot);
        return slot.Send(message, ChannelDirection.Write);
    }

    /// <summary>
    /// The right neighbour takes more bytes (<c>increment_read_window</c>). The default takes as many more from the left.
    /// </summary>
    /// <param name="slot">The handler's slot.</param>
    /// <param name="size">How many more.</param>
    protected internal virtual void OnWindowIncrement(ChannelSlot slot, long size)
    {
        ArgumentNullException.ThrowIfNull(slot);
        slot.IncrementReadWindow(size);
    }

    /// <summary>
    /// The peer has ended its direction: no more will come from the left. The default tells the right neighbour; the last handler's
    /// default shuts the channel down. A handler that goes on writing after the peer's end overrides it.
    /// </summary>
    /// <param name="slot">The handler's slot.</param>
    /// <param name="reason">What the channel is to be shut down with.</param>
    protected internal virtual void OnReadEnd(ChannelSlot slot, IoError reason)
    {
        ArgumentNullException.ThrowIfNull(slot);
        slot.SendReadEnd(reason);
    }

    /// <summary>
    /// Shuts one direction down (<c>shutdown</c>). Must lead to one call of <see cref="ChannelSlot.CompleteShutdown"/>, at once as the
    /// default does, or later.
    /// </summary>
    /// <param name="slot">The handler's slot.</param>
    /// <param name="direction">First read, from the left to the right; then write, from the right to the left.</param>
    /// <param name="reason">Why the channel goes down.</param>
    /// <param name="mode">Whether there is time to be polite.</param>
    protected internal virtual void OnShutdown(ChannelSlot slot, ChannelDirection direction, IoError reason, ShutdownMode mode)
    {
        ArgumentNullException.ThrowIfNull(slot);
        slot.CompleteShutdown(direction, reason, mode);
    }

    /// <summary>
    /// A graceful shutdown has become an immediate one: what the handler still waits for is to be given up now. The default does
    /// nothing.
    /// </summary>
    /// <param name="slot">The handler's slot.</param>
    protected internal virtual void OnAbort(ChannelSlot slot)
    {
    }

    /// <summary>
    /// What the handler was given to write and has not passed on, and what it has: a first handler reports its queue, one in the middle what
    /// it keeps back. The default has nothing.
    /// </summary>
    protected internal virtual WriteProgress WriteProgress => default;

    /// <summary>
    /// What waits to be sent has passed the channel's high-water mark, or has fallen to the low one
    /// (<see cref="IoChannelOptions.WriteHighWatermark"/>). Told by a task, never inside a write. The default tells the right neighbour.
    /// </summary>
    /// <param name="slot">The handler's slot.</param>
    /// <param name="isWritable">Whether it is a good moment to write; what is written at another is only queued.</param>
    protected internal virtual void OnWritabilityChanged(ChannelSlot slot, bool isWritable)
    {
        ArgumentNullException.ThrowIfNull(slot);
        slot.SendWritability(isWritable);
    }

    /// <summary>Adds what the handler has counted (<c>gather_statistics</c>); the default has nothing.</summary>
    /// <param name="statistics">The report; the handler may add the same object each time.</param>
    protected internal virtual void GatherStatistics(ICollection<ChannelStatistics> statistics)
    {
    }

    /// <summary>The report was taken: what is counted by intervals starts anew (<c>reset_statistics</c>). The default does nothing.</summary>
    protected internal virtual void ResetStatistics()
    {
    }

    /// <summary>Data may have come before anybody could be told: look (<c>trigger_read</c>). The default does nothing.</summary>
    /// <param name="slot">The handler's slot.</param>
    protected internal virtual void OnTriggerRead(ChannelSlot slot)
    {
    }

    /// <summary>
    /// The channel has shut down, or the handler was taken out: let go of everything (<c>destroy</c>). The last call; the default
    /// does nothing.
    /// </summary>
    protected internal virtual void OnDestroyed()
    {
    }
}

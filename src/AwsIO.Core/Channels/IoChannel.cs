using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace AwsIO;

/// <summary>
/// A chain of handlers on one event loop, from the socket on the left to the application on the right (<c>aws_channel</c>).
/// </summary>
/// <remarks>Members are the loop's thread's, except where they say otherwise.</remarks>
public sealed partial class IoChannel
{
    private static long s_lastId;

    private readonly ChannelCallback _onSetup;
    private ChannelCallback? _onShutdown;
    private object? _callbackState;

    // Held until the channel has shut down; null where the group has no holder any more, and so ends with all that is on it.
    private readonly EventLoopGroup? _heldGroup;
    private LoopMessagePool? _pool;
    private Exception? _lastException;
    private volatile ChannelState _state;

    private IoChannel(EventLoop loop, in ChannelLimits limits, ChannelCallback onSetup, ChannelCallback? onShutdown, object? state)
    {
        EventLoop = loop;
        BackPressure = limits.EnableReadBackPressure;
        FragmentSize = limits.FragmentSize;
        ShutdownTimeout = limits.ShutdownTimeout;
        _onSetup = onSetup;
        _onShutdown = onShutdown;
        _callbackState = state;
        _windowThreshold = 4L * limits.FragmentSize;
        WriteHighWatermark = limits.WriteHighWatermark;
        _writeLowWatermark = limits.WriteLowWatermark;
        Id = Interlocked.Increment(ref s_lastId);
        _heldGroup = EventLoop.Group is { } group && group.TryAddHolder() ? group : null;
        OwnedThings.Tell(this);
    }

    /// <summary>The loop that the channel lives on. Any thread.</summary>
    public EventLoop EventLoop { get; }

    /// <summary>A number that no other channel of the process has, for logs. Any thread.</summary>
    public long Id { get; }

    /// <summary>Where the channel is in its life. Any thread.</summary>
    public ChannelState State => _state;

    /// <summary>The slot next to the socket; null before there is one.</summary>
    public ChannelSlot? First { get; internal set; }

    /// <summary>
    /// How many bytes are moved at a time: the size of a written message with all overheads, and what a socket reads in a turn. Any thread.
    /// </summary>
    public int FragmentSize { get; }

    internal bool BackPressure { get; }

    internal TimeSpan ShutdownTimeout { get; set; }

    /// <summary>When a graceful shutdown gives up, by the loop's clock; set when it begins.</summary>
    internal long ShutdownDeadline => _shutdown?.GiveUpTime ?? long.MaxValue;

    internal ILogger Logger => EventLoop.Loggers.Channel;

    private ChannelSlot? Last
    {
        get
        {
            ChannelSlot? slot = First;
            while (slot?.Right is not null)
            {
                slot = slot.Right;
            }

            return slot;
        }
    }

    /// <summary>Makes a channel without slots (<c>aws_channel_new</c>). Any thread; its callback is told later, on the loop.</summary>
    /// <param name="options">How.</param>
    /// <returns>The channel, which the callback is given too.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A figure of the options is out of its range, which the message names.</exception>
    public static IoChannel Create(IoChannelOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(options.EventLoop);
        ArgumentNullException.ThrowIfNull(options.OnSetup);
        ChannelLimits limits = options.Limits;
        limits.Check();
        return Create(options.EventLoop, limits, options.OnSetup, options.OnShutdown, options.State);
    }

    /// <summary>Makes a channel of figures that have been checked.</summary>
    internal static IoChannel Create(
        EventLoop loop, in ChannelLimits limits, ChannelCallback onSetup, ChannelCallback? onShutdown, object? state)
    {
        IoChannel channel = new(loop, limits, onSetup, onShutdown, state);
        loop.Schedule(IoTask.Create(static (created, status) => created.OnSetupTask(status), channel));
        return channel;
    }

    /// <summary>Has somebody else told of the end: once the set-up has been told. Loop thread only.</summary>
    internal void ReplaceShutdownCallback(ChannelCallback onShutdown, object? state)
    {
        _onShutdown = onShutdown;
        _callbackState = state;
    }

    /// <summary>Makes a slot (<c>aws_channel_slot_new</c>). The first one becomes the chain's start; others are to be inserted.</summary>
    /// <returns>The slot.</returns>
    public ChannelSlot AddSlot()
    {
        EventLoop.AssertOnLoop();
        ChannelSlot slot = new(this);
        First ??= slot;
        return slot;
    }

    /// <summary>Puts a slot at the right end (<c>aws_channel_slot_insert_end</c>).</summary>
    /// <param name="slot">A new slot of this channel.</param>
    /// <returns><see cref="IoErrorCode.InvalidState"/> while the chain has no start, or no error.</returns>
    public IoError InsertEnd(ChannelSlot slot)
    {
        ArgumentNullException.ThrowIfNull(slot);
        if (Last is not { } last || ReferenceEquals(last, slot))
        {
            return new IoError(IoErrorCode.InvalidState, "The chain has no slot yet: the first one is its start by itself.");
        }

        last.InsertRight(slot);
        return IoError.None;
    }

    /// <summary>Adds a handler at the right end: next to the application.</summary>
    /// <param name="handler">A handler that stands in no slot.</param>
    /// <returns>The handler's slot. Once the channel has shut down, it has no handler: none is taken any more.</returns>
    public ChannelSlot AddLast(ChannelHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        bool isFirst = First is null;
        ChannelSlot slot = AddSlot();
        if (!isFirst)
        {
            _ = InsertEnd(slot);
        }

        _ = slot.SetHandler(handler);
        return slot;
    }

    /// <summary>Gives an empty message (<c>aws_channel_acquire_message_from_pool</c>).</summary>
    /// <param name="sizeHint">How many bytes it is to hold; a very large message is given less, to be used several times.</param>
    /// <returns>The message; it belongs to the caller.</returns>
    public IoMessage RentMessage(int sizeHint)
    {
        // The pool checks the thread.
        IoMessage message = (_pool ??= LoopMessagePool.Of(EventLoop)).Rent(IoMessageKind.ApplicationData, sizeHint);
        message.Owner = this;
        return message;
    }

    /// <summary>
    /// Gives a message that stands for memory of the caller's, so that it need not be copied to be written. Loop thread only.
    /// </summary>
    /// <remarks>
    /// A send of it writes straight from that memory, which must stay as it is until the message is completed
    /// (<see cref="IoMessage.OnCompleted"/>), or released where its send was refused. Worth it from some kilobytes on. TLS encrypts all
    /// of a message at once. Upstream has no such function.
    /// </remarks>
    /// <param name="data">The bytes; as many as there are, more than a rented message holds, too.</param>
    /// <returns>A message that is full, and read-only (<see cref="IoMessage.IsReadOnly"/>).</returns>
    /// <exception cref="InvalidOperationException">The calling thread is not the loop's.</exception>
    public IoMessage WrapMessage(ReadOnlyMemory<byte> data)
    {
        IoMessage message = (_pool ??= LoopMessagePool.Of(EventLoop)).Wrap(data);
        message.Owner = this;
        return message;
    }

    /// <summary>Has the first handler look whether something came before anybody could be told (<c>aws_channel_trigger_read</c>).</summary>
    /// <returns><see cref="IoErrorCode.InvalidState"/> on a wrong thread or without a first handler, or no error.</returns>
    public IoError TriggerRead()
    {
        if (!EventLoop.IsOnLoop || First?.Handler is not { } handler)
        {
            return IoErrorCode.InvalidState;
        }

        try
        {
            handler.OnTriggerRead(First);
        }
        catch (Exception exception)
        {
            OnHandlerException(exception);
        }

        return IoError.None;
    }

    /// <summary>
    /// Keeps an object with the channel's loop, for all its channels (<c>aws_channel_put_local_object</c>): <see cref="EventLoop.SetLocal"/>.
    /// </summary>
    /// <typeparam name="T">The object's type.</typeparam>
    /// <param name="key">What it is found by: this very object.</param>
    /// <param name="value">The object.</param>
    /// <param name="onRemoved">Given the object when it is removed without being handed over; may be null.</param>
    /// <exception cref="InvalidOperationException">The caller is not on the loop's thread.</exception>
    public void SetLocal<T>(object key, T value, Action<T>? onRemoved = null)
        where T : class => EventLoop.SetLocal(key, value, onRemoved);

    /// <summary>Gives an object that the channel's loop keeps (<c>aws_channel_fetch_local_object</c>).</summary>
    /// <typeparam name="T">The object's type.</typeparam>
    /// <param name="key">What it was kept under.</param>
    /// <param name="value">The object; null when there is none.</param>
    /// <returns>Whether there is one of that type.</returns>
    /// <exception cref="InvalidOperationException">The caller is not on the loop's thread.</exception>
    public bool TryGetLocal<T>(object key, [NotNullWhen(true)] out T? value)
        where T : class => EventLoop.TryGetLocal(key, out value);

    /// <summary>Removes an object that the channel's loop keeps (<c>aws_channel_remove_local_object</c>).</summary>
    /// <param name="key">What it was kept under.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="InvalidOperationException">The caller is not on the loop's thread.</exception>
    public bool RemoveLocal(object key) => EventLoop.RemoveLocal(key);

    internal bool IsLinked(ChannelSlot slot) =>
        ReferenceEquals(slot, First) || slot.Left is not null || slot.Right is not null;

    internal void CheckInsertable(ChannelSlot slot, ChannelSlot beside)
    {
        EventLoop.AssertOnLoop();
        if (!ReferenceEquals(slot.Channel, this) || IsLinked(slot) || !IsLinked(beside))
        {
            throw new InvalidOperationException("Only a new slot of the same channel can be inserted, beside one that is in the channel.");
        }
    }

    /// <summary>Works out anew, for each slot, what the handlers to its left add to a message.</summary>
    internal void UpdateOverheads()
    {
        int overhead = 0;
        for (ChannelSlot? slot = First; slot is not null; slot = slot.Right)
        {
            slot.UpstreamMessageOverhead = overhead;
            overhead += slot.Handler?.MessageOverhead ?? 0;
        }
    }

    /// <summary>What to do about an exception that left a handler: the channel goes down, the loop goes on.</summary>
    internal void OnHandlerException(Exception exception)
    {
        if (ReferenceEquals(_lastException, exception))
        {
            // It passes several handlers on its way down the stack.
            return;
        }

        _lastException = exception;
        IoLog.HandlerFailed(Logger, exception, Id);
        Shutdown(new IoError(
            IoErrorCode.Unknown, $"A handler of the channel threw {exception.GetType().Name}: {exception.Message}"));
    }
}

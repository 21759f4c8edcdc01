using System.Text;

namespace AwsIO.Testing;

/// <summary>
/// The right end of a channel in a test: keeps what comes, and grants and writes what the test says. Members are for the thread of the test,
/// outside callbacks.
/// </summary>
public sealed class TestingApplication : ChannelHandler
{
    private readonly long _window;
    private readonly List<byte[]> _read = [];
    private readonly List<bool> _writability = [];
    private readonly List<ChannelDirection> _shutDown = [];
    private ChannelDirection _waiting;
    private (IoError Reason, ShutdownMode Mode)? _held;

    /// <summary>Makes an application.</summary>
    /// <param name="window">How many bytes it takes before the test has granted more.</param>
    public TestingApplication(long window = long.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(window);
        _window = window;
    }

    /// <summary>Copies of the messages that came, since the beginning or the last <see cref="TakeRead"/>.</summary>
    public IReadOnlyList<byte[]> ReadMessages => _read;

    /// <summary>What it was told of the peer's end; null while that has not come.</summary>
    public IoError? ReadEnd { get; private set; }

    /// <summary>What it was told of whether the channel is writable, in order.</summary>
    public IReadOnlyList<bool> WritabilityChanges => _writability;

    /// <summary>The directions that it was told to shut down, in their order.</summary>
    public IReadOnlyList<ChannelDirection> ShutDownDirections => _shutDown;

    /// <summary>Whether it was destroyed.</summary>
    public bool IsDestroyed { get; private set; }

    /// <summary>Whether it goes on when the peer has ended its direction; off by default: the channel is shut down then.</summary>
    public bool OutlivesReadEnd { get; set; }

    /// <summary>Whether it takes its time to shut a direction down, until <see cref="ReleaseShutdown"/>; off by default.</summary>
    public bool HoldsShutdown { get; set; }

    /// <summary>Called for each message that comes, with its bytes, on the loop; null for nothing.</summary>
    public Action<byte[]>? OnMessage { get; set; }

    /// <inheritdoc/>
    protected internal override long InitialWindow => _window;

    /// <summary>Gives everything that came since the last time, and forgets it.</summary>
    /// <returns>The bytes of all messages, in their order.</returns>
    public byte[] TakeRead()
    {
        byte[] all = [.. _read.SelectMany(static data => data)];
        _read.Clear();
        return all;
    }

    /// <summary>Takes this many more bytes. It is passed on to the left by a task.</summary>
    /// <param name="size">How many.</param>
    public void IncrementReadWindow(long size) => OnLoop(() =>
    {
        Slot!.IncrementReadWindow(size);
        return true;
    });

    /// <summary>Writes bytes, in messages that fit a fragment with all overheads. May be called on the loop, too.</summary>
    /// <param name="data">The bytes; none is one empty message.</param>
    /// <param name="onCompleted">Told when the last of the messages is over; null for nobody.</param>
    /// <param name="isLast">Whether this ends the writing direction.</param>
    /// <returns>What the left neighbour answers; the message that it refuses is dropped with all behind it.</returns>
    public IoError PushWrite(ReadOnlySpan<byte> data, Action<IoError>? onCompleted = null, bool isLast = false)
    {
        byte[] copy = data.ToArray();
        return OnLoop(() => Write(copy, onCompleted, isLast));
    }

    /// <summary>Writes a text's bytes.</summary>
    /// <param name="text">The text; it is written as UTF-8.</param>
    /// <param name="onCompleted">As for bytes.</param>
    /// <param name="isLast">As for bytes.</param>
    /// <returns>As for bytes.</returns>
    public IoError PushWrite(string text, Action<IoError>? onCompleted = null, bool isLast = false) =>
        PushWrite(Encoding.UTF8.GetBytes(text), onCompleted, isLast);

    /// <summary>Shuts down the direction that it has taken its time for.</summary>
    /// <returns>False when there is none.</returns>
    public bool ReleaseShutdown() => OnLoop(() =>
    {
        if (_held is not { } held)
        {
            return false;
        }

        _held = null;
        Slot!.CompleteShutdown(_waiting, held.Reason, held.Mode);
        return true;
    });

    /// <inheritdoc/>
    protected internal override IoError OnRead(ChannelSlot slot, IoMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        byte[] data = message.Data.ToArray();
        message.Release();
        _read.Add(data);
        OnMessage?.Invoke(data);
        return IoError.None;
    }

    /// <inheritdoc/>
    protected internal override void OnReadEnd(ChannelSlot slot, IoError reason)
    {
        ReadEnd = reason;
        if (!OutlivesReadEnd)
        {
            base.OnReadEnd(slot, reason);
        }
    }

    /// <inheritdoc/>
    protected internal override void OnWritabilityChanged(ChannelSlot slot, bool isWritable) => _writability.Add(isWritable);

    /// <inheritdoc/>
    protected internal override void OnShutdown(ChannelSlot slot, ChannelDirection direction, IoError reason, ShutdownMode mode)
    {
        _shutDown.Add(direction);
        if (HoldsShutdown && mode == ShutdownMode.Graceful)
        {
            _waiting = direction;
            _held = (reason, mode);
        }
        else
        {
            base.OnShutdown(slot, direction, reason, mode);
        }
    }

    /// <inheritdoc/>
    protected internal override void OnAbort(ChannelSlot slot)
    {
        if (_held is { } held)
        {
            _held = null;
            base.OnShutdown(slot, _waiting, held.Reason, ShutdownMode.Immediate);
        }
    }

    /// <inheritdoc/>
    protected internal override void OnDestroyed() => IsDestroyed = true;

    private IoError Write(ReadOnlySpan<byte> data, Action<IoError>? onCompleted, bool isLast)
    {
        do
        {
            IoMessage message = Slot!.RentMaxWriteMessage();
            data = data[message.Append(data)..];
            if (data.IsEmpty)
            {
                message.IsLast = isLast;
                if (onCompleted is not null)
                {
                    message.OnCompleted(static (_, error, state) => ((Action<IoError>)state!)(error), onCompleted);
                }
            }

            IoError error = Slot.Send(message, ChannelDirection.Write);
            if (error.IsError)
            {
                message.Release();
                return error;
            }
        }
        while (!data.IsEmpty);
        return IoError.None;
    }

    private T OnLoop<T>(Func<T> work)
    {
        EventLoop loop = Slot?.Channel.EventLoop ?? throw new InvalidOperationException("The application stands in no channel yet.");
        return loop.IsOnLoop ? work()
            : loop is ManualEventLoop manual ? manual.Run(work)
            : throw new InvalidOperationException("This channel's loop runs by itself: schedule a task on it.");
    }
}

using System.Text;

namespace AwsIO.Testing;

/// <summary>
/// A channel for testing handlers: no socket, no thread, no real time. A test plays the peer, by what it pushes in from the left and what it
/// finds written there, and often the application, by a <see cref="TestingApplication"/> on the right.
/// </summary>
/// <remarks>
/// Nothing runs by itself: tasks wait for <see cref="RunUntilIdle"/>, timers for <see cref="Advance"/>. Members are for the thread of the
/// test, outside callbacks; a handler's own members are reached by <see cref="Invoke"/>.
/// </remarks>
public sealed class TestingChannel : IDisposable
{
    private readonly TestingWire _wire = new();
    private readonly bool _ownsLoops;
    private bool _isDisposed;

    /// <summary>Makes a channel, set up and without handlers but for the test's own at the left end.</summary>
    /// <param name="options">How; null for the defaults.</param>
    public TestingChannel(TestingChannelOptions? options = null)
    {
        options ??= new TestingChannelOptions();
        _ownsLoops = options.Loops is null;
        Loops = options.Loops ?? new ManualLoopGroup();
        Channel = IoChannel.Create(new IoChannelOptions
        {
            EventLoop = Loop,
            EnableReadBackPressure = options.EnableReadBackPressure,
            FragmentSize = options.FragmentSize,
            WriteHighWatermark = options.WriteHighWatermark,
            WriteLowWatermark = options.WriteLowWatermark,
            ShutdownTimeout = options.ShutdownTimeout,
            OnSetup = (channel, _, _) => channel.AddLast(_wire),
            OnShutdown = (_, reason, _) => ShutdownReason = reason,
        });
        Loops.RunUntilIdle();
    }

    /// <summary>The loops, with their clock.</summary>
    public ManualLoopGroup Loops { get; }

    /// <summary>The loop that the channel lives on.</summary>
    public ManualEventLoop Loop => Loops[0];

    /// <summary>The channel.</summary>
    public IoChannel Channel { get; }

    /// <summary>How many bytes the first handler takes now: what a socket would read at the most.</summary>
    public long ReadWindow => Loop.Run(() => _wire.Slot!.DownstreamWindow);

    /// <summary>What the first handler has asked for, each time, its initial window first.</summary>
    public IReadOnlyList<long> WindowUpdates => _wire.WindowUpdates;

    /// <summary>What the first handler has asked for last; 0 before it has.</summary>
    public long LastWindowUpdate => _wire.WindowUpdates.Count == 0 ? 0 : _wire.WindowUpdates[^1];

    /// <summary>Bytes that were fed and wait for room.</summary>
    public int WaitingBytes => _wire.WaitingBytes;

    /// <summary>Copies of the messages that were written, since the beginning or the last <see cref="TakeWritten"/>.</summary>
    public IReadOnlyList<byte[]> WrittenMessages => _wire.Written;

    /// <summary>Whether a message has ended the writing direction, and was completed.</summary>
    public bool HasWriteEnded => _wire.HasWriteEnded;

    /// <summary>How many written messages have not been completed.</summary>
    public int PendingWrites => _wire.PendingWrites;

    /// <summary>
    /// Whether a written message is completed by the loop's next tick, as by a socket with room; on by default. Off, it waits for
    /// <see cref="CompleteWrites"/>.
    /// </summary>
    public bool CompletesWrites
    {
        get => _wire.CompletesWrites;
        set => _wire.CompletesWrites = value;
    }

    /// <summary>What messages are completed with, and the channel is shut down with; no error by default.</summary>
    public IoError WriteError
    {
        get => _wire.WriteError;
        set => _wire.WriteError = value;
    }

    /// <summary>Why the channel has shut down; null while it has not.</summary>
    public IoError? ShutdownReason { get; private set; }

    /// <summary>The directions that the left end was told to shut down, in their order; it is told last of writing.</summary>
    public IReadOnlyList<ChannelDirection> ShutDownDirections => _wire.ShutDown;

    /// <summary>
    /// Messages that handlers have rented and neither sent nor released, nor written to a test that has not completed them yet: 0 where
    /// nothing leaks.
    /// </summary>
    public int MessagesHeld => Loop.Run(() =>
    {
        LoopMessagePool pool = LoopMessagePool.Of(Loop);

        // What was released outside callbacks, too.
        pool.TakeBackReleased();
        return pool.Outstanding;
    }) - PendingWrites;

    /// <summary>Adds a handler at the right end.</summary>
    /// <typeparam name="T">The handler's type.</typeparam>
    /// <param name="handler">A handler that stands in no slot.</param>
    /// <returns>The handler.</returns>
    public T Add<T>(T handler)
        where T : ChannelHandler
    {
        Loop.Invoke(() => Channel.AddLast(handler));
        return handler;
    }

    /// <summary>Adds an application at the right end, which keeps what comes and writes what the test says.</summary>
    /// <param name="window">How many bytes it takes before the test has granted more.</param>
    /// <returns>The application.</returns>
    public TestingApplication AddApplication(long window = long.MaxValue) => Add(new TestingApplication(window));

    /// <summary>Runs something on the loop, at once.</summary>
    /// <param name="action">What.</param>
    public void Invoke(Action action) => Loop.Invoke(action);

    /// <summary>Sends bytes to the first handler, in messages of at most a fragment, without regard to its window.</summary>
    /// <param name="data">The bytes; none is one empty message.</param>
    /// <returns>
    /// <see cref="IoErrorCode.ChannelReadWouldExceedWindow"/> where they are too many, what else the handler answers, or no error. The
    /// message that is refused is dropped with all behind it.
    /// </returns>
    public IoError PushRead(ReadOnlySpan<byte> data)
    {
        byte[] copy = data.ToArray();
        return Loop.Run(() => _wire.Push(copy));
    }

    /// <summary>Sends a text's bytes to the first handler.</summary>
    /// <param name="text">The text; it is sent as UTF-8.</param>
    /// <returns>As for bytes.</returns>
    public IoError PushRead(string text) => PushRead(Encoding.UTF8.GetBytes(text));

    /// <summary>Has bytes come from the peer, as through a socket: they are delivered as far as there is room, now and later.</summary>
    /// <param name="data">The bytes.</param>
    public void Feed(ReadOnlySpan<byte> data)
    {
        byte[] copy = data.ToArray();
        Loop.Invoke(() => _wire.Feed(copy));
    }

    /// <summary>Has the peer end its direction, behind all that was fed.</summary>
    /// <param name="reason">What the channel is shut down with unless a handler goes on; <see cref="IoErrorCode.SocketClosed"/> by default.</param>
    public void EndRead(IoError? reason = null) => Loop.Invoke(
        () => _wire.End(reason ?? new IoError(IoErrorCode.SocketClosed, "The peer of the test has closed the connection.")));

    /// <summary>Gives everything that was written since the last time, and forgets it.</summary>
    /// <returns>The bytes of all messages, in their order.</returns>
    public byte[] TakeWritten() => _wire.TakeWritten();

    /// <summary>Completes messages that were written, the oldest first.</summary>
    /// <param name="count">At the most how many.</param>
    /// <param name="error">With what; an error shuts the channel down too, as a socket's does.</param>
    /// <returns>How many.</returns>
    public int CompleteWrites(int count = int.MaxValue, IoError error = default) => Loop.Run(() => _wire.Complete(count, error));

    /// <summary>Lets everything run that is due, until nothing is (<c>testing_channel_drain_queued_tasks</c>).</summary>
    /// <returns>How many turns of the loop did something.</returns>
    public int RunUntilIdle() => Loops.RunUntilIdle();

    /// <summary>Lets time go by, with everything that becomes due.</summary>
    /// <param name="span">How long.</param>
    public void Advance(TimeSpan span) => Loops.Advance(span);

    /// <summary>Shuts the channel down gracefully, and lets everything run that is due.</summary>
    /// <param name="reason">Why; no error by default.</param>
    /// <returns>
    /// The reason that the channel's owner is told; null where a handler, or a write that the test has not completed, keeps it from ending
    /// before time goes by.
    /// </returns>
    public IoError? Shutdown(IoError reason = default)
    {
        Channel.Shutdown(reason);
        _ = RunUntilIdle();
        return ShutdownReason;
    }

    /// <summary>Ends the channel, at once, and its loops unless they were given.</summary>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        Channel.Abort(IoError.None);
        if (_ownsLoops)
        {
            Loops.Dispose();
        }
        else
        {
            _ = RunUntilIdle();
        }
    }
}

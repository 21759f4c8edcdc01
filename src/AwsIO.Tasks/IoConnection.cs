using System.Diagnostics.CodeAnalysis;

namespace AwsIO.Tasks;

/// <summary>A connection, plain or with TLS, that lives on one event loop and is used from anywhere.</summary>
/// <remarks>
/// At most one read and one write may be under way at the same time; a second one throws <see cref="InvalidOperationException"/>. An
/// operation is under way until its result has been taken: await each one, once.
/// Failures are <see cref="IoException"/>; after one of them the connection is to be disposed.
/// </remarks>
public sealed class IoConnection : IAsyncDisposable, IDisposable
{
    /// <summary>The most bytes that are received before the application reads them, unless options say otherwise.</summary>
    public const int DefaultReadWindow = 256 * 1024;

    private readonly ConnectionHandler _handler;
    private readonly TaskCompletionSource _ended;
    private int _disposed;

    internal IoConnection(IoChannel channel, ContinuationMode mode, int readWindow, TimeSpan closeTimeout, ChannelTimeoutOptions? timeouts = null)
    {
        Channel = channel;
        channel.ShutdownTimeout = closeTimeout;
        _ended = new(mode == ContinuationMode.Inline ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);
        _handler = new ConnectionHandler(channel.EventLoop, mode, readWindow, channel.WriteHighWatermark);
        for (ChannelSlot? slot = channel.First; slot is not null; slot = slot.Right)
        {
            Tls ??= (slot.Handler as TlsChannelHandler)?.Info;
        }

        _handler.Ended = () => _ended.TrySetResult();
        if (timeouts is not null)
        {
            _ = channel.AddLast(new ChannelTimeoutHandler(timeouts));
        }

        _ = channel.AddLast(_handler);
        RemoteEndpoint = _handler.Socket?.RemoteEndpoint;
        LocalEndpoint = _handler.Socket?.GetLocalEndpoint() is { IsSuccess: true } local ? local.Value : null;
    }

    /// <summary>The channel below, for handlers of one's own; its members are its loop's.</summary>
    public IoChannel Channel { get; }

    /// <summary>The loop that the connection lives on.</summary>
    public EventLoop EventLoop => Channel.EventLoop;

    /// <summary>What the TLS handshake agreed on; null without TLS.</summary>
    public TlsConnectionInfo? Tls { get; }

    /// <summary>The own address; null where the system names none.</summary>
    public SocketEndpoint? LocalEndpoint { get; }

    /// <summary>The peer's address; null where the system names none.</summary>
    public SocketEndpoint? RemoteEndpoint { get; }

    /// <summary>
    /// How long a read may wait; no limit by default. A read that takes longer fails with <see cref="IoErrorCode.SocketTimeout"/>, and the
    /// connection can be used on.
    /// </summary>
    public TimeSpan ReadTimeout
    {
        get => _handler.Reader.Timeout;
        set
        {
            ConnectOptions.ValidateTimeout(value, nameof(value));
            _handler.Reader.Timeout = value;
        }
    }

    /// <summary>
    /// How long <see cref="WriteAsync"/>, <see cref="FlushAsync"/> and <see cref="ShutdownWriteAsync"/> may wait for the peer to take what was
    /// written; no limit by default. One that takes longer fails with <see cref="IoErrorCode.SocketTimeout"/>; what was taken over goes out
    /// all the same. After a write nobody knows how much that is, so the connection is then good for reading only.
    /// </summary>
    public TimeSpan WriteTimeout
    {
        get => _handler.Writer.Timeout;
        set
        {
            ConnectOptions.ValidateTimeout(value, nameof(value));
            _handler.Writer.Timeout = value;
        }
    }

    /// <summary>Completes when the connection has ended, whoever ended it.</summary>
    public Task Completion => _ended.Task;

    /// <summary>Reads what has come, at least one byte, or waits for it.</summary>
    /// <param name="buffer">Where to. An empty one waits until there is something, and needs no memory meanwhile.</param>
    /// <param name="cancellationToken">Gives the read up; nothing is lost, and the connection can be used on.</param>
    /// <returns>How many bytes; 0 when the peer has finished.</returns>
    /// <exception cref="IoException">The connection failed.</exception>
    /// <exception cref="InvalidOperationException">Another read is under way.</exception>
    /// <exception cref="ObjectDisposedException">The connection was disposed.</exception>
    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        return _handler.Reader.ReadAsync(buffer, cancellationToken);
    }

    /// <summary>
    /// Writes bytes. Completes once they are copied and no more than 64 KiB wait for the peer to take them, or what
    /// <see cref="ConnectOptions.WriteHighWatermark"/> says; a failure after that is told by the next operation, or by <see cref="FlushAsync"/>.
    /// </summary>
    /// <param name="data">The bytes; theirs again when this completes.</param>
    /// <param name="cancellationToken">
    /// Gives the write up where it waits. Bytes that were taken over go out all the same: after a cancelled write nobody knows how many,
    /// so the connection is good for reading only.
    /// </param>
    /// <returns>Completes when the bytes are taken over.</returns>
    /// <exception cref="IoException">The connection failed.</exception>
    /// <exception cref="InvalidOperationException">Another write is under way, or the writing direction was ended.</exception>
    /// <exception cref="ObjectDisposedException">The connection was disposed.</exception>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        return _handler.Writer.WriteAsync(data, cancellationToken);
    }

    /// <summary>Waits until the kernel has taken everything that was written.</summary>
    /// <param name="cancellationToken">Gives the wait up; what was written goes out all the same.</param>
    /// <returns>Completes when nothing waits any more.</returns>
    /// <exception cref="IoException">The connection failed.</exception>
    public ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        return _handler.Writer.FlushAsync(cancellationToken);
    }

    /// <summary>Ends the writing direction: the peer reads everything, then the end. Reading goes on.</summary>
    /// <param name="cancellationToken">Gives the wait up; the end comes all the same.</param>
    /// <returns>Completes when everything, and the end, has gone out.</returns>
    /// <exception cref="IoException">The connection failed.</exception>
    public ValueTask ShutdownWriteAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        return _handler.Writer.ShutdownAsync(cancellationToken);
    }

    /// <summary>
    /// Sets who is given what the connection has moved, by intervals: bytes in and out, their rates, how the TLS handshake went
    /// (<see cref="IoChannel.SetStatisticsHandler"/>). From another thread than the loop's it takes effect a moment later.
    /// </summary>
    /// <param name="handler">From now on the connection's, and called on its event loop; null for nobody.</param>
    public void SetStatisticsHandler(ChannelStatisticsHandler? handler)
    {
        if (EventLoop.IsOnLoop)
        {
            Channel.SetStatisticsHandler(handler);
            return;
        }

        // Where the loop is ending the channel takes it too, and destroys it.
        EventLoop.ScheduleSerialized(IoTask.Create(static (work, _) => work.Channel.SetStatisticsHandler(work.handler), (Channel, handler)));
    }

    /// <summary>The connection as a stream, which disposes it.</summary>
    /// <returns>A new view; all views share the connection.</returns>
    public Stream AsStream() => new ConnectionStream(this);

    /// <summary>Ends the connection at once: what was not delivered is lost, and the peer sees a reset.</summary>
    public void Abort()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            StopReading();
        }

        Channel.Abort(new IoError(IoErrorCode.SocketClosed, $"The connection with {_handler.PeerName} was aborted."));
    }

    /// <summary>Starts to end the connection as <see cref="DisposeAsync"/> does, without waiting.</summary>
    [SuppressMessage("Usage", "CA1816", Justification = "There is no finaliser.")]
    public void Dispose() => Close();

    /// <summary>
    /// Ends the connection: delivers what was written, says goodbye, and waits until that is done, for as long as
    /// <see cref="ConnectOptions.CloseTimeout"/> allows: ten seconds by default.
    /// </summary>
    /// <returns>Completes when the connection has ended.</returns>
    [SuppressMessage("Usage", "CA1816", Justification = "There is no finaliser.")]
    public ValueTask DisposeAsync()
    {
        Close();
        return new ValueTask(_ended.Task);
    }

    private void Close()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            StopReading();
            Channel.Shutdown(IoError.None);
        }
    }

    private void StopReading() =>
        _handler.StopReading(new IoError(IoErrorCode.SocketClosed, $"The connection with {_handler.PeerName} was disposed."));

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
}

namespace AwsIO.Tasks;

/// <summary>
/// A socket for datagrams: UDP, or of the Unix domain. <see cref="IoRuntime.BindDatagramsAsync"/> and
/// <see cref="IoRuntime.ConnectDatagramsAsync"/> make it.
/// </summary>
/// <remarks>
/// All members may be used on any thread, and any number of sends and receives may be under way at a time. Datagrams are sent in the order
/// in which sends were started on one thread, and received in the order in which they came. UDP may lose a datagram, repeat it, or change the
/// order.
/// </remarks>
public sealed class IoDatagramSocket : IAsyncDisposable, IDisposable
{
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IoSocket _socket;
    private readonly DatagramSendPool _sends;
    private readonly DatagramQueue _received;
    private bool _isDisposed;

    private IoDatagramSocket(IoSocket socket, DatagramOptions options, ContinuationMode mode)
    {
        _socket = socket;
        _sends = new DatagramSendPool(socket, mode);
        _received = new DatagramQueue(socket, options, mode);
    }

    /// <summary>The socket's own address, with the port that was chosen.</summary>
    public SocketEndpoint LocalEndpoint { get; private set; }

    /// <summary>The peer of a connected socket; null for any other.</summary>
    public SocketEndpoint? RemoteEndpoint { get; private set; }

    /// <summary>Sends a datagram to the peer of a connected socket.</summary>
    /// <param name="data">The datagram, copied; none of it is one too.</param>
    /// <param name="cancellationToken">Gives the wait up; the datagram may have been sent all the same.</param>
    /// <returns>Completes when the system has taken it, which does not mean that anybody receives it.</returns>
    /// <exception cref="IoException">
    /// It was not sent: it is too large, or nobody took an earlier one (<see cref="IoErrorCode.SocketConnectionRefused"/>). The socket goes
    /// on.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The socket was disposed.</exception>
    public ValueTask SendAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default) =>
        Start(data, default, cancellationToken);

    /// <summary>Sends a datagram to an address, from a socket that is not connected.</summary>
    /// <param name="data">The datagram, copied; none of it is one too.</param>
    /// <param name="to">Where to: a sender, or made by <see cref="DatagramAddress.From"/>.</param>
    /// <param name="cancellationToken">Gives the wait up; the datagram may have been sent all the same.</param>
    /// <returns>As for the other form.</returns>
    /// <exception cref="IoException">It was not sent: it is too large, or cannot be sent there. The socket goes on.</exception>
    /// <exception cref="ArgumentException">There is no address.</exception>
    /// <exception cref="ObjectDisposedException">The socket was disposed.</exception>
    public ValueTask SendToAsync(ReadOnlyMemory<byte> data, DatagramAddress to, CancellationToken cancellationToken = default)
    {
        if (to.IsNone)
        {
            throw new ArgumentException("There is no address to send to.", nameof(to));
        }

        return Start(data, to, cancellationToken);
    }

    /// <summary>Receives the next datagram.</summary>
    /// <param name="destination">Where to. What there is no room for is lost, and told as truncated.</param>
    /// <param name="cancellationToken">Gives the wait up; a datagram that comes later is not lost.</param>
    /// <returns>How many bytes it had, none for an empty one; whether it was truncated; who sent it.</returns>
    /// <exception cref="IoException">
    /// An error in place of a datagram: nobody took one that was sent before (<see cref="IoErrorCode.SocketConnectionRefused"/>), after which
    /// the socket goes on; or the runtime has ended.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The socket was disposed.</exception>
    public ValueTask<DatagramInfo> ReceiveAsync(Memory<byte> destination, CancellationToken cancellationToken = default) =>
        _received.TakeAsync(destination, cancellationToken);

    /// <summary>
    /// Takes a datagram that has come already, without waiting: for those behind one that <see cref="ReceiveAsync"/> gave.
    /// </summary>
    /// <param name="destination">Where to. What there is no room for is lost, and told as truncated.</param>
    /// <param name="datagram">As <see cref="ReceiveAsync"/> returns it.</param>
    /// <returns>
    /// Whether there was one. False too where an error is next, or the socket was closed: <see cref="ReceiveAsync"/> tells that.
    /// </returns>
    public bool TryReceive(Memory<byte> destination, out DatagramInfo datagram) => _received.TryTake(destination, out datagram);

    /// <summary>Starts to close, as <see cref="DisposeAsync"/> does, without waiting.</summary>
    public void Dispose() => Close();

    /// <summary>
    /// Closes the socket. Datagrams that the system has not taken are not sent, those that nobody has received are dropped, and whoever waits
    /// is told.
    /// </summary>
    /// <returns>Completes when the address is free.</returns>
    public ValueTask DisposeAsync()
    {
        Close();
        return new ValueTask(_closed.Task);
    }

    internal static async Task<IoDatagramSocket> OpenAsync(
        EventLoop loop,
        SocketEndpoint? local,
        SocketEndpoint? remote,
        DatagramOptions options,
        ContinuationMode mode,
        CancellationToken token)
    {
        SocketOptions socketOptions = options.Socket.Clone();
        socketOptions.Type = IoSocketType.Datagram;
        socketOptions.Domain = (remote ?? local!.Value).Domain;
        IoSocket socket = IoSocket.Create(socketOptions).GetOrThrow();
        TaskCompletionSource<IoError> opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
        IoDatagramSocket made = new(socket, options, mode);
        try
        {
            _ = socket.SubscribeClosed(static (_, _, state) => ((IoDatagramSocket)state!).OnClosed(), made);
            made.RemoteEndpoint = remote;
            if (local is { } own)
            {
                Throw(socket.Bind(own));
            }

            if (remote is { } peer)
            {
                Throw(socket.Connect(peer, loop, (_, error, _) => opened.TrySetResult(error.IsError ? error : made.OnOpened()), null));
            }
            else
            {
                Throw(socket.AssignTo(loop));
                loop.Schedule(IoTask.Create(
                    (_, status) => opened.TrySetResult(status == IoTaskStatus.Run ? made.OnOpened() : IoErrorCode.EventLoopShutdown), 0));
            }

            Throw(await opened.Task.WaitAsync(token).ConfigureAwait(false));
            return made;
        }
        catch
        {
            made.Close();
            throw;
        }
    }

    private static void Throw(IoError error)
    {
        if (error.IsError)
        {
            throw error.ToException();
        }
    }

    private void Close()
    {
        Volatile.Write(ref _isDisposed, true);
        _received.End(new ObjectDisposedException(null, "The socket was disposed."));
        _socket.Dispose();
    }

    private ValueTask Start(ReadOnlyMemory<byte> data, in DatagramAddress to, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed), this);
        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled(cancellationToken)
            : _sends.Rent().Start(data, to, cancellationToken);
    }

    private IoError OnOpened()
    {
        IoResult<SocketEndpoint> local = _socket.GetLocalEndpoint();
        if (!local.IsSuccess)
        {
            return local.Error;
        }

        LocalEndpoint = local.Value;
        return _received.Start();
    }

    private void OnClosed()
    {
        // Nobody may have asked for it: the loops may have ended.
        _received.End(new ObjectDisposedException(null, "The socket was closed."));
        _closed.TrySetResult();
    }
}

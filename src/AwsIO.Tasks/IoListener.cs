using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace AwsIO.Tasks;

/// <summary>Takes connections, TLS included, as they come.</summary>
public sealed class IoListener : IAsyncDisposable, IDisposable
{
    private readonly Channel<IoConnection> _accepted = Channel.CreateUnbounded<IoConnection>();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ListenOptions _options;
    private readonly ContinuationMode _mode;
    private ServerListener? _listener;

    // How many are telling of a failed connection now; negative once nobody may begin to.
    private int _tellers;
    private TlsContext? _tls;

    private IoListener(ListenOptions options, ContinuationMode mode)
    {
        _options = options;
        _mode = mode;
    }

    /// <summary>Where it listens, with the port that was chosen.</summary>
    public SocketEndpoint LocalEndpoint => Listener.LocalEndpoint;

    internal ServerListener Listener => _listener!;

    /// <summary>Takes the next connection.</summary>
    /// <param name="cancellationToken">Gives the wait up; a connection that comes later is not lost.</param>
    /// <returns>The connection.</returns>
    /// <exception cref="ObjectDisposedException">The listener was disposed.</exception>
    public async ValueTask<IoConnection> AcceptAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            IoConnection connection = await _accepted.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            Listener.OnTaken();
            return connection;
        }
        catch (ChannelClosedException exception)
        {
            throw new ObjectDisposedException("The listener was disposed.", exception);
        }
    }

    /// <summary>Takes connections until the listener is disposed.</summary>
    /// <param name="cancellationToken">Ends the sequence with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The connections; each belongs to who takes it.</returns>
    public async IAsyncEnumerable<IoConnection> AcceptAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (IoConnection connection in _accepted.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            Listener.OnTaken();
            yield return connection;
        }
    }

    /// <summary>Starts to stop, as <see cref="DisposeAsync"/> does, without waiting.</summary>
    public void Dispose() => Stop();

    /// <summary>
    /// Stops listening and drops the connections that nobody has taken, those that are being set up too; those that were taken go on.
    /// </summary>
    /// <returns>
    /// Completes when the port is free, and <see cref="ListenOptions.OnConnectionFailed"/> has returned and will not be called any more.
    /// </returns>
    public ValueTask DisposeAsync()
    {
        Stop();
        return new ValueTask(_closed.Task);
    }

    internal static IoListener Start(ServerBootstrap bootstrap, SocketEndpoint endpoint, ListenOptions options, ContinuationMode mode)
    {
        IoListener listener = new(options, mode);
        TlsConnectionOptions? tls = null;
        if (options.Tls is { } tlsOptions)
        {
            listener._tls = TlsContext.CreateServer(tlsOptions.ToContextOptions()).GetOrThrow();
            tls = listener._tls.ForServer();
            tls.HandshakeTimeout = tlsOptions.HandshakeTimeout;
        }

        IoResult<ServerListener> started = bootstrap.Listen(new ServerListenOptions
        {
            Endpoint = endpoint,
            SocketOptions = options.Socket,
            Backlog = options.Backlog,
            FragmentSize = options.FragmentSize,
            WriteHighWatermark = options.WriteHighWatermark,
            WriteLowWatermark = options.WriteLowWatermark,
            MaxUntaken = Math.Max(options.Backlog, 1),
            Tls = tls,
            OnIncomingChannel = static (channel, error, state) => ((IoListener)state!).OnIncoming(channel, error),
            OnClosed = listener.OnClosed,
            State = listener,
        });
        if (!started.IsSuccess)
        {
            listener._tls?.Dispose();
        }

        listener._listener = started.GetOrThrow();
        return listener;
    }

    private void OnIncoming(IoChannel? channel, IoError error)
    {
        if (channel is null)
        {
            TellOfFailure(error);
            return;
        }

        IoConnection connection = new(channel, _mode, _options.ReadWindow, _options.CloseTimeout, _options.ChannelTimeouts);
        if (!_accepted.Writer.TryWrite(connection))
        {
            connection.Abort();
        }
    }

    private void OnClosed(ServerListener listener)
    {
        // Nobody may have asked for it: the loops may have ended.
        DropWaiting();
        _tls?.Dispose();
        if (Interlocked.Or(ref _tellers, int.MinValue) == 0)
        {
            _closed.TrySetResult();
        }
    }

    /// <summary>Tells the application, unless the listener has closed. Connections are set up on any loop.</summary>
    private void TellOfFailure(IoError error)
    {
        if (_options.OnConnectionFailed is not { } tell)
        {
            return;
        }

        try
        {
            if (Interlocked.Increment(ref _tellers) > 0)
            {
                tell(new IoException(error));
            }
        }
        finally
        {
            if (Interlocked.Decrement(ref _tellers) == int.MinValue)
            {
                // It has closed meanwhile, and only waited for this call.
                _closed.TrySetResult();
            }
        }
    }

    private void Stop()
    {
        _listener?.Dispose();
        DropWaiting();
    }

    private void DropWaiting()
    {
        _accepted.Writer.TryComplete();
        while (_accepted.Reader.TryRead(out IoConnection? connection))
        {
            connection.Abort();
        }
    }
}

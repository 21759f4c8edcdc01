namespace AwsIO;

/// <summary>A listening socket and the channels that came of it. Used on any thread.</summary>
public sealed class ServerListener : IDisposable, IConnectionOwner
{
    private readonly EventLoopGroup _group;
    private readonly IoSocket _socket;
    private readonly ServerListenOptions _options;
    private readonly EventLoop _loop;

    // One for the listening socket, one for each connection.
    private int _alive = 1;
    private int _disposed;
    private int _untaken;

    internal ServerListener(EventLoopGroup group, IoSocket socket, ServerListenOptions options, SocketEndpoint local)
    {
        _group = group;
        _socket = socket;
        _options = options;
        _loop = group.GetNextLoop();
        LocalEndpoint = local;
    }

    /// <summary>Where it listens, with the port that was chosen.</summary>
    public SocketEndpoint LocalEndpoint { get; }

    /// <summary>How many connections are being set up or open now.</summary>
    public int ConnectionCount => Math.Max(Volatile.Read(ref _alive) - (Volatile.Read(ref _disposed) == 0 ? 1 : 0), 0);

    /// <summary>
    /// Stops listening (<c>aws_server_bootstrap_destroy_socket_listener</c>); connections that came go on. Does not wait:
    /// <see cref="ServerListenOptions.OnDestroyed"/> tells when the last of them has ended.
    /// </summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _loop.Schedule(IoTask.Create(
                static (listener, status) =>
                {
                    _ = listener._socket.Close();
                    try
                    {
                        listener._options.OnClosed?.Invoke(listener);
                    }
                    finally
                    {
                        listener.ReleaseOne();
                    }
                },
                this));
        }
    }

    /// <summary>
    /// The application has taken a connection that came, or a plain one has failed: there is room for another. Any thread.
    /// </summary>
    internal void OnTaken()
    {
        // Only who makes the first room wakes the socket, which looks at the count itself.
        if (Interlocked.Decrement(ref _untaken) == _options.MaxUntaken - 1)
        {
            _socket.ResumeAccept();
        }
    }

    internal IoError Start()
    {
        IoError error = _socket.StartAccept(
            _loop,
            static (_, error, accepted, state) => ((ServerListener)state!).OnAccepted(error, accepted),
            onStarted: null,
            this,
            _options.MaxUntaken == int.MaxValue ? null : () => Volatile.Read(ref _untaken) < _options.MaxUntaken);
        if (error.IsError)
        {
            _socket.Dispose();
        }

        return error;
    }

    private void OnAccepted(IoError error, IoSocket? accepted)
    {
        if (error.Code == IoErrorCode.EventLoopShutdown)
        {
            // Nothing will come any more: whoever waits for the listener's end is told of it.
            Dispose();
            return;
        }

        if (accepted is null)
        {
            _options.OnIncomingChannel(null, error, _options.State);
            return;
        }

        error = accepted.AssignTo(_group.GetNextLoop());
        if (error.IsError)
        {
            accepted.Dispose();
            _options.OnIncomingChannel(null, error, _options.State);
            return;
        }

        Interlocked.Increment(ref _alive);
        if (_options.Tls is null)
        {
            // At once: the next one may be accepted before this one's own loop has looked at it.
            Interlocked.Increment(ref _untaken);
        }

        _ = ConnectionSetup.Start(accepted, _options.Tls, _options.Limits, this);
    }

    IConnectionEnd IConnectionOwner.OnResult(IoChannel? channel, IoError error)
    {
        if (_options.Tls is null)
        {
            if (channel is null)
            {
                OnTaken();
            }
        }
        else if (channel is not null)
        {
            // Not before: clients that never end their handshakes must not keep out all others.
            Interlocked.Increment(ref _untaken);
        }

        _options.OnIncomingChannel(channel, error, _options.State);
        return this;
    }

    void IConnectionEnd.OnEnded(IoChannel channel, IoError reason, bool wasSetUp)
    {
        try
        {
            if (wasSetUp)
            {
                _options.OnChannelShutdown?.Invoke(channel, reason, _options.State);
            }
        }
        finally
        {
            ReleaseOne();
        }
    }

    private void ReleaseOne()
    {
        if (Interlocked.Decrement(ref _alive) == 0)
        {
            _options.OnDestroyed?.Invoke(this);
        }
    }
}

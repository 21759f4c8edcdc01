namespace AwsIO.Tasks;

/// <summary>
/// Event loops, a resolver and what connects and listens on them. One serves a whole program: <see cref="Shared"/> needs no set-up.
/// </summary>
/// <remarks>All members may be used on any thread. Its threads never keep a process alive.</remarks>
public sealed class IoRuntime : IAsyncDisposable, IDisposable
{
    private static readonly Lazy<IoRuntime> s_shared = new(static () => new IoRuntime(new IoRuntimeOptions(), isShared: true));

    private readonly TlsContextCache _tlsContexts = new();
    private readonly ClientBootstrap _client;
    private readonly ServerBootstrap _server;
    private readonly ContinuationMode _mode;
    private readonly bool _isShared;

    /// <summary>Makes a runtime with the default options.</summary>
    public IoRuntime()
        : this(new IoRuntimeOptions())
    {
    }

    /// <summary>Makes a runtime.</summary>
    /// <param name="options">How; not kept.</param>
    public IoRuntime(IoRuntimeOptions options)
        : this(options, isShared: false)
    {
    }

    private IoRuntime(IoRuntimeOptions options, bool isShared)
    {
        ArgumentNullException.ThrowIfNull(options);
        EventLoopGroupOptions loops = new()
        {
            LoopCount = options.LoopCount,
            MaxLoops = options.MaxLoops,
            LoggerFactory = options.LoggerFactory,
        };
        options.ConfigureLoops?.Invoke(loops);
        Group = new EventLoopGroup(loops);
        try
        {
            Resolver = new DefaultHostResolver(Group, options.Resolver);
        }
        catch
        {
            // Nobody else could end its threads.
            Group.Dispose();
            throw;
        }

        _client = new ClientBootstrap(Group, Resolver);
        _server = new ServerBootstrap(Group);
        _mode = options.ContinuationMode;
        _isShared = isShared;
    }

    /// <summary>The runtime of the process, made when it is first used. Disposing it does nothing.</summary>
    public static IoRuntime Shared => s_shared.Value;

    /// <summary>The event loops.</summary>
    public EventLoopGroup Group { get; }

    /// <summary>The resolver.</summary>
    public HostResolver Resolver { get; }

    /// <summary>Looks a host up.</summary>
    /// <param name="host">A name, or an address in text.</param>
    /// <param name="cancellationToken">Gives the wait up at once; a look-up that goes on is used for others.</param>
    /// <returns>The addresses, the best first.</returns>
    /// <exception cref="IoException">The name does not exist, or looking it up failed.</exception>
    public Task<IReadOnlyList<HostAddress>> ResolveAsync(string host, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<IReadOnlyList<HostAddress>>(cancellationToken);
        }

        TaskCompletionSource<IReadOnlyList<HostAddress>> source = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Resolver.Resolve(
            host,
            static (_, error, addresses, state) =>
            {
                TaskCompletionSource<IReadOnlyList<HostAddress>> waiting = (TaskCompletionSource<IReadOnlyList<HostAddress>>)state!;
                if (error.IsError)
                {
                    waiting.TrySetException(error.ToException());
                }
                else
                {
                    waiting.TrySetResult(addresses);
                }
            },
            source);
        return cancellationToken.CanBeCanceled ? source.Task.WaitAsync(cancellationToken) : source.Task;
    }

    /// <summary>Connects to a host.</summary>
    /// <param name="host">A name, or an address in text.</param>
    /// <param name="port">The port.</param>
    /// <param name="options">How; null for the default, without TLS. Not to be changed until the connection is made.</param>
    /// <param name="cancellationToken">Gives the attempt up.</param>
    /// <returns>The connection, TLS included.</returns>
    /// <exception cref="IoException">No connection could be made; the message says why.</exception>
    public Task<IoConnection> ConnectAsync(
        string host, int port, ConnectOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        return ConnectCoreAsync(host, port, null, options ?? new ConnectOptions(), cancellationToken);
    }

    /// <summary>Connects to an address or a path, without a look-up.</summary>
    /// <param name="endpoint">Where to.</param>
    /// <param name="options">How; null for the default, without TLS. Not to be changed until the connection is made.</param>
    /// <param name="cancellationToken">Gives the attempt up.</param>
    /// <returns>The connection, TLS included.</returns>
    /// <exception cref="IoException">No connection could be made; the message says why.</exception>
    public Task<IoConnection> ConnectAsync(
        SocketEndpoint endpoint, ConnectOptions? options = null, CancellationToken cancellationToken = default) =>
        ConnectCoreAsync(null, 0, endpoint, options ?? new ConnectOptions(), cancellationToken);

    /// <summary>Listens.</summary>
    /// <param name="endpoint">Where; port 0 has a free one chosen.</param>
    /// <param name="options">How; null for the default, without TLS. Not to be changed while the listener lives.</param>
    /// <param name="cancellationToken">Gives the attempt up.</param>
    /// <returns>The listener, which listens already.</returns>
    /// <exception cref="IoException">The address is in use, or not allowed, or the TLS options are wrong.</exception>
    public Task<IoListener> ListenAsync(
        SocketEndpoint endpoint, ListenOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new ListenOptions();
        options.Validate();
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<IoListener>(cancellationToken);
        }

        try
        {
            return Task.FromResult(IoListener.Start(_server, endpoint, options, options.ContinuationMode ?? _mode));
        }
        catch (IoException exception)
        {
            return Task.FromException<IoListener>(exception);
        }
    }

    /// <summary>Opens a socket for datagrams at an address.</summary>
    /// <param name="endpoint">The address; port 0 has a free one chosen.</param>
    /// <param name="options">How; null for the default. Not kept.</param>
    /// <param name="cancellationToken">Gives the attempt up.</param>
    /// <returns>The socket, which receives already.</returns>
    /// <exception cref="IoException">The address is in use, or not allowed, or not this machine's.</exception>
    public Task<IoDatagramSocket> BindDatagramsAsync(
        SocketEndpoint endpoint, DatagramOptions? options = null, CancellationToken cancellationToken = default) =>
        OpenDatagramsAsync(endpoint, null, options ?? new DatagramOptions(), cancellationToken);

    /// <summary>Opens a socket for datagrams that has one peer alone. No packet is sent for it.</summary>
    /// <param name="endpoint">The peer.</param>
    /// <param name="options">
    /// How; null for the default. Not kept. <see cref="SocketOptions.LocalEndpoint"/> gives the socket an address of its own, which a Unix
    /// domain socket needs to be answered.
    /// </param>
    /// <param name="cancellationToken">Gives the attempt up.</param>
    /// <returns>The socket, which receives already.</returns>
    /// <exception cref="IoException">The address is wrong, or there is no way to it.</exception>
    public Task<IoDatagramSocket> ConnectDatagramsAsync(
        SocketEndpoint endpoint, DatagramOptions? options = null, CancellationToken cancellationToken = default) =>
        OpenDatagramsAsync(null, endpoint, options ?? new DatagramOptions(), cancellationToken);

    /// <summary>Ends everything that lives on the runtime, and waits for its threads.</summary>
    /// <exception cref="InvalidOperationException">The caller is on an event loop: use <see cref="DisposeAsync"/> there.</exception>
    public void Dispose()
    {
        if (!_isShared)
        {
            // Before anything is ended: after the exception the runtime can be used on.
            EventLoop.Current?.ThrowIfOnLoop("dispose a runtime");

            Resolver.Dispose();
            Group.Dispose();
            _tlsContexts.Dispose();
        }
    }

    /// <summary>Ends everything that lives on the runtime.</summary>
    /// <returns>Completes when its threads have left.</returns>
    public async ValueTask DisposeAsync()
    {
        if (!_isShared)
        {
            Resolver.Dispose();
            await Group.DisposeAsync().ConfigureAwait(false);
            _tlsContexts.Dispose();
        }
    }

    private Task<IoDatagramSocket> OpenDatagramsAsync(
        SocketEndpoint? local, SocketEndpoint? remote, DatagramOptions options, CancellationToken cancellationToken)
    {
        options.Validate();
        return cancellationToken.IsCancellationRequested
            ? Task.FromCanceled<IoDatagramSocket>(cancellationToken)
            : IoDatagramSocket.OpenAsync(
                options.EventLoop ?? Group.GetNextLoop(), local, remote, options, options.ContinuationMode ?? _mode, cancellationToken);
    }

    private async Task<IoConnection> ConnectCoreAsync(
        string? host, int port, SocketEndpoint? endpoint, ConnectOptions options, CancellationToken cancellationToken)
    {
        options.Validate();
        cancellationToken.ThrowIfCancellationRequested();
        ConnectAttempt attempt = new(options, options.ContinuationMode ?? _mode, endpoint?.ToString() ?? $"{host}:{port}");
        TlsConnectionOptions? tls = null;

        // A session that was made needs its context no longer.
        using TlsContextCache.Lease? context = options.Tls is null ? null : _tlsContexts.Rent(options.Tls);
        if (options.Tls is { } tlsOptions)
        {
            tls = new TlsConnectionOptions(context!.Context)
            {
                ServerName = tlsOptions.ServerName,
                Alpn = tlsOptions.Alpn,
                HandshakeTimeout = tlsOptions.HandshakeTimeout,
            };
        }

        ConnectOperation operation = _client.Connect(new ClientConnectOptions
        {
            Host = host,
            Port = port,
            Endpoint = endpoint,
            SocketOptions = options.Socket,
            Tls = tls,
            AttemptDelay = options.AttemptDelay,
            FragmentSize = options.FragmentSize,
            WriteHighWatermark = options.WriteHighWatermark,
            WriteLowWatermark = options.WriteLowWatermark,
            EventLoop = options.EventLoop,
            OnSetup = static (channel, error, state) => ((ConnectAttempt)state!).OnSetup(channel, error),
            State = attempt,
        }).GetOrThrow();
        return await attempt.WaitAsync(operation, cancellationToken).ConfigureAwait(false);
    }
}

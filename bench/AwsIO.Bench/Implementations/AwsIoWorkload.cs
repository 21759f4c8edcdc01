using AwsIO.Bench.Measuring;
using AwsIO.Bench.Running;

namespace AwsIO.Bench.Implementations;

/// <summary>
/// AwsIO at the callback level: one loop for the server and one for the clients, each connection a full channel with
/// back-pressure on, made by the bootstraps.
/// </summary>
/// <param name="spin">Whether the loops spin before they sleep.</param>
/// <param name="onOneLoop">Whether both ends are on one loop instead.</param>
internal sealed class AwsIoWorkload(SpinMode spin = SpinMode.Adaptive, bool onOneLoop = false) : IWorkload
{
    // Connections that are set up at the same time: more would wait for the server to accept them, or be refused.
    private const int AtOnce = 128;

    private readonly EventLoopGroup _serverGroup = new(new EventLoopGroupOptions { LoopCount = 1, Spin = spin });
    private EventLoopGroup _clientGroup = null!;
    private TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<(AwsIoLoad.IStarter Starter, IoChannel Channel)> _clients = [];
    private TlsContext? _serverTls;
    private TlsContext? _clientTls;
    private int _missing;

    public async Task StartAsync(WorkloadOptions options, LoadMeter meter, CancellationToken cancellationToken)
    {
        _clientGroup = onOneLoop ? _serverGroup : new EventLoopGroup(new EventLoopGroupOptions { LoopCount = 1, Spin = spin });
        if (options.Tls is { } tls)
        {
            _serverTls = TlsContext.CreateServer(new TlsContextOptions
            {
                CertificatePem = tls.Certificate.CertificatePem,
                PrivateKeyPem = tls.Certificate.PrivateKeyPem,
            }).Value;
            _clientTls = TlsContext.CreateClient(new TlsContextOptions { TrustedCertificatesPem = tls.AuthorityPem }).Value;
        }

        await OpenAsync(options, meter, cancellationToken);
        EventLoop loop = _clientGroup[0];
        if (options.Kind == WorkloadKind.Fairness)
        {
            loop.Schedule(new AwsIoPacer(loop, _clients));
        }

        if (options.Firehose)
        {
            // On the same two loops.
            await OpenAsync(options.ToFirehose(), meter.Beside, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_clientGroup is not null)
        {
            await _clientGroup.DisposeAsync();
        }

        await _serverGroup.DisposeAsync();
        _serverTls?.Dispose();
        _clientTls?.Dispose();
    }

    private async Task OpenAsync(WorkloadOptions options, LoadMeter meter, CancellationToken cancellationToken)
    {
        AwsIoLoad load = new(options, meter);
        _ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _clients = [];
        _missing = 2 * options.Connections;
        using ServerListener listener = new ServerBootstrap(_serverGroup).Listen(new ServerListenOptions
        {
            Endpoint = SocketEndpoint.Tcp("127.0.0.1", 0),
            Tls = _serverTls?.ForServer(),
            OnIncomingChannel = (channel, error, _) => OnServerChannel(load, channel, error),
            OnChannelShutdown = (_, error, _) => load.OnEnded(error),
        }).Value;
        using DefaultHostResolver resolver = new(_clientGroup);
        ClientBootstrap bootstrap = new(_clientGroup, resolver);
        ClientConnectOptions connect = null!;
        connect = new ClientConnectOptions
        {
            Endpoint = listener.LocalEndpoint,
            Tls = _clientTls?.ForHost(TlsMaterial.ServerName),
            OnSetup = (channel, error, _) =>
            {
                OnClientChannel(load, channel, error);

                // An idle connection has its echo as soon as it stands, so that no burst leaves memory behind.
                if (channel is not null && options.Kind == WorkloadKind.Idle)
                {
                    _clients[^1].Starter.Start(channel);
                }

                if (channel is not null && _clients.Count + AtOnce <= options.Connections)
                {
                    Connect(bootstrap, connect);
                }
            },
            OnShutdown = (_, error, _) => load.OnEnded(error),
        };
        for (int i = 0; i < Math.Min(options.Connections, AtOnce); i++)
        {
            Connect(bootstrap, connect);
        }

        await _ready.Task.WaitAsync(TimeSpan.FromSeconds(40), cancellationToken);
        if (options.Kind is WorkloadKind.Echo or WorkloadKind.Bulk)
        {
            _clientGroup[0].Schedule(IoTask.Create(
                static (clients, _) => clients.ForEach(static client => client.Starter.Start(client.Channel)), _clients));
        }
    }

    private void Connect(ClientBootstrap bootstrap, ClientConnectOptions options)
    {
        IoResult<ConnectOperation> started = bootstrap.Connect(options);
        if (!started.IsSuccess)
        {
            _ready.TrySetException(new InvalidOperationException(started.Error.ToString()));
        }
    }

    private void OnServerChannel(AwsIoLoad load, IoChannel? channel, IoError error)
    {
        if (channel is null)
        {
            _ready.TrySetException(new InvalidOperationException(error.ToString()));
            return;
        }

        channel.AddLast(load.CreateServerHandler());
        CountDown();
    }

    private void OnClientChannel(AwsIoLoad load, IoChannel? channel, IoError error)
    {
        if (channel is null)
        {
            _ready.TrySetException(new InvalidOperationException(error.ToString()));
            return;
        }

        ChannelHandler handler = load.CreateClientHandler();
        channel.AddLast(handler);
        _clients.Add(((AwsIoLoad.IStarter)handler, channel));
        CountDown();
    }

    private void CountDown()
    {
        if (Interlocked.Decrement(ref _missing) == 0)
        {
            _ready.TrySetResult();
        }
    }
}

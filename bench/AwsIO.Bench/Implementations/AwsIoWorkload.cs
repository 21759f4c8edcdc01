using AwsIO.Bench.Measuring;
using AwsIO.Bench.Running;

namespace AwsIO.Bench.Implementations;

/// <summary>
/// AwsIO at the callback level: one loop for the server and one for the clients, each connection a full channel with
/// back-pressure on, made by the bootstraps.
/// </summary>
internal sealed class AwsIoWorkload(SpinMode spin = SpinMode.Adaptive) : IWorkload
{
    private readonly EventLoopGroup _serverGroup = new(new EventLoopGroupOptions { LoopCount = 1, Spin = spin });
    private readonly EventLoopGroup _clientGroup = new(new EventLoopGroupOptions { LoopCount = 1, Spin = spin });
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<(AwsIoLoad.IStarter Starter, IoChannel Channel)> _clients = [];
    private TlsContext? _serverTls;
    private TlsContext? _clientTls;
    private int _missing;

    public async Task StartAsync(WorkloadOptions options, LoadMeter meter, CancellationToken cancellationToken)
    {
        if (options.Tls is { } tls)
        {
            _serverTls = TlsContext.CreateServer(new TlsContextOptions
            {
                CertificatePem = tls.Certificate.CertificatePem,
                PrivateKeyPem = tls.Certificate.PrivateKeyPem,
            }).Value;
            _clientTls = TlsContext.CreateClient(new TlsContextOptions { TrustedCertificatesPem = tls.AuthorityPem }).Value;
        }

        AwsIoLoad load = new(options, meter);
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
        for (int i = 0; i < options.Connections; i++)
        {
            Connect(bootstrap, listener.LocalEndpoint, load);
        }

        await _ready.Task.WaitAsync(TimeSpan.FromSeconds(20), cancellationToken);
        _clientGroup[0].Schedule(IoTask.Create(
            static (clients, _) => clients.ForEach(static client => client.Starter.Start(client.Channel)), _clients));
    }

    public async ValueTask DisposeAsync()
    {
        await _clientGroup.DisposeAsync();
        await _serverGroup.DisposeAsync();
        _serverTls?.Dispose();
        _clientTls?.Dispose();
    }

    private void Connect(ClientBootstrap bootstrap, SocketEndpoint endpoint, AwsIoLoad load)
    {
        IoResult<ConnectOperation> started = bootstrap.Connect(new ClientConnectOptions
        {
            Endpoint = endpoint,
            Tls = _clientTls?.ForHost(TlsMaterial.ServerName),
            OnSetup = (channel, error, _) => OnClientChannel(load, channel, error),
            OnShutdown = (_, error, _) => load.OnEnded(error),
        });
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

using System.Diagnostics;
using AwsIO.Bench.Measuring;
using AwsIO.Bench.Running;

namespace AwsIO.Bench.Implementations;

/// <summary>
/// AwsIO at the callback level, connection after connection: the message goes out from the set-up callback, and the next
/// connection from the shutdown callback.
/// </summary>
internal sealed class AwsIoConnectWorkload(SpinMode spin = SpinMode.Adaptive) : IWorkload
{
    private readonly EventLoopGroup _serverGroup = new(new EventLoopGroupOptions { LoopCount = 1, Spin = spin });
    private readonly EventLoopGroup _clientGroup = new(new EventLoopGroupOptions { LoopCount = 1, Spin = spin });
    private readonly List<ServerListener> _listeners = [];
    private readonly List<Cycle> _cycles = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DefaultHostResolver? _resolver;
    private ClientBootstrap _bootstrap = null!;
    private AwsIoLoad _load = null!;
    private LoadMeter _meter = null!;
    private LoadRecorder _recorder = null!;
    private int _size;
    private int _running;
    private volatile bool _stopping;

    public Task StartAsync(WorkloadOptions options, LoadMeter meter, CancellationToken cancellationToken)
    {
        _meter = meter;
        _recorder = meter.AddRecorder();
        _load = new AwsIoLoad(options, meter);
        _size = options.Size;
        _resolver = new DefaultHostResolver(_clientGroup);
        _bootstrap = new ClientBootstrap(_clientGroup, _resolver);
        ServerBootstrap server = new(_serverGroup);
        foreach (string address in WorkloadOptions.Addresses)
        {
            _listeners.Add(server.Listen(new ServerListenOptions
            {
                Endpoint = SocketEndpoint.Tcp(address, 0),
                OnIncomingChannel = OnServerChannel,
                OnChannelShutdown = (_, error, _) => _load.OnEnded(error),
            }).Value);
        }

        for (int i = 0; i < options.Connections; i++)
        {
            _cycles.Add(new Cycle(this, _listeners[i % _listeners.Count].LocalEndpoint));
        }

        _running = options.Connections;
        _clientGroup[0].Schedule(IoTask.Create(static (cycles, _) => cycles.ForEach(static cycle => cycle.Connect()), _cycles));
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _stopping = true;
        if (_cycles.Count > 0)
        {
            await _ended.Task.WaitAsync(TimeSpan.FromSeconds(20));
        }

        foreach (ServerListener listener in _listeners)
        {
            listener.Dispose();
        }

        _resolver?.Dispose();
        await _clientGroup.DisposeAsync();
        await _serverGroup.DisposeAsync();
    }

    private void OnServerChannel(IoChannel? channel, IoError error, object? state)
    {
        if (channel is null)
        {
            _meter.Fail(new InvalidOperationException(error.ToString()));
            return;
        }

        channel.AddLast(_load.CreateServerHandler());
    }

    /// <summary>One of the connections that exist at the same time. Everything is on the clients' loop.</summary>
    private sealed class Cycle
    {
        private readonly AwsIoConnectWorkload _workload;
        private readonly ClientConnectOptions _options;
        private long _started;
        private bool _isBack;

        public Cycle(AwsIoConnectWorkload workload, SocketEndpoint endpoint)
        {
            _workload = workload;
            _options = new ClientConnectOptions { Endpoint = endpoint, OnSetup = OnSetup, OnShutdown = OnShutdown };
        }

        public void Connect()
        {
            _isBack = false;
            _started = Stopwatch.GetTimestamp();
            IoResult<ConnectOperation> connecting = _workload._bootstrap.Connect(_options);
            if (!connecting.IsSuccess)
            {
                Fail(connecting.Error);
            }
        }

        public void OnMessageBack(IoChannel channel)
        {
            _isBack = true;
            channel.Shutdown(IoError.None);
        }

        private void OnSetup(IoChannel? channel, IoError error, object? state)
        {
            if (channel is null)
            {
                Fail(error);
                return;
            }

            Client client = new(this, _workload._size);
            channel.AddLast(client);
            _workload._load.Send(client.Slot!, null, null);
        }

        private void OnShutdown(IoChannel channel, IoError error, object? state)
        {
            if (!_isBack)
            {
                Fail(error);
                return;
            }

            _workload._recorder.RoundTrip(_workload._size, _started, Stopwatch.GetTimestamp());
            if (_workload._stopping)
            {
                End();
            }
            else
            {
                Connect();
            }
        }

        private void Fail(IoError error)
        {
            _workload._meter.Fail(new InvalidOperationException(error.ToString()));
            End();
        }

        private void End()
        {
            if (Interlocked.Decrement(ref _workload._running) == 0)
            {
                _workload._ended.TrySetResult();
            }
        }
    }

    private sealed class Client(Cycle cycle, int size) : ChannelHandler
    {
        private int _received;

        protected internal override IoError OnRead(ChannelSlot slot, IoMessage message)
        {
            slot.IncrementReadWindow(message.Length);
            _received += message.Length;
            message.Release();
            if (_received == size)
            {
                cycle.OnMessageBack(slot.Channel);
            }

            return IoError.None;
        }
    }
}

using System.Diagnostics;
using System.Net;
using AwsIO.Bench.Measuring;
using AwsIO.Bench.Running;
using DotNetty.Buffers;
using DotNetty.Transport.Bootstrapping;
using DotNetty.Transport.Channels;

namespace AwsIO.Bench.Implementations;

/// <summary>DotNetty, connection after connection: the next goes out when a channel has become inactive.</summary>
internal sealed class DotNettyConnectWorkload : IWorkload
{
    private readonly MultithreadEventLoopGroup _serverGroup = new(1);
    private readonly MultithreadEventLoopGroup _clientGroup = new(1);
    private readonly DotNettyLoad _load = new();
    private readonly List<IChannel> _listeners = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LoadMeter _meter = null!;
    private int _running;

    public async Task StartAsync(WorkloadOptions options, LoadMeter meter, CancellationToken cancellationToken)
    {
        _meter = meter;
        _load.Prepare(options, meter);
        DotNetty.Transport.Bootstrapping.ServerBootstrap server = DotNettyBootstraps.Server(
            _serverGroup, options.ReadSize, channel => channel.Pipeline.AddLast(new DotNettyEchoServer(_load)));
        foreach (string address in WorkloadOptions.Addresses)
        {
            _listeners.Add(await server.BindAsync(IPAddress.Parse(address), 0));
        }

        for (int i = 0; i < options.Connections; i++)
        {
            _running++;
            Cycle cycle = new(this, _listeners[i % _listeners.Count].LocalAddress, options.ReadSize);
            _clientGroup.GetNext().Execute(cycle.Connect);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _load.Stopping = true;
        if (_running > 0)
        {
            await _ended.Task.WaitAsync(TimeSpan.FromSeconds(20));
        }

        await Task.WhenAll(_listeners.Select(listener => listener.CloseAsync()));
        await _clientGroup.ShutdownGracefullyAsync(TimeSpan.Zero, TimeSpan.FromSeconds(2));
        await _serverGroup.ShutdownGracefullyAsync(TimeSpan.Zero, TimeSpan.FromSeconds(2));
        _load.Release();
    }

    /// <summary>One of the connections that exist at the same time. Everything is on the clients' loop.</summary>
    private sealed class Cycle
    {
        private readonly DotNettyConnectWorkload _workload;
        private readonly EndPoint _endpoint;
        private readonly Bootstrap _bootstrap;
        private long _started;

        public Cycle(DotNettyConnectWorkload workload, EndPoint endpoint, int readSize)
        {
            _workload = workload;
            _endpoint = endpoint;
            _bootstrap = DotNettyBootstraps.Client(
                workload._clientGroup, readSize, channel => channel.Pipeline.AddLast(new Client(this, workload._load)));
        }

        public void Connect()
        {
            _started = Stopwatch.GetTimestamp();
            _bootstrap.ConnectAsync(_endpoint).ContinueWith(
                static (connecting, cycle) => ((Cycle)cycle!).Fail(connecting.Exception!.GetBaseException()),
                this,
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default
            );
        }

        public void OnInactive(bool isBack)
        {
            if (!isBack)
            {
                Fail(new EndOfStreamException("The server closed the connection."));
                return;
            }

            _workload._load.Recorder.RoundTrip(_workload._load.Size, _started, Stopwatch.GetTimestamp());
            if (_workload._load.Stopping)
            {
                End();
            }
            else
            {
                Connect();
            }
        }

        private void Fail(Exception exception)
        {
            _workload._meter.Fail(exception);
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

    private sealed class Client(Cycle cycle, DotNettyLoad load) : ChannelHandlerAdapter
    {
        private int _received;

        public override void ChannelActive(IChannelHandlerContext context) => context.WriteAndFlushAsync(load.NextMessage());

        public override void ChannelRead(IChannelHandlerContext context, object message)
        {
            var buffer = (IByteBuffer)message;
            _received += buffer.ReadableBytes;
            buffer.Release();
            if (_received == load.Size)
            {
                context.CloseAsync();
            }
        }

        public override void ChannelInactive(IChannelHandlerContext context) => cycle.OnInactive(_received == load.Size);

        public override void ExceptionCaught(IChannelHandlerContext context, Exception exception) => load.Fail(context, exception);
    }
}

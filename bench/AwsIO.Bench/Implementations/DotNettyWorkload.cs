using System.Collections.Concurrent;
using System.Net;
using AwsIO.Bench.Measuring;
using AwsIO.Bench.Running;
using DotNetty.Transport.Bootstrapping;
using DotNetty.Transport.Channels;

namespace AwsIO.Bench.Implementations;

/// <summary>
/// DotNetty with its pooled allocator, one event loop for the server and one for the clients: pipelines of one handler
/// each, writes gathered and flushed when a read is complete.
/// </summary>
internal sealed class DotNettyWorkload : IWorkload
{
    private readonly MultithreadEventLoopGroup _serverGroup = new(1);
    private readonly MultithreadEventLoopGroup _clientGroup = new(1);
    private readonly DotNettyLoad _load = new();

    // Both ends of every connection, and the listener. Ending a group does not close its channels.
    private readonly ConcurrentBag<IChannel> _channels = [];

    private readonly TaskCompletionSource _allAccepted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _accepted;

    public async Task StartAsync(WorkloadOptions options, LoadMeter meter, CancellationToken cancellationToken)
    {
        _load.Prepare(options, meter);
        IChannel listener = await BindAsync(options);
        _channels.Add(listener);

        Bootstrap bootstrap = CreateClientBootstrap(options);
        var clients = new List<IChannel>(options.Connections);
        for (int i = 0; i < options.Connections; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            IChannel client = await bootstrap.ConnectAsync(listener.LocalAddress);
            _channels.Add(client);
            clients.Add(client);
        }

        // A connection stands for its client before the server has accepted it.
        await _allAccepted.Task.WaitAsync(TimeSpan.FromSeconds(10), cancellationToken);
        await listener.CloseAsync();

        foreach (IChannel client in clients)
        {
            client.Pipeline.FireUserEventTriggered(DotNettyLoad.Go);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _load.Stopping = true;
        await Task.WhenAll(_channels.Select(channel => channel.CloseAsync()));
        await _clientGroup.ShutdownGracefullyAsync(TimeSpan.Zero, TimeSpan.FromSeconds(2));
        await _serverGroup.ShutdownGracefullyAsync(TimeSpan.Zero, TimeSpan.FromSeconds(2));
        _load.Release();
    }

    private Task<IChannel> BindAsync(WorkloadOptions options)
    {
        bool echo = options.Kind != WorkloadKind.Bulk;

        DotNetty.Transport.Bootstrapping.ServerBootstrap bootstrap = DotNettyBootstraps.Server(
            _serverGroup,
            options.ReadSize,
            channel =>
            {
                channel.Pipeline.AddLast(echo ? new DotNettyEchoServer(_load) : new DotNettyBulkServer(_load));
                _channels.Add(channel);
                if (Interlocked.Increment(ref _accepted) == options.Connections)
                {
                    _allAccepted.SetResult();
                }
            });
        return bootstrap.BindAsync(IPAddress.Loopback, 0);
    }

    private Bootstrap CreateClientBootstrap(WorkloadOptions options)
    {
        bool echo = options.Kind != WorkloadKind.Bulk;
        return DotNettyBootstraps.Client(
            _clientGroup,
            options.ReadSize,
            channel => channel.Pipeline.AddLast(echo ? new DotNettyEchoClient(_load) : new DotNettyBulkClient(_load)));
    }
}

using AwsIO.Testing;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.EventLoops.Manual;

/// <summary>Connections on loops without threads, by a virtual clock.</summary>
[Collection(LoopTestCollection.Name)]
public sealed class ManualConnectionTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    [Fact]
    public void A_channel_echoes_whatever_the_order() => ManualLoopGroup.ForSeeds(
        30,
        static loops =>
        {
            byte[] data = new byte[300_000];
            new Random(7).NextBytes(data);
            Recorder echo = new() { Regrants = true };
            echo.OnMessage = bytes => echo.SendNow(bytes, isLast: false, null);
            using Connected connected = new(loops, echo);
            connected.OnClient(() => connected.Client.App.SendNow(data, isLast: false, null));

            Assert.True(loops.RunUntil(() => connected.Client.App.Count >= data.Length, s_limit));
            Assert.Equal(data, connected.Client.App.Bytes);

            connected.Client.Channel!.Shutdown(IoError.None);
            Assert.True(loops.RunUntil(() => connected.Client.Ended.Count + connected.Server.Ended.Count == 2, s_limit));
            Assert.Equal(IoError.None, connected.Client.Ended.Task.Result);
        },
        loopCount: 3);

    [Fact]
    public void A_connect_timeout_comes_at_its_virtual_moment()
    {
        using Backlogged silent = new("127.0.0.1");
        using ManualLoopGroup loops = new();
        Dialled client = new();
        Assert.True(new ClientBootstrap(loops.Group, new FixedResolver()).Connect(new ClientConnectOptions
        {
            Endpoint = SocketEndpoint.Tcp("127.0.0.1", silent.Port),
            SocketOptions = new SocketOptions { ConnectTimeout = TimeSpan.FromMinutes(5) },
            OnSetup = (channel, error, _) => client.OnSetup(channel, error),
        }).IsSuccess);
        long start = loops.CurrentTime;
        loops.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        Assert.Equal(0, client.Setup.Count);

        Assert.True(loops.RunUntil(() => client.Setup.Count == 1, s_limit));
        Assert.Equal(IoErrorCode.SocketTimeout, client.Setup.Task.Result.Code);
        Assert.Equal(start + IoClock.ToNanoseconds(TimeSpan.FromMinutes(5)), loops.CurrentTime);
    }

    [Fact]
    public void A_shutdown_whose_peer_takes_nothing_ends_at_its_virtual_limit()
    {
        using ManualLoopGroup loops = new(2, seed: 4);
        using Connected connected = new(loops, new Recorder { FirstWindow = 0 });
        TaskCompletionSource<IoError> written = new();
        IoChannel channel = connected.Client.Channel!;
        connected.OnClient(() =>
        {
            connected.Client.App.SendNow(new byte[8 * 1024 * 1024], isLast: false, written);
            channel.Shutdown(IoError.None);
        });
        loops.RunUntilIdle();
        long start = loops.CurrentTime;
        loops.Advance(channel.ShutdownTimeout - TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, connected.Client.Ended.Count);

        Assert.True(loops.RunUntil(() => connected.Client.Ended.Count == 1, s_limit));
        Assert.True(written.Task.Result.IsError);
        Assert.Equal(start + IoClock.ToNanoseconds(channel.ShutdownTimeout), loops.CurrentTime);
    }

    [Fact]
    public void A_group_that_ends_tells_its_connections()
    {
        HashSet<string> before = AwsIO.Tests.Infrastructure.Descriptors.Open();
        ManualLoopGroup loops = new(2, seed: 1);
        Connected connected = new(loops, new Recorder());
        loops.Dispose();
        Assert.True(connected.Client.Ended.Task.Result.IsError);
        Assert.True(connected.Server.Ended.Task.Result.IsError);
        connected.Dispose();
        Assert.Empty(AwsIO.Tests.Infrastructure.Descriptors.Open().Except(before));
    }

    /// <summary>Two channels over a Unix socket: what one end writes is there for the other at once.</summary>
    private sealed class Connected : IDisposable
    {
        private readonly string _path = Path.Combine(Path.GetTempPath(), $"awsio-{Guid.NewGuid():N}.sock");
        private readonly ServerListener _listener;

        internal Connected(ManualLoopGroup loops, Recorder server)
        {
            Server = new Dialled { App = server };
            _listener = new ServerBootstrap(loops.Group).Listen(new ServerListenOptions
            {
                Endpoint = SocketEndpoint.Unix(_path),
                OnIncomingChannel = (channel, error, _) => Server.OnSetup(channel, error),
                OnChannelShutdown = (_, error, _) => Server.Ended.Set(error),
            }).Value;
            Assert.True(new ClientBootstrap(loops.Group, new FixedResolver()).Connect(new ClientConnectOptions
            {
                Endpoint = SocketEndpoint.Unix(_path),
                OnSetup = (channel, error, _) => Client.OnSetup(channel, error),
                OnShutdown = (_, error, _) => Client.Ended.Set(error),
            }).IsSuccess);
            Assert.True(loops.RunUntil(() => Client.Setup.Count + Server.Setup.Count == 2, s_limit));
            Assert.Equal(IoError.None, Client.Setup.Task.Result);
        }

        internal Dialled Client { get; } = new();

        internal Dialled Server { get; }

        internal void OnClient(Action action) => ((ManualEventLoop)Client.Channel!.EventLoop).Invoke(action);

        public void Dispose()
        {
            _listener.Dispose();
            File.Delete(_path);
        }
    }
}

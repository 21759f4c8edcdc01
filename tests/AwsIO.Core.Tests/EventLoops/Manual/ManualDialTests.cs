using AwsIO.Testing;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.EventLoops.Manual;

/// <summary>
/// Connections whose loops a test drives. Over Unix sockets the kernel delivers within the call; TCP may leave a packet to a thread of
/// its own for a moment, so that a test of it waits for the kernel while its clock stands still.
/// </summary>
[Collection(LoopTestCollection.Name)]
public sealed class ManualDialTests : IClassFixture<NothingLeft>
{
    [Fact]
    public void A_seed_gives_a_connection_the_same_loops_and_the_same_messages_each_time()
    {
        static string Trace(int seed)
        {
            using ManualLoopGroup loops = new(3, seed);
            using Connection connection = Connection.Open(loops);
            for (int i = 1; i < 20; i++)
            {
                _ = connection.Client.App.Send(new byte[i * 500]);
                _ = connection.Server.App.Send(new byte[i * 700]);
                loops.Step();
            }

            loops.RunUntilIdle();
            return $"{connection.Client.SetupLoop.Task.Result!.Name} {string.Join(' ', connection.Client.App.Sizes)} / "
                + $"{connection.Server.SetupLoop.Task.Result!.Name} {string.Join(' ', connection.Server.App.Sizes)}";
        }

        string[] traces = [.. Enumerable.Range(0, 10).Select(Trace)];
        Assert.Equal(traces, Enumerable.Range(0, 10).Select(Trace));
        Assert.True(traces.Distinct().Count() > 2);
    }

    [Fact]
    public void A_tcp_connection_is_driven_too()
    {
        using ManualLoopGroup loops = new(2, seed: 1);
        using Connection connection = Connection.Open(loops, Dialling.AnyPort);
        connection.Server.App.OnMessage = bytes => connection.Server.App.SendNow(bytes, isLast: false, done: null);
        byte[] data = Payload.Of(200_000);
        _ = connection.Client.App.Send(data);
        connection.Settle(() => connection.Client.App.Count == data.Length);
        Assert.Equal(data, connection.Client.App.Bytes);
        connection.Client.Channel!.Shutdown(IoError.None);
        connection.Settle(() => connection.Client.Ended.Count + connection.Server.Ended.Count == 2);
    }

    [Fact]
    public void A_second_address_is_tried_a_quarter_of_a_second_after_the_first()
    {
        using ManualLoopGroup loops = new(1, seed: 4);
        using Backlogged silent = new("127.0.0.2");
        using Connection connection = Connection.Open(loops, SocketEndpoint.Tcp("127.0.0.3", silent.Port));
        long start = loops.CurrentTime;
        Dialled dialled = connection.Dial(new ClientConnectOptions
        {
            Host = "two.example",
            Port = silent.Port,
            OnSetup = static (_, _, _) => { },
        }, new FixedResolver("127.0.0.2", "127.0.0.3"));
        loops.Advance(TimeSpan.FromMilliseconds(250) - TimeSpan.FromTicks(1));
        Assert.Equal(0, dialled.Setup.Count);

        loops.Advance(TimeSpan.FromTicks(1));
        connection.Settle(() => dialled.Setup.Count == 1);
        Assert.Equal(IoError.None, dialled.Setup.Task.Result);
        Assert.Equal(start + 250_000_000, loops.CurrentTime);
    }

    [Fact]
    public void A_shutdown_ends_at_once_when_the_peer_takes_the_rest_in_time()
    {
        using ManualLoopGroup loops = new(2, seed: 3);
        using Connection connection = Connection.Open(loops, serverWindow: 0);
        byte[] data = Payload.Of(4 * 1024 * 1024);
        Task<IoError> sent = connection.Client.App.Send(data);
        loops.RunUntilIdle();
        connection.Client.Channel!.Shutdown(IoError.None);
        loops.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(0, connection.Client.Ended.Count);

        long before = loops.CurrentTime;
        ((ManualEventLoop)connection.Server.Channel!.EventLoop).Invoke(
            () => connection.Server.App.Slot!.IncrementReadWindow(data.Length));
        loops.RunUntilIdle();
        Assert.Equal(IoError.None, sent.Result);
        Assert.Equal(data, connection.Server.App.Bytes);
        Assert.True(connection.Client.Ended.Task.IsCompleted);
        Assert.Equal(IoError.None, connection.Client.Ended.Task.Result);
        Assert.Equal(before, loops.CurrentTime);
    }

    /// <summary>A listener and a connection to it, both on driven loops.</summary>
    private sealed class Connection : IDisposable
    {
        private readonly ManualLoopGroup _loops;
        private readonly string? _path;
        private ServerListener? _listener;
        private bool _destroyed;

        private Connection(ManualLoopGroup loops, string? path)
        {
            _loops = loops;
            _path = path;
        }

        internal Dialled Client { get; private set; } = null!;

        internal Dialled Server { get; private set; } = null!;

        internal static Connection Open(ManualLoopGroup loops, SocketEndpoint? at = null, long serverWindow = long.MaxValue)
        {
            string? path = at is null ? Path.Combine(Path.GetTempPath(), $"awsio-{Guid.NewGuid():N}") : null;
            Connection connection = new(loops, path);
            Recorder app = new() { FirstWindow = serverWindow, Regrants = serverWindow > 0 };
            IoResult<ServerListener> listener = new ServerBootstrap(loops.Group).Listen(new ServerListenOptions
            {
                Endpoint = at ?? SocketEndpoint.Unix(path!),
                OnIncomingChannel = (channel, error, _) =>
                {
                    connection.Server ??= new Dialled { App = app };
                    (connection.Server.Setup.Count == 0 ? connection.Server : new Dialled()).OnSetup(channel, error);
                },
                OnChannelShutdown = (channel, error, _) =>
                {
                    if (ReferenceEquals(channel, connection.Server.Channel))
                    {
                        connection.Server.Ended.Set(error);
                    }
                },
                OnDestroyed = _ => connection._destroyed = true,
            });
            Assert.True(listener.IsSuccess, listener.Error.ToString());
            connection._listener = listener.Value;
            connection.Client = connection.Dial(
                new ClientConnectOptions { Endpoint = listener.Value.LocalEndpoint, OnSetup = static (_, _, _) => { } },
                new FixedResolver());
            connection.Settle(() => connection.Client.Setup.Count == 1 && connection.Server?.Setup.Count == 1);
            Assert.Equal((IoError.None, IoError.None), (connection.Client.Setup.Task.Result, connection.Server.Setup.Task.Result));
            return connection;
        }

        internal Dialled Dial(ClientConnectOptions options, HostResolver resolver)
        {
            Dialled dialled = new();
            IoResult<ConnectOperation> dialling = new ClientBootstrap(_loops.Group, resolver).Connect(new ClientConnectOptions
            {
                Host = options.Host,
                Port = options.Port,
                Endpoint = options.Endpoint,
                OnSetup = (channel, error, _) => dialled.OnSetup(channel, error),
                OnShutdown = (_, error, _) => dialled.Ended.Set(error),
            });
            Assert.True(dialling.IsSuccess, dialling.Error.ToString());
            return dialled;
        }

        /// <summary>Lets the loops run at this moment of their clock, for as long as the kernel takes to deliver.</summary>
        internal void Settle(Func<bool> condition) => Infrastructure.Waiting.Until(() =>
        {
            _ = _loops.RunUntilIdle();
            return condition();
        });

        /// <summary>Whatever is left ends with its loops.</summary>
        public void Dispose()
        {
            _listener!.Dispose();
            _loops.Dispose();
            Assert.True(_destroyed);
            Assert.Equal((1, 1), (Client.Ended.Count, Server.Ended.Count));
            if (_path is not null)
            {
                File.Delete(_path);
            }
        }
    }
}

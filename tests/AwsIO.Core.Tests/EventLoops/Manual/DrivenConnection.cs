using System.Net.Sockets;
using AwsIO.Testing;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.EventLoops.Manual;

/// <summary>
/// A listener and a connection to it, both on loops that a test drives. Over Unix sockets the kernel delivers within the call; TCP may
/// leave a packet to a thread of its own for a moment, so that a test of it waits for the kernel while its clock stands still.
/// </summary>
internal sealed class DrivenConnection : IDisposable
{
    private readonly ManualLoopGroup _loops;
    private readonly string? _path;
    private readonly ServerListener _listener;
    private bool _destroyed;

    private DrivenConnection(ManualLoopGroup loops, SocketEndpoint? at, Recorder app, TlsConnectionOptions? tls)
    {
        _loops = loops;
        _path = at is null ? Path.Combine(Path.GetTempPath(), $"awsio-{Guid.NewGuid():N}.sock") : null;
        Server = new Dialled { App = app };
        IoResult<ServerListener> listener = new ServerBootstrap(loops.Group).Listen(new ServerListenOptions
        {
            Endpoint = at ?? SocketEndpoint.Unix(_path!),
            Tls = tls,
            OnIncomingChannel = (channel, error, _) => (Server.Setup.Count == 0 ? Server : new Dialled()).OnSetup(channel, error),
            OnChannelShutdown = (channel, error, _) =>
            {
                if (ReferenceEquals(channel, Server.Channel))
                {
                    Server.Ended.Set(error);
                }
            },
            OnDestroyed = _ => _destroyed = true,
        });
        Assert.True(listener.IsSuccess, listener.Error.ToString());
        _listener = listener.Value;
    }

    internal Dialled? Client { get; private set; }

    /// <summary>What the listener was told of the first connection.</summary>
    internal Dialled Server { get; }

    internal SocketEndpoint Endpoint => _listener.LocalEndpoint;

    /// <summary>A listener alone.</summary>
    internal static DrivenConnection Listen(
        ManualLoopGroup loops, SocketEndpoint? at = null, TlsConnectionOptions? tls = null, Recorder? app = null) =>
        new(loops, at, app ?? new Recorder { Regrants = true }, tls);

    /// <summary>A listener and a connection to it.</summary>
    internal static DrivenConnection Open(
        ManualLoopGroup loops,
        SocketEndpoint? at = null,
        long serverWindow = long.MaxValue,
        (TlsConnectionOptions Client, TlsConnectionOptions Server)? tls = null)
    {
        Recorder app = new() { FirstWindow = serverWindow, Regrants = serverWindow > 0 };
        DrivenConnection connection = new(loops, at, app, tls?.Server);
        connection.Client = connection.Dial(
            new ClientConnectOptions { Endpoint = connection.Endpoint, Tls = tls?.Client, OnSetup = static (_, _, _) => { } },
            new FixedResolver());
        connection.Settle(() => connection.Client.Setup.Count == 1 && connection.Server.Setup.Count == 1);
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
            Tls = options.Tls,
            SocketOptions = options.SocketOptions,
            AttemptDelay = options.AttemptDelay,
            OnSetup = (channel, error, _) => dialled.OnSetup(channel, error),
            OnShutdown = (_, error, _) => dialled.Ended.Set(error),
        });
        Assert.True(dialling.IsSuccess, dialling.Error.ToString());
        return dialled;
    }

    /// <summary>A peer that does what a test says and nothing else. The loops have accepted it when this returns.</summary>
    internal Socket Peer(Action<Socket>? prepare = null)
    {
        bool isUnix = _path is not null;
        Socket peer = new(
            isUnix ? AddressFamily.Unix : AddressFamily.InterNetwork,
            SocketType.Stream,
            isUnix ? ProtocolType.Unspecified : ProtocolType.Tcp)
        {
            ReceiveTimeout = 30_000,
        };
        prepare?.Invoke(peer);
        peer.Connect(isUnix
            ? new UnixDomainSocketEndPoint(_path!)
            : new System.Net.IPEndPoint(System.Net.IPAddress.Parse(Endpoint.Address), Endpoint.Port));
        _ = _loops.RunUntilIdle();
        return peer;
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
        _listener.Dispose();
        _loops.Dispose();
        Assert.True(_destroyed);
        Assert.Equal(Client?.Channel is null ? 0 : 1, Client?.Ended.Count ?? 0);
        Assert.Equal(Server.Channel is null ? 0 : 1, Server.Ended.Count);

        if (_path is not null)
        {
            File.Delete(_path);
        }
    }
}

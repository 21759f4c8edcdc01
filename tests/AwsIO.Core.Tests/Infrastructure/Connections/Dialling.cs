using System.Threading.Channels;

namespace AwsIO.Tests.Infrastructure.Connections;

/// <summary>Connections and listeners by the bootstraps, which the test ends by itself.</summary>
internal static class Dialling
{
    internal static SocketEndpoint AnyPort => SocketEndpoint.Tcp("127.0.0.1", 0);

    internal static Listening Listen(
        this ConnectionTest test,
        TlsConnectionOptions? tls = null,
        SocketEndpoint? at = null,
        Func<Recorder>? app = null,
        int backlog = 128)
    {
        Listening listening = new(app ?? (static () => new Recorder { Regrants = true }));
        IoResult<ServerListener> made = new ServerBootstrap(test.Group).Listen(new ServerListenOptions
        {
            Endpoint = at ?? AnyPort,
            Tls = tls,
            Backlog = backlog,
            OnIncomingChannel = listening.OnIncoming,
            OnChannelShutdown = listening.OnEnded,
            OnDestroyed = _ => listening.Destroyed.Set(true),
        });
        Assert.True(made.IsSuccess, made.Error.ToString());
        listening.Listener = made.Value;
        test.After(listening.Stop);
        return listening;
    }

    /// <summary>Connects; the callbacks' results stand in what is returned.</summary>
    internal static Dialled Dial(this ConnectionTest test, Func<ClientConnectOptions, ClientConnectOptions> change, Recorder? app = null)
    {
        Dialled dialled = new() { App = app ?? new() { Regrants = true } };
        ClientConnectOptions options = change(new ClientConnectOptions
        {
            OnSetup = (channel, error, _) => dialled.OnSetup(channel, error),
            OnShutdown = (_, error, _) => dialled.Ended.Set(error),
        });
        IoResult<ConnectOperation> result = new ClientBootstrap(test.Group, test.Resolver).Connect(options);
        Assert.True(result.IsSuccess, result.Error.ToString());
        dialled.Operation = result.Value;
        test.After(() => Stop(dialled));
        return dialled;
    }

    internal static Dialled Dial(this ConnectionTest test, int port, TlsConnectionOptions? tls = null, Recorder? app = null) =>
        test.Dial(host: "127.0.0.1", port, tls, app);

    internal static Dialled Dial(
        this ConnectionTest test,
        string host,
        int port,
        TlsConnectionOptions? tls = null,
        Recorder? app = null,
        HostResolver? resolver = null,
        EventLoop? loop = null,
        TimeSpan? attemptDelay = null,
        TimeSpan? connectTimeout = null,
        ClientBootstrap? bootstrap = null)
    {
        Dialled dialled = new() { App = app ?? new() { Regrants = true } };
        ClientConnectOptions options = new()
        {
            Host = host,
            Port = port,
            Tls = tls,
            EventLoop = loop,
            SocketOptions = new SocketOptions { ConnectTimeout = connectTimeout ?? TimeSpan.FromSeconds(20) },
            AttemptDelay = attemptDelay ?? TimeSpan.FromMilliseconds(250),
            OnSetup = (channel, error, _) => dialled.OnSetup(channel, error),
            OnShutdown = (_, error, _) => dialled.Ended.Set(error),
        };
        IoResult<ConnectOperation> result = (bootstrap ?? new ClientBootstrap(test.Group, resolver ?? test.Resolver)).Connect(options);
        Assert.True(result.IsSuccess, result.Error.ToString());
        dialled.Operation = result.Value;
        test.After(() => Stop(dialled));
        return dialled;
    }

    internal static Dialled DialEndpoint(
        this ConnectionTest test,
        SocketEndpoint endpoint,
        TlsConnectionOptions? tls = null,
        Recorder? app = null,
        ClientBootstrap? bootstrap = null)
    {
        Dialled dialled = new() { App = app ?? new() { Regrants = true } };
        IoResult<ConnectOperation> result = (bootstrap ?? new ClientBootstrap(test.Group, test.Resolver)).Connect(new ClientConnectOptions
        {
            Endpoint = endpoint,
            Tls = tls,
            OnSetup = (channel, error, _) => dialled.OnSetup(channel, error),
            OnShutdown = (_, error, _) => dialled.Ended.Set(error),
        });
        Assert.True(result.IsSuccess, result.Error.ToString());
        dialled.Operation = result.Value;
        test.After(() => Stop(dialled));
        return dialled;
    }

    private static async Task Stop(Dialled dialled)
    {
        IoError setup = await dialled.Setup.Task.Within();
        Assert.Equal(1, dialled.Setup.Count);
        if (setup.IsNone)
        {
            dialled.Channel!.Abort(IoErrorCode.OperationCancelled);
            await dialled.Ended.Task.Within();
            Assert.Equal(1, dialled.Ended.Count);
        }
        else
        {
            Assert.Equal(0, dialled.Ended.Count);
        }
    }
}

/// <summary>A listener of a test.</summary>
internal sealed class Listening(Func<Recorder> app)
{
    private readonly Channel<Dialled> _incoming = System.Threading.Channels.Channel.CreateUnbounded<Dialled>();
    private readonly List<Dialled> _all = [];

    internal ServerListener Listener { get; set; } = null!;

    internal Signal<bool> Destroyed { get; } = new();

    internal int Port => Listener.LocalEndpoint.Port;

    internal int Incoming
    {
        get
        {
            lock (_all)
            {
                return _all.Count;
            }
        }
    }

    /// <summary>The next connection, or the next failure to make one.</summary>
    internal Task<Dialled> Next() => _incoming.Reader.ReadAsync(TestContext.Current.CancellationToken).Within();

    internal async Task<Dialled> NextReady() => await (await Next()).Ready();

    internal void OnIncoming(IoChannel? channel, IoError error, object? state)
    {
        Dialled dialled = new() { App = app() };
        lock (_all)
        {
            _all.Add(dialled);
        }

        dialled.OnSetup(channel, error);
        _incoming.Writer.TryWrite(dialled);
    }

    internal void OnEnded(IoChannel channel, IoError error, object? state)
    {
        Dialled dialled;
        lock (_all)
        {
            dialled = _all.Single(candidate => ReferenceEquals(candidate.Channel, channel));
        }

        dialled.Ended.Set(error);
    }

    /// <summary>Ends the listener and its channels, and checks that each was told of its end once.</summary>
    internal async Task Stop()
    {
        Listener.Dispose();
        List<Dialled> all;
        lock (_all)
        {
            all = [.. _all];
        }

        foreach (Dialled dialled in all)
        {
            dialled.Channel?.Abort(IoErrorCode.OperationCancelled);
        }

        await Destroyed.Task.Within();
        Assert.Equal(1, Destroyed.Count);
        Assert.All(all, static dialled => Assert.Equal(dialled.Channel is null ? 0 : 1, dialled.Ended.Count));
    }
}

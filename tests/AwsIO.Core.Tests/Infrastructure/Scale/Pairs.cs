namespace AwsIO.Tests.Infrastructure.Scale;

/// <summary>Any number of connections in this process, both ends of each.</summary>
internal sealed class Pairs : IAsyncDisposable
{
    private const int AtOnce = 200;

    private readonly EventLoopGroup _clientGroup;
    private readonly DefaultHostResolver _resolver;
    private readonly ServerListener _listener;
    private readonly TaskCompletionSource _destroyed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Tally _accepted = new();
    private readonly SemaphoreSlim _room = new(AtOnce);

    internal Pairs(EventLoopGroup clientGroup, EventLoopGroup serverGroup, bool echoes = true)
    {
        _clientGroup = clientGroup;
        _resolver = new DefaultHostResolver(clientGroup);
        IoResult<ServerListener> made = new ServerBootstrap(serverGroup).Listen(new ServerListenOptions
        {
            Endpoint = SocketEndpoint.Tcp("127.0.0.1", 0),
            OnIncomingChannel = (channel, error, _) =>
            {
                Assert.Equal(IoError.None, error);
                channel!.AddLast(new TallyHandler(ServerReceived, echoes));
                _accepted.Add();
            },
            OnChannelShutdown = (_, error, _) => OnEnded(error),
            OnDestroyed = _ => _destroyed.SetResult(),
        });
        Assert.True(made.IsSuccess, made.Error.ToString());
        _listener = made.Value;
    }

    /// <summary>The clients' channels, in the order in which they were asked for.</summary>
    internal List<IoChannel> Clients { get; } = [];

    internal Tally ServerReceived { get; } = new();

    internal Tally ClientReceived { get; } = new();

    /// <summary>How many ends of connections were told of their shutdown.</summary>
    internal Tally Ended { get; } = new();

    /// <summary>Those that ended with an error other than the peer's orderly end.</summary>
    internal Tally EndedBadly { get; } = new();

    /// <summary>Connects so many more, some at once, and completes when both ends of each are set up.</summary>
    internal async Task Open(int count)
    {
        Task<IoChannel>[] opening = new Task<IoChannel>[count];
        long before = _accepted.Count;
        for (int i = 0; i < count; i++)
        {
            await _room.WaitAsync();
            opening[i] = Open();
        }

        foreach (Task<IoChannel> one in opening)
        {
            Clients.Add(await one.Within());
        }

        await _accepted.Reaches(before + count).Within();
    }

    /// <summary>Has every client send so many bytes at once, and completes when all have been given back.</summary>
    internal async Task Exchange(byte[] data)
    {
        long before = ClientReceived.Count;
        foreach (IoChannel client in Clients)
        {
            client.EventLoop.Schedule(IoTask.Create(static (work, _) => App(work.client).Write(work.data), (client, data)));
        }

        await ClientReceived.Reaches(before + ((long)data.Length * Clients.Count)).WaitAsync(TimeSpan.FromSeconds(60));
    }

    /// <summary>Ends all connections in order, and completes when both ends of each were told.</summary>
    internal async Task Close()
    {
        long expected = Ended.Count + (2L * Clients.Count);
        Clients.ForEach(static client => client.Shutdown(IoError.None));
        await Ended.Reaches(expected).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(expected, Ended.Count);
        Clients.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _destroyed.Task.Within();
        _resolver.Dispose();
        _room.Dispose();
    }

    internal static TallyHandler App(IoChannel channel) => (TallyHandler)channel.First!.Right!.Handler!;

    private Task<IoChannel> Open()
    {
        TaskCompletionSource<IoChannel> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        IoResult<ConnectOperation> result = new ClientBootstrap(_clientGroup, _resolver).Connect(new ClientConnectOptions
        {
            Endpoint = _listener.LocalEndpoint,
            SocketOptions = new SocketOptions { ConnectTimeout = TimeSpan.FromSeconds(30) },
            OnSetup = (channel, error, _) =>
            {
                channel?.AddLast(new TallyHandler(ClientReceived));
                _room.Release();
                if (error.IsError)
                {
                    done.SetException(new InvalidOperationException(error.ToString()));
                }
                else
                {
                    done.SetResult(channel!);
                }
            },
            OnShutdown = (_, error, _) => OnEnded(error),
        });
        Assert.True(result.IsSuccess, result.Error.ToString());
        return done.Task;
    }

    private void OnEnded(IoError error)
    {
        if (error.IsError && (error.Code != IoErrorCode.SocketClosed || error.NativeError != 0))
        {
            EndedBadly.Add();
        }

        Ended.Add();
    }
}

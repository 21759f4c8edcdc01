namespace AwsIO.Tasks.Tests.Infrastructure;

/// <summary>
/// A test with a runtime of its own. When it ends, no message is out of a pool, and no descriptor and no thread is left that was not there
/// before.
/// </summary>
[Collection(RuntimeTestCollection.Name)]
public abstract class RuntimeTest : IAsyncLifetime
{
    private readonly List<IoConnection> _connections = [];
    private readonly ErrorLog _log = new();
    private HashSet<string> _descriptorsBefore = [];
    private HashSet<string> _threadsBefore = [];
    private int _sharedBefore;

    public IoRuntime Io { get; private set; } = null!;

    /// <summary>What the loops have logged as errors; a test that provokes one takes it out.</summary>
    internal System.Collections.Concurrent.ConcurrentQueue<string> Errors => _log.Errors;

    public virtual async ValueTask InitializeAsync()
    {
        _descriptorsBefore = Descriptors.Open();
        _threadsBefore = Descriptors.Threads();
        _sharedBefore = SharedMessagePool.Instance.Outstanding;

        // Two loops where there are two processors: the ends of a pair may stand on different ones.
        Io = new IoRuntime(new()
        {
            LoopCount = Math.Min(2, Environment.ProcessorCount),
            LoggerFactory = _log,
            ConfigureLoops = ConfigureLoops,
        });
        for (int i = 0; i < Io.Group.Count; i++)
        {
            await Io.Group[i].Call(() => { });
        }
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (!Io.Group.Completion.IsCompleted)
        {
            await EndConnections();
            await MessagesReturned();
        }

        await Io.DisposeAsync().Within();
        Assert.Empty(Errors);
        Assert.Equal(_sharedBefore, SharedMessagePool.Instance.Outstanding);
        Assert.Empty(Descriptors.Open().Except(_descriptorsBefore));
        Waiting.Until(() => !Descriptors.Threads().Except(_threadsBefore).Any(), "The threads have left");
        GC.SuppressFinalize(this);
    }

    /// <summary>What else the loops of a class need.</summary>
    protected virtual void ConfigureLoops(EventLoopGroupOptions options)
    {
    }

    /// <summary>Has the connection ended with the test.</summary>
    internal IoConnection Own(IoConnection connection)
    {
        lock (_connections)
        {
            _connections.Add(connection);
        }

        return connection;
    }

    internal Task<IoListener> Listen(bool tls = false, Action<ListenOptions>? configure = null)
    {
        ListenOptions options = new() { Tls = tls ? Certificates.ServerOptions() : null };
        configure?.Invoke(options);
        return Io.ListenAsync(SocketEndpoint.Tcp("127.0.0.1", 0), options);
    }

    internal async Task<IoConnection> Connect(IoListener listener, bool tls = false, Action<ConnectOptions>? configure = null)
    {
        ConnectOptions options = new() { Tls = tls ? Certificates.ClientOptions() : null };
        configure?.Invoke(options);
        return Own(await Io.ConnectAsync(listener.LocalEndpoint, options).Within());
    }

    /// <summary>Both ends of a new connection.</summary>
    internal async Task<(IoConnection Client, IoConnection Server)> Pair(
        bool tls = false, ContinuationMode mode = ContinuationMode.ThreadPool, int window = IoConnection.DefaultReadWindow)
    {
        await using IoListener listener = await Listen(tls, options =>
        {
            options.ContinuationMode = mode;
            options.ReadWindow = window;
        });
        Task<IoConnection> connecting = Connect(listener, tls, options =>
        {
            options.ContinuationMode = mode;
            options.ReadWindow = window;
        });
        IoConnection server = Own(await listener.AcceptAsync().Within());
        return (await connecting.Within(), server);
    }

    /// <summary>
    /// Waits until every message is back in its pool. A connection that nobody was given, because its handshake failed, ends in its own time.
    /// </summary>
    private async Task MessagesReturned()
    {
        for (int i = 0; i < Io.Group.Count; i++)
        {
            EventLoop loop = Io.Group[i];
            long end = Environment.TickCount64 + (long)Waiting.Limit.TotalMilliseconds;
            int outstanding;
            do
            {
                outstanding = await loop.Call(() =>
                {
                    LoopMessagePool pool = LoopMessagePool.Of(loop);
                    pool.TakeBackReleased();
                    return pool.Outstanding;
                });
            }
            while (outstanding != 0 && Environment.TickCount64 < end);

            Assert.Equal(0, outstanding);
        }
    }

    private async Task EndConnections()
    {
        foreach (IoConnection connection in _connections)
        {
            connection.Abort();
            await connection.Completion.Within();
        }
    }
}

/// <summary>Tests that count descriptors, threads and messages: nothing else runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RuntimeTestCollection
{
    public const string Name = "Runtimes";
}

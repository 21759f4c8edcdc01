namespace AwsIO.Tests.Infrastructure.Connections;

/// <summary>Test classes that count descriptors run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ConnectionCollection
{
    public const string Name = "Connections";
}

/// <summary>
/// Loops for one test, and the check after it: every connection ended, no message is out, no descriptor and no loop thread is left.
/// </summary>
[Collection(ConnectionCollection.Name)]
public abstract class ConnectionTest : IAsyncLifetime
{
    private readonly Dictionary<string, string> _before = Descriptors.List();
    private readonly HashSet<string> _threadsBefore = Infrastructure.Descriptors.Threads();
    private readonly List<Func<Task>> _cleanups = [];
    private readonly List<LoopMessagePool> _pools = [];
    private EventLoopGroup? _group;
    private DefaultHostResolver? _resolver;

    /// <summary>How many loops the test's group has.</summary>
    protected virtual int LoopCount => 2;

    internal EventLoopGroup Group => _group!;

    internal HostResolver Resolver => _resolver!;

    internal EventLoop Loop => Group[0];

    public virtual async ValueTask InitializeAsync()
    {
        _group = LoopBackend.Platform.NewGroup(LoopCount);
        _resolver = new DefaultHostResolver(_group);
        for (int i = 0; i < _group.Count; i++)
        {
            EventLoop loop = _group[i];
            await loop.Do(() => _pools.Add(LoopMessagePool.Of(loop)));
        }
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        for (int i = _cleanups.Count - 1; i >= 0; i--)
        {
            await _cleanups[i]();
        }

        bool groupLives = !Group.Completion.IsCompleted;
        if (groupLives)
        {
            await Settle();
        }

        List<string> sockets = groupLives ? Descriptors.NewSocketsSince(_before) : [];
        int outstanding = groupLives ? _pools.Sum(static pool => pool.Outstanding) : 0;
        _resolver!.Dispose();
        await Group.DisposeAsync().Within();
        outstanding = Math.Max(outstanding, _pools.Sum(static pool => pool.Outstanding));
        Assert.True(outstanding == 0, $"{outstanding} messages were not released.");
        Assert.True(sockets.Count == 0, "Sockets were left: " + string.Join(", ", sockets));
        List<string> left = Descriptors.NewSince(_before);
        Assert.True(left.Count == 0, "Descriptors were left: " + string.Join(", ", left));
        await ThreadsHaveLeft();
    }

    /// <summary>Does something after the test, the last first, whether it passed or not.</summary>
    internal void After(Func<Task> cleanup) => _cleanups.Add(cleanup);

    internal void After(Action cleanup) => _cleanups.Add(() =>
    {
        cleanup();
        return Task.CompletedTask;
    });

    /// <summary>A resolver's threads leave in their own time, and a thread that has left is known to the kernel a moment longer.</summary>
    private async Task ThreadsHaveLeft()
    {
        long limit = Environment.TickCount64 + 30_000;
        List<string> threads;
        while ((threads = [.. Infrastructure.Descriptors.Threads().Except(_threadsBefore)]).Count > 0 && Environment.TickCount64 < limit)
        {
            await Task.Yield();
        }

        Assert.True(threads.Count == 0, "Threads were left: " + string.Join(", ", threads));
    }

    /// <summary>Lets what was shut down finish: tick after tick, until nothing is out, or for long enough.</summary>
    private async Task Settle()
    {
        long limit = Environment.TickCount64 + 15_000;
        while (Environment.TickCount64 < limit
            && (_pools.Any(static pool => pool.Outstanding > 0) || Descriptors.NewSocketsSince(_before).Count > 0))
        {
            for (int i = 0; i < Group.Count; i++)
            {
                await Group[i].Do(static () => { });
            }
        }
    }
}

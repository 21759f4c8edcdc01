using AwsIO.Tests.Infrastructure.Transports;

[assembly: AssemblyFixture(typeof(TemporaryPaths))]

namespace AwsIO.Tests.Infrastructure.Transports;

/// <summary>Classes that count descriptors and threads: one at a time, and nothing beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TransportCollection
{
    public const string Name = "Transports";
}

/// <summary>
/// Two loops for a class of tests. When the class is over nothing may be left of it: no message, no descriptor, no thread.
/// </summary>
public sealed class LoopFixture : IAsyncLifetime
{
    private readonly ProcessResources _before = ProcessResources.Now();

    public LoopFixture() =>
        Group = LoopBackend.Platform.NewGroup(2, Logs);

    public EventLoopGroup Group { get; }

    /// <summary>The loop of tests that need only one.</summary>
    public EventLoop Loop => Group[0];

    public EventLoop OtherLoop => Group[1];

    /// <summary>What the group logs.</summary>
    internal RecordedLogs Logs { get; } = new();

    /// <summary>Messages that a test leaves in the pool knowingly; each is to be explained where it is added.</summary>
    internal int ExpectedLeftMessages { get; set; }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        int left = 0;
        for (int i = 0; i < Group.Count; i++)
        {
            EventLoop loop = Group[i];
            await loop.Ticks(3);
            left += await loop.On(() => LoopMessagePool.Of(loop).Outstanding);
        }

        await Group.DisposeAsync().AsTask().Within();
        Assert.Equal(ExpectedLeftMessages, left);
        _before.AssertNothingIsLeft();
    }
}

/// <summary>A class of tests over loops.</summary>
[Collection(TransportCollection.Name)]
public abstract class TransportTest(LoopFixture fixture) : IClassFixture<LoopFixture>
{
    protected LoopFixture Fixture { get; } = fixture;

    protected EventLoop Loop => Fixture.Loop;
}

/// <summary>Deletes what Unix domain listeners leave behind, which by contract is the path.</summary>
public sealed class TemporaryPaths : IDisposable
{
    private static readonly List<string> s_paths = [];

    public void Dispose() => s_paths.ForEach(File.Delete);

    internal static void Add(SocketEndpoint endpoint)
    {
        if (endpoint.Domain == SocketDomain.Local && !endpoint.IsAbstract)
        {
            lock (s_paths)
            {
                s_paths.Add(endpoint.Address);
            }
        }
    }
}

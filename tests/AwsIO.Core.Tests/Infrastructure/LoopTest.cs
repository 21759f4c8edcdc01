using Microsoft.Extensions.Logging;

namespace AwsIO.Tests.Infrastructure;

/// <summary>
/// A test with a group of its own. When it ends, no message is out of the loops' pools, and no descriptor and no thread is left
/// that was not there before.
/// </summary>
[Collection(LoopTestCollection.Name)]
public abstract class LoopTest : IAsyncLifetime
{
    private HashSet<string> _descriptorsBefore = [];
    private HashSet<string> _threadsBefore = [];

    public EventLoopGroup Group { get; private set; } = null!;

    public EventLoop Loop => Group[0];

    protected virtual int LoopCount => 1;

    protected virtual ILoggerFactory? LoggerFactory => null;

    /// <summary>What kind of loops the test runs on: a class for each other kind derives from the test's.</summary>
    internal virtual LoopBackend Backend => LoopBackend.Platform;

    /// <summary>What else the loops of a class need.</summary>
    protected virtual void ConfigureLoops(EventLoopGroupOptions options)
    {
    }

    public virtual ValueTask InitializeAsync()
    {
        _descriptorsBefore = Descriptors.Open();
        _threadsBefore = Descriptors.Threads();
        Group = Backend.NewGroup(LoopCount, LoggerFactory, ConfigureLoops);
        return default;
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (!Group.Completion.IsCompleted)
        {
            for (int i = 0; i < Group.Count; i++)
            {
                EventLoop loop = Group[i];
                Assert.Equal(0, await loop.Call(() => LoopMessagePool.Of(loop).Outstanding));
            }
        }

        await Group.DisposeAsync().Within();
        Assert.Empty(Descriptors.Left(_descriptorsBefore));
        Waiting.Until(() => !Descriptors.Threads().Except(_threadsBefore).Any(), "The threads have left");
        GC.SuppressFinalize(this);
    }
}

/// <summary>Tests that count descriptors and threads: nothing else runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LoopTestCollection
{
    public const string Name = "Loops";
}

namespace AwsIO.Tests.Infrastructure;

/// <summary>A task that notes how, where and how often it was called.</summary>
internal sealed class RecordingTask : IoTask
{
    private readonly Action<RecordingTask, IoTaskStatus>? _then;
    private readonly TaskCompletionSource<IoTaskStatus> _called = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _calls;

    internal RecordingTask(Action<RecordingTask, IoTaskStatus>? then = null) => _then = then;

    /// <summary>One of a loop's own thread.</summary>
    internal RecordingTask(EventLoop loop, Action<RecordingTask, IoTaskStatus>? then = null)
        : base(loop) => _then = then;

    internal int Calls => Volatile.Read(ref _calls);

    /// <summary>The status of the first call.</summary>
    internal Task<IoTaskStatus> Called => _called.Task;

    /// <summary>The loop on whose thread the last call was.</summary>
    internal EventLoop? CalledOn { get; private set; }

    internal Thread? Thread { get; private set; }

    internal long Time { get; private set; }

    /// <summary>Asserts that the last call was on the loop, and on a thread of the loop's own where it has one.</summary>
    internal void AssertCalledOn(EventLoop loop)
    {
        Assert.Same(loop, CalledOn);
        if (LoopBackend.Driver is null)
        {
            Assert.Equal(loop.Name, Thread!.Name);
        }
    }

    protected override void Run(IoTaskStatus status)
    {
        CalledOn = EventLoop.Current;
        Thread = System.Threading.Thread.CurrentThread;
        Time = CalledOn?.CurrentTime ?? 0;
        Interlocked.Increment(ref _calls);
        _then?.Invoke(this, status);
        _called.TrySetResult(status);
    }
}

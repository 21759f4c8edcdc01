using System.Threading.Channels;
using DotNetty.Common.Concurrency;
using DotNetty.Transport.Channels;

namespace AwsIO.Bench.Scheduling;

/// <summary>A way to have work done on another thread: what is compared.</summary>
internal interface ILane : IDisposable
{
    /// <summary>Has an item run on the lane's thread; any thread.</summary>
    void Send(WorkItem item);
}

/// <summary>A piece of work as every lane takes it, made once and sent again and again.</summary>
internal class WorkItem(Counter counter) : IoTask, IThreadPoolWorkItem, IRunnable
{
    private int _isUnderWay;

    public bool IsUnderWay => Volatile.Read(ref _isUnderWay) != 0;

    public void MarkSent() => Volatile.Write(ref _isUnderWay, 1);

    public void Execute() => Run();

    /// <summary>Has it count as not sent, so that it is passed over.</summary>
    public void Withdraw() => Volatile.Write(ref _isUnderWay, 0);

    public virtual void Run()
    {
        Volatile.Write(ref _isUnderWay, 0);
        counter.Count();
    }

    protected override void Run(IoTaskStatus status) => Run();
}

/// <summary>Counts what has run. A lane of one thread needs no lock prefix; the pool does.</summary>
internal sealed class Counter(bool isShared)
{
    private long _value;

    public long Value => Volatile.Read(ref _value);

    public void Count()
    {
        if (isShared)
        {
            Interlocked.Increment(ref _value);
        }
        else
        {
            Volatile.Write(ref _value, _value + 1);
        }
    }
}

internal sealed class AwsIoLane(SpinMode spin = SpinMode.Adaptive) : ILane
{
    private readonly EventLoopGroup _group = new(new EventLoopGroupOptions { LoopCount = 1, Spin = spin });

    public EventLoop Loop => _group[0];

    public void Send(WorkItem item) => Loop.Schedule(item);

    public void Dispose() => _group.Dispose();
}

/// <summary>A thread that reads a <see cref="Channel{T}"/>.</summary>
internal sealed class ChannelLane : ILane
{
    private readonly Channel<WorkItem> _channel = Channel.CreateUnbounded<WorkItem>(
        new UnboundedChannelOptions { SingleReader = true }
    );
    private readonly Task _reader;

    public ChannelLane() => _reader = Task.Run(ReadAsync);

    public void Send(WorkItem item) => _channel.Writer.TryWrite(item);

    public void Dispose()
    {
        _channel.Writer.Complete();
        _reader.GetAwaiter().GetResult();
    }

    private async Task ReadAsync()
    {
        while (await _channel.Reader.WaitToReadAsync())
        {
            while (_channel.Reader.TryRead(out WorkItem? item))
            {
                item.Run();
            }
        }
    }
}

internal sealed class PoolLane : ILane
{
    public void Send(WorkItem item) => ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false);

    public void Dispose() { }
}

internal sealed class DotNettyLane : ILane
{
    private readonly MultithreadEventLoopGroup _group = new(1);

    public DotNettyLane() => Loop = _group.GetNext();

    public IEventExecutor Loop { get; }

    public void Send(WorkItem item) => Loop.Execute(item);

    public void Dispose() => _group.ShutdownGracefullyAsync(TimeSpan.Zero, TimeSpan.FromSeconds(1)).GetAwaiter().GetResult();
}

using System.Threading.Channels;

namespace AwsIO.Tests.Infrastructure;

/// <summary>Notes the events that it is told of.</summary>
internal sealed class RecordingHandler(Action<EventLoop, IoHandle, IoEvents>? then = null) : IIoEventHandler
{
    private readonly Channel<IoEvents> _events = Channel.CreateUnbounded<IoEvents>();
    private readonly TaskCompletionSource<bool> _ending = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;

    internal int Count => Volatile.Read(ref _count);

    /// <summary>Completes when the handler is told that its loop ends; true when that was on the loop's thread.</summary>
    internal Task<bool> Ending => _ending.Task;

    internal Task<IoEvents> Next() => _events.Reader.Next("the next event");

    public void OnEvents(EventLoop loop, IoHandle handle, IoEvents events)
    {
        Assert.True(loop.IsOnLoop);
        Interlocked.Increment(ref _count);
        then?.Invoke(loop, handle, events);
        _events.Writer.TryWrite(events);
    }

    public void OnLoopEnding(EventLoop loop, IoHandle handle) =>
        _ending.SetResult(loop.IsOnLoop && handle.SubscriptionSlot == -1);
}

using System.Runtime.CompilerServices;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Channels;

public class ChannelFutureTests : LoopTest
{
    [Fact]
    [Trait("Upstream", "future_register_channel_callback")]
    public async Task The_callback_comes_on_the_channels_thread_and_the_channels_loop_lives_until_then()
    {
        using Future<int> future = new();
        (IoChannel channel, Task down) = await NewChannel();
        Task<EventLoop?> called = Register(future, channel);

        // Nobody else needs the channel or its group by now.
        channel.Shutdown(IoError.None);
        await down.Within();
        Group.Release();
        await Loop.Turn();
        Assert.False(Group.Completion.IsCompleted);
        Assert.False(called.IsCompleted);

        future.TrySetResult(7);
        Assert.Same(Loop, await called.Within());
        await Group.Completion.Within();
    }

    [Fact]
    [Trait("Upstream", "future_register_channel_callback")]
    public async Task The_channels_handlers_are_destroyed_after_the_callback_and_not_before_it()
    {
        using Future<int> future = new();
        (IoChannel channel, Task down) = await NewChannel();
        List<string> events = [];
        TaskCompletionSource destroyed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await Loop.Call(() => channel.AddLast(new Witness(() =>
        {
            events.Add("destroyed");
            destroyed.SetResult();
        })));
        future.OnComplete(channel, _ => events.Add("called"));
        channel.Shutdown(IoError.None);
        await down.Within();
        await Loop.Turn();
        Assert.Empty(events);

        future.TrySetResult(7);
        await destroyed.Task.Within();
        Assert.Equal(["called", "destroyed"], events);
    }

    [Fact]
    public async Task On_the_channels_thread_the_callback_of_a_done_future_is_a_task_all_the_same()
    {
        using Future<int> future = Future<int>.FromResult(7);
        (IoChannel channel, _) = await NewChannel();
        Task<EventLoop?> called = await Loop.Call(() =>
        {
            Task<EventLoop?> registered = Register(future, channel);
            Assert.False(registered.IsCompleted);
            return registered;
        });
        Assert.Same(Loop, await called.Within());
        await ReleaseAndEnd(channel);
    }

    [Fact]
    public async Task A_future_without_a_result_calls_back_on_a_channel_too()
    {
        using Future future = new();
        (IoChannel channel, _) = await NewChannel();
        TaskCompletionSource<(Future, EventLoop?)> called = new(TaskCreationOptions.RunContinuationsAsynchronously);
        future.OnComplete(channel, done => called.SetResult((done, EventLoop.Current)));
        future.TrySetResult();
        Assert.Equal((future, Loop), await called.Task.Within());
        await ReleaseAndEnd(channel);
    }

    [Fact]
    public async Task The_callback_comes_when_the_group_is_disposed_first()
    {
        using Future<int> atTheEnd = new();
        using Future<int> afterwards = new();
        (IoChannel channel, _) = await NewChannel();
        Task<EventLoop?> first;
        using (await Loop.Hold())
        {
            first = Register(atTheEnd, channel);
            atTheEnd.TrySetResult(7);
            Loop.BeginEnd();
        }

        Task<EventLoop?> second = Register(afterwards, channel);
        await Group.DisposeAsync().Within();
        Assert.Same(Loop, await first.Within());
        afterwards.TrySetResult(7);
        Assert.Null(await second.Within());
    }

    [Fact]
    public async Task A_callback_that_throws_holds_the_group_no_longer()
    {
        using Future<int> future = Future<int>.FromResult(7);
        (IoChannel channel, _) = await NewChannel();
        future.OnComplete(channel, static _ => throw new FormatException("on purpose"));
        await ReleaseAndEnd(channel);
    }

    [Fact]
    public async Task A_future_disposed_before_it_is_done_holds_the_group_no_longer()
    {
        Future<int> future = new();
        (IoChannel channel, _) = await NewChannel();
        Task<EventLoop?> called = Register(future, channel);
        future.Dispose();
        await ReleaseAndEnd(channel);
        Assert.False(called.IsCompleted);
    }

    [Fact]
    public async Task A_future_that_nobody_has_any_more_holds_the_group_no_longer()
    {
        (IoChannel channel, _) = await NewChannel();
        RegisterAndForget(channel);
        channel.Shutdown(IoError.None);
        Group.Release();
        Waiting.Until(() =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return Group.Completion.IsCompleted;
        });

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void RegisterAndForget(IoChannel channel) =>
            new Future<int>().OnComplete(channel, static _ => Assert.Fail("Nobody could complete it."));
    }

    [Fact]
    public async Task A_refused_registration_holds_nothing()
    {
        using Future<int> future = new();
        (IoChannel channel, _) = await NewChannel();
        future.OnComplete(static _ => { });
        Assert.Throws<InvalidOperationException>(() => future.OnComplete(channel, static _ => { }));
        Assert.Throws<ArgumentNullException>(() => future.OnComplete((IoChannel)null!, static _ => { }));
        Assert.Throws<ArgumentNullException>(() => future.OnComplete(channel, null!));
        await ReleaseAndEnd(channel);
    }

    private static Task<EventLoop?> Register(Future<int> future, IoChannel channel)
    {
        TaskCompletionSource<EventLoop?> called = new(TaskCreationOptions.RunContinuationsAsynchronously);
        future.OnComplete(channel, done =>
        {
            Assert.Equal(7, done.Result);
            called.SetResult(EventLoop.Current);
        });
        return called.Task;
    }

    private async Task<(IoChannel Channel, Task Down)> NewChannel()
    {
        TaskCompletionSource setUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource down = new(TaskCreationOptions.RunContinuationsAsynchronously);
        IoChannel channel = IoChannel.Create(new IoChannelOptions
        {
            EventLoop = Loop,
            OnSetup = (_, _, _) => setUp.SetResult(),
            OnShutdown = (_, _, _) => down.SetResult(),
        });
        await setUp.Task.Within();
        return (channel, down.Task);
    }

    /// <summary>Ends the group as soon as nobody holds it: if somebody does for good, this does not come back.</summary>
    private async Task ReleaseAndEnd(IoChannel channel)
    {
        channel.Shutdown(IoError.None);
        Group.Release();
        await Group.Completion.Within();
    }

    private sealed class Witness(Action whenDestroyed) : ChannelHandler
    {
        protected internal override void OnDestroyed() => whenDestroyed();
    }
}

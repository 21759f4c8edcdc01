using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Streams;

public class FutureLoopTests : LoopTest
{
    [Fact]
    [Trait("Upstream", "future_register_event_loop_callback_after_done")]
    public async Task A_done_future_calls_back_on_the_loop()
    {
        using Future<int> future = Future<int>.FromResult(7);
        Assert.Same(Loop, await CalledOn(future).Within());
    }

    [Fact]
    [Trait("Upstream", "future_register_event_loop_callback_before_done")]
    public async Task A_pending_future_calls_back_on_the_loop_whoever_completes_it()
    {
        using Future<int> future = new();
        Task<EventLoop?> called = CalledOn(future);
        Assert.False(called.IsCompleted);
        future.TrySetResult(7);
        Assert.Same(Loop, await called.Within());
    }

    [Fact]
    [Trait("Upstream", "future_register_event_loop_callback_always_scheduled")]
    public async Task On_the_loop_itself_the_callback_of_a_done_future_is_a_task_all_the_same()
    {
        using Future<int> future = Future<int>.FromResult(7);
        Task<EventLoop?> called = await Loop.Call(() =>
        {
            bool inside = true;
            TaskCompletionSource<EventLoop?> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
            future.OnComplete(Loop, _ =>
            {
                Assert.False(inside);
                done.SetResult(EventLoop.Current);
            });
            inside = false;
            return done.Task;
        });
        Assert.Same(Loop, await called.Within());
    }

    [Fact]
    public async Task The_callback_comes_when_the_loop_ends_first()
    {
        using Future<int> future = Future<int>.FromResult(7);
        Task<EventLoop?> onLoop;
        using (await Loop.Hold())
        {
            onLoop = CalledOn(future);
            Loop.BeginEnd();
        }

        await Group.DisposeAsync().Within();
        Assert.Same(Loop, await onLoop.Within());

        // After the end it comes on a thread of the pool.
        Assert.Null(await CalledOn(future).Within());
    }

    private Task<EventLoop?> CalledOn(Future<int> future)
    {
        TaskCompletionSource<EventLoop?> called = new(TaskCreationOptions.RunContinuationsAsynchronously);
        future.OnComplete(Loop, done =>
        {
            Assert.Equal(7, done.Result);
            called.SetResult(EventLoop.Current);
        });
        return called.Task;
    }
}

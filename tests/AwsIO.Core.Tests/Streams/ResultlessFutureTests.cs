using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Streams;

public class ResultlessFutureTests : LoopTest
{
    [Fact]
    [Trait("Upstream", "future_void")]
    public void A_future_without_a_result_completes_without_error()
    {
        using Future future = new();
        Assert.False(future.IsDone);
        Assert.True(future.TrySetResult());
        Assert.True(future.IsDone);
        Assert.Equal(IoError.None, future.Error);
        Assert.False(future.TrySetResult());
        Assert.False(future.TrySetError(IoErrorCode.Unknown));
        Assert.Equal(IoError.None, future.Error);
    }

    [Fact]
    public void It_may_fail_or_be_done_from_the_start()
    {
        using Future future = new();
        Assert.Throws<InvalidOperationException>(() => future.Error);
        Assert.True(future.TrySetError(IoErrorCode.SocketTimeout));
        Assert.False(future.TrySetResult());
        Assert.Equal(IoErrorCode.SocketTimeout, future.Error.Code);

        using Future failed = Future.FromError(IoError.None);
        Assert.Equal(IoErrorCode.Unknown, failed.Error.Code);
        using Future completed = Future.Completed();
        Assert.Equal(IoError.None, completed.Error);
    }

    [Fact]
    public void Its_callbacks_are_given_the_future_itself()
    {
        using Future future = new();
        List<Future> told = [];
        future.OnComplete(told.Add);
        Assert.Throws<InvalidOperationException>(() => future.OnComplete(told.Add));
        Assert.Throws<InvalidOperationException>(() => future.OnCompleteIfPending(told.Add));
        Assert.Throws<ArgumentNullException>(() => future.OnComplete(null!));
        Assert.Empty(told);
        future.TrySetResult();
        future.OnComplete(told.Add);
        Assert.False(future.OnCompleteIfPending(told.Add));
        Assert.Equal([future, future], told);
    }

    [Fact]
    public async Task It_calls_back_on_a_loop_and_can_be_waited_for()
    {
        using Future future = new();
        TaskCompletionSource<EventLoop?> called = new(TaskCreationOptions.RunContinuationsAsynchronously);
        future.OnComplete(Loop, _ => called.SetResult(EventLoop.Current));
        Assert.False(future.Wait(TimeSpan.Zero));
        Task<bool> waits = Task.Run(() => future.Wait(Timeout.InfiniteTimeSpan));
        future.TrySetResult();
        Assert.True(await waits.Within());
        Assert.Same(Loop, await called.Task.Within());
    }

    [Fact]
    public void Disposed_before_it_is_done_it_never_calls_back()
    {
        Future future = new();
        future.OnComplete(static _ => Assert.Fail("The future was disposed."));
        future.Dispose();
        future.Dispose();
        Assert.True(future.IsDone);
        Assert.Equal(IoErrorCode.OperationCancelled, future.Error.Code);
        Assert.False(future.TrySetResult());
    }
}

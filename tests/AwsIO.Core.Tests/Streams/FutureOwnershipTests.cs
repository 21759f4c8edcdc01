namespace AwsIO.Tests.Streams;

public sealed class FutureOwnershipTests
{
    [Fact]
    [Trait("Upstream", "future_pointer_with_destroy")]
    public void A_result_that_nobody_took_is_discarded_with_the_future()
    {
        List<string> discarded = [];
        Future<string> future = new(discarded.Add);
        future.TrySetResult("result");
        Assert.Equal("result", future.Result);
        Assert.Empty(discarded);
        future.Dispose();
        Assert.Equal(["result"], discarded);
    }

    [Fact]
    [Trait("Upstream", "future_pointer_with_release")]
    public void A_disposable_result_that_nobody_took_is_disposed_with_the_future()
    {
        MemoryStream result = new();
        Future<MemoryStream> future = new(static stream => stream.Dispose());
        future.TrySetResult(result);
        Assert.True(result.CanRead);
        future.Dispose();
        Assert.False(result.CanRead);
    }

    [Fact]
    [Trait("Upstream", "future_get_result_by_move")]
    public void A_result_that_was_taken_is_the_takers()
    {
        Future<string> future = new(static _ => Assert.Fail("The result was taken."));
        future.TrySetResult("result");
        Assert.Equal("result", future.TakeResult());
        Assert.True(future.IsDone);
        Assert.Throws<InvalidOperationException>(() => future.Result);
        Assert.Throws<InvalidOperationException>(future.TakeResult);
        future.Dispose();
    }

    [Fact]
    [Trait("Upstream", "future_can_die_incomplete")]
    public void A_future_disposed_before_its_completion_never_calls_back_and_discards_what_comes()
    {
        List<string> discarded = [];
        Future<string> future = new(discarded.Add);
        future.OnComplete(static _ => Assert.Fail("The future was disposed."));
        future.Dispose();
        Assert.Empty(discarded);

        Assert.False(future.TrySetResult("late"));
        Assert.False(future.TrySetError(IoErrorCode.Unknown));
        Assert.Equal(["late"], discarded);
    }

    [Fact]
    public void A_future_disposed_before_its_completion_is_a_failed_one()
    {
        Future<string> future = new();
        future.Dispose();
        Assert.True(future.IsDone);
        Assert.Equal(IoErrorCode.OperationCancelled, future.Error.Code);
        Assert.Contains("disposed", Assert.Throws<InvalidOperationException>(() => future.Result).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(future.TakeResult);
        IoError told = default;
        future.OnComplete(done => told = done.Error);
        Assert.Equal(IoErrorCode.OperationCancelled, told.Code);
        Assert.True(future.Wait(TimeSpan.Zero));
    }

    [Fact]
    public void A_done_future_keeps_its_error_and_loses_its_result_when_it_is_disposed()
    {
        Future<string> failed = Future<string>.FromError(IoErrorCode.SocketTimeout);
        failed.Dispose();
        Assert.Equal(IoErrorCode.SocketTimeout, failed.Error.Code);

        Future<string> done = Future<string>.FromResult("result");
        done.Dispose();
        Assert.Equal(IoError.None, done.Error);
        Assert.Throws<InvalidOperationException>(() => done.Result);
    }

    [Fact]
    public void A_pending_future_that_is_let_go_keeps_its_callbacks_state_alive_no_longer()
    {
        WeakReference state = LetGo();
        for (int i = 0; i < 5 && state.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(state.IsAlive);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static WeakReference LetGo()
        {
            object target = new();
            Future<int> future = new();
            future.OnComplete(_ => GC.KeepAlive(target));
            return new WeakReference(target);
        }
    }

    [Fact]
    public void A_result_that_is_a_value_is_discarded_only_where_there_is_one()
    {
        List<int> discarded = [];
        new Future<int>(discarded.Add).Dispose();
        Future<int> failed = new(discarded.Add);
        failed.TrySetError(IoErrorCode.SocketClosed);
        failed.Dispose();
        Future<int> taken = new(discarded.Add);
        taken.TrySetResult(7);
        Assert.Equal(7, taken.TakeResult());
        taken.Dispose();
        Assert.Empty(discarded);

        Future<int> left = new(discarded.Add);
        left.TrySetResult(0);
        left.Dispose();
        left.Dispose();
        Assert.Equal([0], discarded);
    }
}

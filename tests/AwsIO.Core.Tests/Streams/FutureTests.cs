using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Streams;

public sealed class FutureTests
{
    [Fact]
    [Trait("Upstream", "future_by_value")]
    public void A_value_completes_the_future_and_stays_in_it()
    {
        using Future<int> future = new();
        Assert.False(future.IsDone);
        Assert.True(future.TrySetResult(999));
        Assert.True(future.IsDone);
        Assert.Equal(IoError.None, future.Error);
        Assert.Equal(999, future.Result);
        Assert.Equal(999, future.Result);
    }

    [Fact]
    [Trait("Upstream", "future_set_error")]
    public void An_error_completes_the_future_and_leaves_no_result()
    {
        using Future<string> future = new(static _ => Assert.Fail("There was no result to discard."));
        Assert.True(future.TrySetError(IoErrorCode.DnsQueryFailed));
        Assert.True(future.IsDone);
        Assert.Equal(IoErrorCode.DnsQueryFailed, future.Error.Code);
        Assert.Throws<InvalidOperationException>(() => future.Result);
        Assert.Throws<InvalidOperationException>(future.TakeResult);
    }

    [Fact]
    public void No_error_as_an_error_counts_as_unknown()
    {
        using Future<int> future = Future<int>.FromError(IoError.None);
        Assert.Equal(IoErrorCode.Unknown, future.Error.Code);
    }

    [Fact]
    public void Asking_too_early_is_a_mistake()
    {
        using Future<int> future = new();
        Assert.Throws<InvalidOperationException>(() => future.Error);
        Assert.Throws<InvalidOperationException>(() => future.Result);
        Assert.Throws<InvalidOperationException>(() => future.TakeResult());
    }

    [Fact]
    [Trait("Upstream", "future_set_multiple_times")]
    public void The_first_result_wins_and_later_ones_are_discarded()
    {
        List<string> discarded = [];
        Future<string> future = new(discarded.Add);
        Assert.True(future.TrySetResult("first"));
        Assert.False(future.TrySetResult("second"));
        Assert.False(future.TrySetError(IoErrorCode.Unknown));
        Assert.False(future.TrySetResult("third"));
        Assert.Equal("first", future.Result);
        Assert.Equal(["second", "third"], discarded);

        future.Dispose();
        future.Dispose();
        Assert.Equal(["second", "third", "first"], discarded);
    }

    [Fact]
    public void A_result_after_an_error_is_discarded_and_the_error_stays()
    {
        List<string> discarded = [];
        using Future<string> future = new(discarded.Add);
        Assert.True(future.TrySetError(IoErrorCode.SocketTimeout));
        Assert.False(future.TrySetResult("late"));
        Assert.Equal(IoErrorCode.SocketTimeout, future.Error.Code);
        Assert.Equal(["late"], discarded);
    }

    [Fact]
    [Trait("Upstream", "future_callback_fires_immediately")]
    public void A_callback_on_a_done_future_comes_at_once_on_this_thread()
    {
        using Future<int> future = Future<int>.FromResult(5);
        for (int i = 0; i < 2; i++)
        {
            Thread? calledOn = null;
            future.OnComplete(done =>
            {
                Assert.Same(future, done);
                Assert.Equal(5, done.Result);
                calledOn = Thread.CurrentThread;
            });
            Assert.Same(Thread.CurrentThread, calledOn);
        }
    }

    [Fact]
    [Trait("Upstream", "future_callback_fires_on_another_thread")]
    public async Task A_callback_on_a_pending_future_comes_on_the_thread_that_completes_it()
    {
        using Future<int> future = new();
        TaskCompletionSource<Thread> called = new(TaskCreationOptions.RunContinuationsAsynchronously);
        future.OnComplete(done =>
        {
            // The future's lock is free meanwhile: its members work.
            Assert.True(Task.Run(() => done.IsDone).Within().GetAwaiter().GetResult());
            called.SetResult(Thread.CurrentThread);
        });
        Thread thread = new(() => future.TrySetResult(1));
        thread.Start();
        Assert.Same(thread, await called.Task.Within());
        thread.Join();
    }

    [Fact]
    [Trait("Upstream", "future_register_callback_if_not_done")]
    public void A_callback_for_pending_futures_only_is_refused_by_a_done_one()
    {
        using Future<int> pending = new();
        int calls = 0;
        Assert.True(pending.OnCompleteIfPending(_ => calls++));
        Assert.Equal(0, calls);
        pending.TrySetResult(1);
        Assert.Equal(1, calls);

        Assert.False(pending.OnCompleteIfPending(_ => calls++));
        Assert.Equal(1, calls);
    }

    [Fact]
    public void A_second_callback_is_refused_while_one_is_pending()
    {
        using Future<int> future = new();
        int calls = 0;
        future.OnComplete(_ => calls++);
        Assert.Throws<InvalidOperationException>(() => future.OnComplete(_ => calls += 10));
        Assert.Throws<InvalidOperationException>(() => future.OnCompleteIfPending(_ => calls += 10));
        future.TrySetResult(1);
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task Of_eight_threads_one_completes_the_future_and_the_callback_comes_once()
    {
        for (int round = 0; round < 500; round++)
        {
            int discarded = 0;
            int calls = 0;
            int won = 0;
            using Future<object> future = new(_ => Interlocked.Increment(ref discarded));
            using Barrier barrier = new(2);
            Task registers = Task.Run(() =>
            {
                barrier.SignalAndWait(Waiting.Limit);
                future.OnComplete(_ => Interlocked.Increment(ref calls));
            });
            Task completes = Task.Run(() =>
            {
                barrier.SignalAndWait(Waiting.Limit);
                Parallel.For(0, 8, _ =>
                {
                    if (future.TrySetResult(new object()))
                    {
                        Interlocked.Increment(ref won);
                    }
                });
            });
            await Task.WhenAll(registers, completes).Within();
            Assert.Equal(1, calls);
            Assert.Equal(1, won);
            Assert.Equal(7, discarded);
        }
    }
}

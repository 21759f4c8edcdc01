using AwsIO.Tasks.Tests.Infrastructure;

namespace AwsIO.Tasks.Tests.Streams;

public sealed class FutureTests
{
    [Fact]
    public async Task A_task_gives_the_futures_result_and_the_future_keeps_it()
    {
        using Future<string> future = new();
        Task<string> task = future.AsTask();
        Assert.False(task.IsCompleted);
        future.TrySetResult("result");
        Assert.Equal("result", await task.Within());
        Assert.Equal("result", future.Result);
        Assert.Equal("result", await future.AsTask().Within());
    }

    [Fact]
    public async Task An_error_is_an_exception_that_keeps_it()
    {
        using Future<string> future = new();
        Task<string> task = future.AsTask();
        IoError error = new(IoErrorCode.SocketTimeout, 110, "on purpose");
        future.TrySetError(error);
        IoException thrown = await Assert.ThrowsAsync<IoException>(() => task.Within());
        Assert.Equal(error, thrown.Error);
        Assert.Equal(error, (await Assert.ThrowsAsync<IoException>(() => future.AsTask().Within())).Error);
    }

    [Fact]
    public async Task A_future_without_a_result_is_a_task_without_one()
    {
        using Future future = new();
        Task task = future.AsTask();
        Assert.False(task.IsCompleted);
        future.TrySetResult();
        await task.Within();

        using Future failed = Future.FromError(IoErrorCode.DnsQueryFailed);
        Assert.Equal(IoErrorCode.DnsQueryFailed, (await Assert.ThrowsAsync<IoException>(() => failed.AsTask().Within())).ErrorCode);
    }

    [Fact]
    public async Task What_awaits_never_runs_on_the_thread_that_completes_the_future()
    {
        using Future<int> future = new();
        Thread? ranOn = null;
        Task awaits = Await();
        TaskCompletionSource<Thread> completer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using ManualResetEventSlim checkedIt = new();
        Thread thread = new(() =>
        {
            future.TrySetResult(1);
            completer.SetResult(Thread.CurrentThread);
            checkedIt.Wait();
        });
        thread.Start();
        await awaits.Within();
        Assert.NotSame(await completer.Task.Within(), ranOn);
        checkedIt.Set();
        thread.Join();

        async Task Await()
        {
            await future.AsTask().ConfigureAwait(false);
            ranOn = Thread.CurrentThread;
        }
    }

    [Fact]
    public async Task Cancelling_gives_the_wait_up_and_leaves_the_future_alone()
    {
        using Future<int> future = new();
        using CancellationTokenSource source = new();
        Task<int> task = future.AsTask(source.Token);
        await source.CancelAsync();
        OperationCanceledException canceled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task.Within());
        Assert.Equal(source.Token, canceled.CancellationToken);
        Assert.True(task.IsCanceled);
        Assert.False(future.IsDone);

        Task<int> again = future.AsTask();
        Assert.True(future.TrySetResult(5));
        Assert.Equal(5, await again.Within());
    }

    [Fact]
    public async Task A_token_that_is_cancelled_already_leaves_the_future_alone_too()
    {
        using Future<int> future = Future<int>.FromResult(5);
        CancellationToken token = new(canceled: true);
        Task<int> task = future.AsTask(token);
        Assert.True(task.IsCanceled);
        Assert.Equal(5, await future.AsTask().Within());
    }

    [Fact]
    public async Task Cancelling_after_the_result_changes_nothing()
    {
        using Future<int> future = new();
        using CancellationTokenSource source = new();
        Task<int> task = future.AsTask(source.Token);
        future.TrySetResult(5);
        await source.CancelAsync();
        Assert.Equal(5, await task.Within());
    }

    [Fact]
    public async Task When_cancelling_races_with_the_result_one_of_them_ends_the_task_and_the_result_stays()
    {
        for (int round = 0; round < 2000; round++)
        {
            using Future<int> future = new();
            using CancellationTokenSource source = new();
            using Barrier barrier = new(3);
            Task<int>? task = null;
            await Task.WhenAll(
                Task.Run(() =>
                {
                    barrier.SignalAndWait(Waiting.Limit);
                    task = future.AsTask(source.Token);
                }),
                Task.Run(() =>
                {
                    barrier.SignalAndWait(Waiting.Limit);
                    source.Cancel();
                }),
                Task.Run(() =>
                {
                    barrier.SignalAndWait(Waiting.Limit);
                    future.TrySetResult(5);
                })).Within();
            try
            {
                Assert.Equal(5, await task!.Within());
            }
            catch (OperationCanceledException)
            {
                Assert.True(source.IsCancellationRequested);
            }

            Assert.Equal(5, await future.AsTask().Within());
        }
    }

    [Fact]
    public async Task A_future_that_is_disposed_first_fails_the_task()
    {
        Future<int> future = new();
        Task<int> task = future.AsTask();
        future.Dispose();
        Assert.Equal(IoErrorCode.OperationCancelled, (await Assert.ThrowsAsync<IoException>(() => task.Within())).ErrorCode);
        Assert.Equal(IoErrorCode.OperationCancelled, (await Assert.ThrowsAsync<IoException>(() => future.AsTask().Within())).ErrorCode);
    }

    [Fact]
    public async Task A_result_that_somebody_has_taken_fails_the_task()
    {
        using Future<int> future = Future<int>.FromResult(5);
        Assert.Equal(5, future.TakeResult());
        await Assert.ThrowsAsync<InvalidOperationException>(() => future.AsTask().Within());
    }

    [Fact]
    public async Task A_second_wait_is_refused_while_one_is_pending()
    {
        using Future<int> future = new();
        using CancellationTokenSource source = new();
        Task<int> first = future.AsTask();
        Assert.Throws<InvalidOperationException>(() => { _ = future.AsTask(source.Token); });
        await source.CancelAsync();
        future.TrySetResult(5);
        Assert.Equal(5, await first.Within());
    }
}

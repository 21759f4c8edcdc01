using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Streams;

public sealed class FutureWaitTests : LoopTest
{
    [Fact]
    [Trait("Upstream", "future_wait_timeout")]
    public void A_wait_ends_without_a_result_when_its_time_is_over()
    {
        using Future<int> future = new();
        Assert.False(future.Wait(TimeSpan.Zero));
        Assert.False(future.Wait(TimeSpan.FromTicks(1)));
        long start = IoClock.Now;
        Assert.False(future.Wait(TimeSpan.FromMilliseconds(20)));
        Assert.True(IoClock.Now - start >= 20_000_000);

        future.TrySetResult(1);
        Assert.True(future.Wait(TimeSpan.Zero));
        Assert.True(future.Wait(TimeSpan.FromMilliseconds(20)));
    }

    [Fact]
    [Trait("Upstream", "future_wait_timeout_max")]
    public async Task The_longest_wait_does_not_overflow()
    {
        using Future<int> future = new();
        Task<bool> waits = Task.Run(() => future.Wait(TimeSpan.MaxValue));
        RecordingTask completes = new((_, _) => future.TrySetResult(1));
        Loop.ScheduleAfter(completes, TimeSpan.FromMilliseconds(10));
        Assert.True(await waits.Within());
        Assert.True(future.Wait(TimeSpan.MaxValue));
    }

    [Fact]
    public async Task An_infinite_wait_ends_with_the_future()
    {
        using Future<int> future = new();
        Thread? waiter = null;
        Task<bool> waits = Task.Factory.StartNew(
            () =>
            {
                Volatile.Write(ref waiter, Thread.CurrentThread);
                return future.Wait(Timeout.InfiniteTimeSpan);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        Waiting.Until(() => Volatile.Read(ref waiter)?.ThreadState.HasFlag(ThreadState.WaitSleepJoin) == true);
        Assert.False(waits.IsCompleted);
        future.TrySetResult(1);
        Assert.True(await waits.Within());
        Assert.True(future.Wait(Timeout.InfiniteTimeSpan));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(-9_999)]
    [InlineData(-10_001)]
    [InlineData(long.MinValue)]
    public void Any_other_negative_timeout_is_refused(long ticks)
    {
        using Future<int> done = Future<int>.FromResult(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => done.Wait(TimeSpan.FromTicks(ticks)));
    }

    [Fact]
    public async Task A_wait_on_any_loops_thread_is_refused()
    {
        using Future<int> future = Future<int>.FromResult(1);
        await using EventLoopGroup stranger = Backend.NewGroup();
        foreach (EventLoop loop in new[] { Loop, stranger[0] })
        {
            foreach (TimeSpan timeout in new[] { TimeSpan.Zero, Timeout.InfiniteTimeSpan })
            {
                InvalidOperationException refused = await loop.Call(
                    () => Assert.Throws<InvalidOperationException>(() => future.Wait(timeout)));
                Assert.Contains(loop.Name, refused.Message, StringComparison.Ordinal);
                Assert.Contains("Use the asynchronous form, or another thread.", refused.Message, StringComparison.Ordinal);
            }
        }
    }
}

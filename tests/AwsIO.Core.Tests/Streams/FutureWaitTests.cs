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
    public async Task A_wait_on_any_loops_thread_is_refused()
    {
        using Future<int> future = Future<int>.FromResult(1);
        InvalidOperationException refused = await Loop.Call(
            () => Assert.Throws<InvalidOperationException>(() => future.Wait(TimeSpan.Zero)));
        Assert.Contains(Loop.Name, refused.Message, StringComparison.Ordinal);
    }
}

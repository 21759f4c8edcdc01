using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Streams;

public sealed class FutureDisposedWaitTests
{
    [Fact]
    public async Task A_wait_ends_when_the_future_is_disposed()
    {
        Future<int> future = new();
        Thread? waiter = null;
        Task<bool> waits = Task.Factory.StartNew(
            () =>
            {
                Volatile.Write(ref waiter, Thread.CurrentThread);
                return future.Wait(TimeSpan.MaxValue);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        Waiting.Until(() => Volatile.Read(ref waiter)?.ThreadState.HasFlag(ThreadState.WaitSleepJoin) == true);

        future.Dispose();

        await waits.Within();
        Assert.True(future.IsDone);
    }
}

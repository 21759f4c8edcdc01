namespace AwsIO.Tests.Infrastructure;

/// <summary>The thread pool's threads, for tests that leave their process without descriptors for a while.</summary>
internal static class PoolThreads
{
    /// <summary>Has the pool start more threads than such a test needs, and the one that keeps the timers.</summary>
    /// <remarks>
    /// The runtime cannot start a thread without a descriptor, and where the pool wants one the process ends. Threads that have nothing
    /// to do stay for 20 seconds.
    /// </remarks>
    internal static async Task StartAhead()
    {
        const int count = 8;
        ThreadPool.GetMinThreads(out int workers, out int ports);
        ThreadPool.SetMinThreads(Math.Max(workers, count), ports);
        using Barrier all = new(count);
        await Task.WhenAll(Enumerable.Range(0, count).Select(_ => Task.Run(() => Assert.True(all.SignalAndWait(Waiting.Limit)))));
        await Task.Delay(1);
    }
}

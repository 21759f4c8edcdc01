using AwsIO.Tasks.Tests.Infrastructure;

namespace AwsIO.Tasks.Tests.Stress;

/// <summary>At steady state a round trip allocates nothing, on any thread.</summary>
public sealed class AllocationTests : RuntimeTest
{
    private const int Rounds = 20_000;

    // What the runtime itself allocates meanwhile: tiering, timers, the thread pool.
    private const long Tolerance = 100_000;

    // The detector of blocking calls looks at the stack whenever a loop waits for a lock, and that allocates.
    protected override void ConfigureLoops(EventLoopGroupOptions options) => options.DetectBlockingCalls = false;

    [Theory]
    [InlineData(ContinuationMode.ThreadPool, false), InlineData(ContinuationMode.ThreadPool, true)]
    [InlineData(ContinuationMode.Inline, false), InlineData(ContinuationMode.Inline, true)]
    public async Task A_round_trip_allocates_nothing(ContinuationMode mode, bool tls)
    {
        (IoConnection client, IoConnection server) = await Pair(tls, mode);
        long allocated = await Task.Run(async () =>
        {
            Task echoing = Echo(server);
            await Ask(client, Rounds).ConfigureAwait(false);
            long before = GC.GetTotalAllocatedBytes(precise: true);
            await Ask(client, Rounds).ConfigureAwait(false);
            long bytes = GC.GetTotalAllocatedBytes(precise: true) - before;
            await client.ShutdownWriteAsync().ConfigureAwait(false);
            await echoing.ConfigureAwait(false);
            return bytes;
        }).Within();
        Assert.InRange(allocated, 0, Tolerance);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Timeouts_allocate_nothing(bool tls)
    {
        (IoConnection client, IoConnection server) = await Pair(tls);
        client.WriteTimeout = TimeSpan.FromMinutes(1);
        client.ReadTimeout = TimeSpan.FromMinutes(1);
        long allocated = await Task.Run(async () =>
        {
            Task echoing = Echo(server);
            await Ask(client, Rounds, flush: true).ConfigureAwait(false);
            long before = GC.GetTotalAllocatedBytes(precise: true);
            await Ask(client, Rounds, flush: true).ConfigureAwait(false);
            long bytes = GC.GetTotalAllocatedBytes(precise: true) - before;
            await client.ShutdownWriteAsync().ConfigureAwait(false);
            await echoing.ConfigureAwait(false);
            return bytes;
        }).Within();
        Assert.InRange(allocated, 0, Tolerance);
    }

    private static async Task Ask(IoConnection connection, int rounds, bool flush = false)
    {
        byte[] buffer = new byte[64];
        for (int i = 0; i < rounds; i++)
        {
            await connection.WriteAsync(buffer).ConfigureAwait(false);
            if (flush)
            {
                await connection.FlushAsync().ConfigureAwait(false);
            }

            for (int got = 0; got < buffer.Length;)
            {
                got += await connection.ReadAsync(buffer.AsMemory(got)).ConfigureAwait(false);
            }
        }
    }

    private static async Task Echo(IoConnection connection)
    {
        byte[] buffer = new byte[64];
        for (int count; (count = await connection.ReadAsync(buffer).ConfigureAwait(false)) > 0;)
        {
            await connection.WriteAsync(buffer.AsMemory(0, count)).ConfigureAwait(false);
        }
    }
}

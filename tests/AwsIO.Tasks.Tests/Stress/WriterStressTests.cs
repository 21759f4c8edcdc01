using System.Buffers.Binary;
using AwsIO.Tasks.Tests.Infrastructure;

namespace AwsIO.Tasks.Tests.Stress;

public sealed class WriterStressTests : RuntimeTest
{
    private const int Rounds = 100_000;

    [Theory]
    [InlineData(ContinuationMode.ThreadPool, false), InlineData(ContinuationMode.Inline, false)]
    [InlineData(ContinuationMode.ThreadPool, true), InlineData(ContinuationMode.Inline, true)]
    public async Task Writes_and_cancelled_flushes_on_and_off_the_loop_are_answered_once_and_keep_order(ContinuationMode mode, bool tls)
    {
        (IoConnection client, IoConnection server) = await Pair(tls, mode);
        Task<long> reading = Task.Run(() => Check(server));
        long sent = await Task.Run(() => Write(client)).WaitAsync(TimeSpan.FromMinutes(3));
        Assert.Equal(sent, await reading.Within());
    }

    private static async Task<long> Write(IoConnection client)
    {
        Random random = new(5);
        byte[] buffer = new byte[8 * 12_000];
        long next = 0;
        Pace pace = new(Rounds);
        int round = 0;
        for (; pace.GoesOn(); round++)
        {
            int kind = random.Next(20);
            if (kind == 0)
            {
                using CancellationTokenSource cancel = new();
                Task cancelling = Task.Run(cancel.Cancel);
                try
                {
                    await client.FlushAsync(cancel.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    // What was written goes out all the same.
                }

                await cancelling.ConfigureAwait(false);
                continue;
            }

            // Mostly small ones; now and then one that has to wait.
            int count = kind == 1 && round % 16 == 0 ? buffer.Length / 8 : random.Next(0, 20);
            for (int i = 0; i < count; i++)
            {
                BinaryPrimitives.WriteInt64LittleEndian(buffer.AsSpan(i * 8), next++);
            }

            Memory<byte> data = buffer.AsMemory(0, count * 8);
            if (kind == 2)
            {
                // On the loop, right behind what was staged elsewhere.
                await client.EventLoop.Start(() => client.WriteAsync(data).AsTask()).ConfigureAwait(false);
            }
            else
            {
                await client.WriteAsync(data).ConfigureAwait(false);
            }
        }

        pace.AssertEnough(round);
        await client.ShutdownWriteAsync().ConfigureAwait(false);
        return next;
    }

    private static async Task<long> Check(IoConnection server)
    {
        byte[] buffer = new byte[100_000];
        int kept = 0;
        long next = 0;
        for (int count; (count = await server.ReadAsync(buffer.AsMemory(kept)).ConfigureAwait(false)) > 0;)
        {
            kept += count;
            int at = 0;
            for (; kept - at >= 8; at += 8)
            {
                Assert.Equal(next++, BinaryPrimitives.ReadInt64LittleEndian(buffer.AsSpan(at)));
            }

            buffer.AsSpan(at, kept - at).CopyTo(buffer);
            kept -= at;
        }

        Assert.Equal(0, kept);
        return next;
    }
}

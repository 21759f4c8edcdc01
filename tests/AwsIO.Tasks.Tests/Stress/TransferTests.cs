using System.Security.Cryptography;
using AwsIO.Tasks.Tests.Infrastructure;

namespace AwsIO.Tasks.Tests.Stress;

public sealed class TransferTests : RuntimeTest
{
    private const long Total = 48 * 1024 * 1024;

    [Theory]
    [InlineData(false, ContinuationMode.ThreadPool), InlineData(true, ContinuationMode.ThreadPool)]
    [InlineData(false, ContinuationMode.Inline), InlineData(true, ContinuationMode.Inline)]
    public async Task Large_transfers_both_ways_at_once_arrive_whole(bool tls, ContinuationMode mode)
    {
        (IoConnection client, IoConnection server) = await Pair(tls, mode, window: 100_000);
        Task<byte[]> there = Task.Run(() => Send(client, 1));
        Task<byte[]> back = Task.Run(() => Send(server, 2));
        Task<byte[]> gotThere = Task.Run(() => Receive(server));
        Task<byte[]> gotBack = Task.Run(() => Receive(client));
        Assert.Equal(await there.Within(), await gotThere.Within());
        Assert.Equal(await back.Within(), await gotBack.Within());
    }

    private static async Task<byte[]> Send(IoConnection connection, int seed)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Random random = new(seed);
        byte[] buffer = new byte[200_000];
        for (long left = Total; left > 0;)
        {
            int count = (int)Math.Min(left, random.Next(1, random.Next(3) == 0 ? 100 : buffer.Length));
            buffer[random.Next(count)]++;
            hash.AppendData(buffer, 0, count);
            await connection.WriteAsync(buffer.AsMemory(0, count)).ConfigureAwait(false);
            left -= count;
        }

        await connection.ShutdownWriteAsync().ConfigureAwait(false);
        return hash.GetHashAndReset();
    }

    private static async Task<byte[]> Receive(IoConnection connection)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[50_000];
        for (int count; (count = await connection.ReadAsync(buffer).ConfigureAwait(false)) > 0;)
        {
            hash.AppendData(buffer, 0, count);
        }

        return hash.GetHashAndReset();
    }
}

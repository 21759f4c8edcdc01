using AwsIO.Tasks.Tests.Infrastructure;

namespace AwsIO.Tasks.Tests.Connections;

public sealed class ReadCancelTests : RuntimeTest
{
    [Theory, InlineData(false), InlineData(true)]
    public async Task A_cancelled_read_loses_nothing_and_the_connection_can_be_used_on(bool tls)
    {
        (IoConnection client, IoConnection server) = await Pair(tls);
        for (int round = 0; round < 20; round++)
        {
            using CancellationTokenSource cancel = new();
            ValueTask<int> read = server.ReadAsync(new byte[8], cancel.Token);
            await cancel.CancelAsync();
            OperationCanceledException exception = await read.Fails<OperationCanceledException>();
            Assert.Equal(cancel.Token, exception.CancellationToken);

            await client.WriteAsync(new byte[] { (byte)round }).Within();
            Assert.Equal([(byte)round], await server.Read(1));
        }
    }

    [Fact]
    public async Task A_token_that_was_cancelled_before_ends_the_read_at_once()
    {
        (IoConnection client, IoConnection server) = await Pair();
        await client.WriteAsync(new byte[] { 3 }).Within();
        ValueTask<int> read = server.ReadAsync(new byte[8], new CancellationToken(canceled: true));
        Assert.True(read.IsCanceled);
        Assert.Equal([3], await server.Read(1));
    }

    [Fact]
    public async Task A_token_that_is_cancelled_after_its_read_touches_no_later_read()
    {
        (IoConnection client, IoConnection server) = await Pair();
        using CancellationTokenSource cancel = new();
        Task<int> first = server.ReadAsync(new byte[8], cancel.Token).AsTask();
        await client.WriteAsync(new byte[] { 1 }).Within();
        Assert.Equal(1, await first.Within());

        Task<int> second = server.ReadAsync(new byte[8]).AsTask();
        await cancel.CancelAsync();
        await client.WriteAsync(new byte[] { 1, 2 }).Within();
        Assert.Equal(2, await second.Within());
    }

    [Fact]
    public async Task Cancels_against_data_lose_and_double_nothing()
    {
        (IoConnection client, IoConnection server) = await Pair();
        const int count = 3000;
        Task writing = Task.Run(async () =>
        {
            for (int i = 0; i < count; i++)
            {
                await client.WriteAsync(BitConverter.GetBytes(i)).ConfigureAwait(false);
            }
        });
        byte[] got = new byte[count * 4];
        byte[] buffer = new byte[7];
        int done = 0;
        while (done < got.Length)
        {
            using CancellationTokenSource cancel = new();
            Task cancelling = Task.Run(cancel.Cancel);
            try
            {
                int read = await server.ReadAsync(buffer, cancel.Token).Within();
                buffer.AsSpan(0, read).CopyTo(got.AsSpan(done));
                done += read;
            }
            catch (OperationCanceledException)
            {
                // The next read finds what comes.
            }

            await cancelling.Within();
        }

        await writing.Within();
        Assert.Equal(Enumerable.Range(0, count).SelectMany(BitConverter.GetBytes), got);
    }
}

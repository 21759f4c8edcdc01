using AwsIO.Tasks.Tests.Infrastructure;

namespace AwsIO.Tasks.Tests.Connections;

public sealed class HalfCloseTests : RuntimeTest
{
    [Theory, InlineData(false), InlineData(true)]
    public async Task Each_end_finishes_on_its_own_and_the_other_direction_goes_on(bool tls)
    {
        (IoConnection client, IoConnection server) = await Pair(tls);
        byte[] question = Bytes.Random(70_000);
        byte[] answer = Bytes.Random(400_000, 2);
        await client.WriteAsync(question).Within();
        await client.ShutdownWriteAsync().Within();
        Assert.Equal(question, await server.ReadToEnd());

        Task<byte[]> reading = client.ReadToEnd();
        await server.WriteAsync(answer).Within();
        await server.ShutdownWriteAsync().Within();
        Assert.Equal(answer, await reading);
    }

    [Fact]
    public async Task When_ending_completes_the_end_has_gone_out()
    {
        for (int round = 0; round < 20; round++)
        {
            (IoConnection client, IoConnection server) = await Pair(mode: ContinuationMode.Inline);
            IoErrorCode code = await client.EventLoop.Call(async () =>
            {
                await client.WriteAsync(new byte[] { 5 }).ConfigureAwait(false);
                await client.ShutdownWriteAsync().ConfigureAwait(false);

                // Still in the same turn: the socket has no writing direction any more.
                return ((SocketChannelHandler)client.Channel.First!.Handler!).Socket.ShutdownWrite().Code;
            }).Unwrap().Within();
            Assert.Equal(IoErrorCode.SocketNotConnected, code);
            Assert.Equal([5], await server.ReadToEnd());
        }
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Nothing_can_be_written_behind_the_end_and_reading_goes_on(bool tls)
    {
        (IoConnection client, IoConnection server) = await Pair(tls);
        await client.ShutdownWriteAsync().Within();
        Assert.Throws<InvalidOperationException>(() => { _ = client.WriteAsync(new byte[1]).AsTask(); });
        await client.EventLoop.Call(() => Assert.Throws<InvalidOperationException>(() => { _ = client.WriteAsync(new byte[1]).AsTask(); }));
        await client.FlushAsync().Within();

        await server.WriteAsync(new byte[] { 6 }).Within();
        Assert.Equal([6], await client.Read(1));
    }

    [Fact]
    public async Task Ending_twice_is_ending_once()
    {
        (IoConnection client, IoConnection server) = await Pair();
        await client.ShutdownWriteAsync().Within();
        await client.ShutdownWriteAsync().Within();
        Assert.Empty(await server.ReadToEnd());
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Who_gives_up_waiting_for_the_end_has_asked_for_it_all_the_same(bool tls)
    {
        (IoConnection client, IoConnection server) = await Pair(tls);
        await client.WriteAsync(new byte[] { 1, 2 }).Within();
        try
        {
            await client.ShutdownWriteAsync(new CancellationToken(canceled: true)).Within();
        }
        catch (OperationCanceledException)
        {
            // It may have been too late for that.
        }

        Assert.Equal([1, 2], await server.ReadToEnd());
    }
}

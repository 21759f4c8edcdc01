using AwsIO.Tasks.Tests.Infrastructure;

namespace AwsIO.Tasks.Tests.Connections;

public sealed class ReadTests : RuntimeTest
{
    [Theory, InlineData(false), InlineData(true)]
    public async Task What_is_written_is_read_in_order_in_pieces_of_any_size(bool tls)
    {
        (IoConnection client, IoConnection server) = await Pair(tls);
        byte[] sent = Bytes.Random(50_000);
        await client.WriteAsync(sent).Within();
        using MemoryStream got = new();
        for (int size = 1; got.Length < sent.Length; size = (size * 2) % 4099)
        {
            byte[] piece = new byte[Math.Min(size, sent.Length - got.Length)];
            int count = await server.ReadAsync(piece).Within();
            Assert.InRange(count, 1, piece.Length);
            got.Write(piece, 0, count);
        }

        Assert.Equal(sent, got.ToArray());
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_zero_byte_read_waits_for_data_and_takes_none(bool tls)
    {
        (IoConnection client, IoConnection server) = await Pair(tls);
        Task<int> waiting = server.ReadAsync(Memory<byte>.Empty).AsTask();
        await server.EventLoop.Call(() => { });
        Assert.False(waiting.IsCompleted);

        await client.WriteAsync(new byte[] { 1, 2, 3 }).Within();
        Assert.Equal(0, await waiting.Within());
        Assert.Equal(0, await server.ReadAsync(Memory<byte>.Empty).Within());
        Assert.Equal([1, 2, 3], await server.Read(3));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task After_the_peers_end_every_read_gives_0(bool tls)
    {
        (IoConnection client, IoConnection server) = await Pair(tls);
        await client.WriteAsync(new byte[] { 7 }).Within();
        await client.ShutdownWriteAsync().Within();
        byte[] buffer = new byte[4];
        Assert.Equal(1, await server.ReadAsync(buffer).Within());
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(0, await server.ReadAsync(buffer).Within());
            Assert.Equal(0, await server.ReadAsync(Memory<byte>.Empty).Within());
        }
    }

    [Fact]
    public async Task A_peer_that_wants_a_certificate_is_an_error_and_not_the_end()
    {
        await using IoListener listener = await Listen(tls: true, options =>
        {
            options.Tls!.RequireClientCertificate = true;
            options.Tls.TrustedCertificatesPem = Certificates.ClientOptions().TrustedCertificatesPem;
        });
        for (int round = 0; round < 20; round++)
        {
            // In TLS 1.3 the client is done before the server has looked.
            IoConnection client = await Connect(listener, tls: true);
            IoException refused = await Assert.ThrowsAsync<IoException>(() => client.ReadAsync(new byte[4]).AsTask().Within());
            Assert.Equal(IoErrorCode.TlsAlertReceived, refused.ErrorCode);
            Assert.Contains("certificate required", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_second_read_is_refused_while_one_waits()
    {
        (IoConnection client, IoConnection server) = await Pair();
        Task<int> first = server.ReadAsync(new byte[4]).AsTask();
        Assert.Throws<InvalidOperationException>(() => { _ = server.ReadAsync(new byte[4]).AsTask(); });

        await client.WriteAsync(new byte[] { 9 }).Within();
        Assert.Equal(1, await first.Within());
    }

    [Fact]
    public async Task A_read_is_under_way_until_its_result_is_taken()
    {
        (IoConnection client, IoConnection server) = await Pair();
        byte[] buffer = new byte[4];
        ValueTask<int> first = server.ReadAsync(buffer);
        await client.WriteAsync(new byte[] { 1 }).Within();
        Waiting.Until(() => first.IsCompleted);

        // Its bytes are in the first one's buffer, and only the first one's result says how many.
        Assert.Throws<InvalidOperationException>(() => { _ = server.ReadAsync(new byte[4]).AsTask(); });
        Assert.Equal(1, await first);
        await client.WriteAsync(new byte[] { 2 }).Within();
        Assert.Equal([2], await server.Read(1));
    }

    [Fact]
    public async Task The_result_of_a_read_that_waits_cannot_be_taken_and_the_read_goes_on()
    {
        (IoConnection client, IoConnection server) = await Pair();
        using CancellationTokenSource cancel = new();
        ValueTask<int> read = server.ReadAsync(new byte[4], cancel.Token);
        Assert.Throws<InvalidOperationException>(() => read.GetAwaiter().GetResult());

        await cancel.CancelAsync();
        await read.Fails<OperationCanceledException>();
    }

    [Fact]
    public async Task A_read_into_memory_that_is_gone_fails_and_the_connection_can_be_used_on()
    {
        (IoConnection client, IoConnection server) = await Pair();
        LostMemory lost = new();
        ValueTask<int> waiting = server.ReadAsync(lost.Memory);
        lost.Lose();
        await client.WriteAsync(new byte[] { 1, 2 }).Within();
        await waiting.Fails<ObjectDisposedException>();
        Assert.Throws<ObjectDisposedException>(() => { _ = server.ReadAsync(lost.Taken).AsTask(); });

        Assert.Equal([1, 2], await server.Read(2));
    }

    [Fact]
    public async Task Bytes_that_come_one_by_one_while_nobody_reads_are_held_together()
    {
        (IoConnection client, IoConnection server) = await Pair();
        byte[] sent = Bytes.Random(500);
        for (int i = 0; i < sent.Length; i++)
        {
            await client.WriteAsync(sent.AsMemory(i, 1)).Within();
            while (await server.EventLoop.Call(() => Window(server)) > IoConnection.DefaultReadWindow - i - 1)
            {
                // On its way.
            }
        }

        Assert.InRange(await server.EventLoop.Call(() => LoopMessagePool.Of(server.EventLoop).Outstanding), 1, 2);
        Assert.Equal(sent, await server.Read(sent.Length));
    }

    [Fact]
    public async Task Messages_that_were_cut_to_a_small_window_are_held_together()
    {
        (IoConnection _, IoConnection server) = await Pair();
        byte[] sent = Bytes.Random(200_000);
        const int piece = 300;
        await server.EventLoop.Call(() =>
        {
            for (int at = 0; at < sent.Length; at += piece)
            {
                ReadOnlySpan<byte> part = sent.AsSpan(at, Math.Min(piece, sent.Length - at));
                IoMessage message = server.Channel.RentMessage(part.Length);
                message.Append(part);
                Assert.True(server.Channel.First!.Send(message, ChannelDirection.Read).IsNone);
            }
        });
        Assert.InRange(await server.EventLoop.Call(() => LoopMessagePool.Of(server.EventLoop).Outstanding), 1, 16);
        Assert.Equal(sent, await server.Read(sent.Length));
    }

    [Fact]
    public async Task An_empty_message_from_a_handler_is_not_taken_for_the_end()
    {
        (IoConnection client, IoConnection server) = await Pair();
        Task<int> read = server.ReadAsync(new byte[4]).AsTask();
        await server.EventLoop.Call(() =>
        {
            IoMessage empty = server.Channel.RentMessage(1);
            Assert.True(server.Channel.First!.Send(empty, ChannelDirection.Read).IsNone);
        });
        Assert.False(read.IsCompleted);

        await client.WriteAsync(new byte[] { 5 }).Within();
        Assert.Equal(1, await read.Within());
    }

    private static long Window(IoConnection connection) => connection.Channel.First!.Right!.Window;
}

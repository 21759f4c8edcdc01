using AwsIO.Tasks.Tests.Infrastructure;

namespace AwsIO.Tasks.Tests.Connections;

public sealed class WriteTests : RuntimeTest
{
    [Theory, InlineData(false), InlineData(true)]
    public async Task Writes_on_and_off_the_loop_keep_their_order(bool tls)
    {
        (IoConnection client, IoConnection server) = await Pair(tls);
        byte[] sent = Bytes.Random(300_000);
        Task<byte[]> reading = server.ReadToEnd();
        for (int at = 0, size = 1; at < sent.Length; size = (size * 3) % 100_003)
        {
            ReadOnlyMemory<byte> piece = sent.AsMemory(at, Math.Min(size, sent.Length - at));
            at += piece.Length;
            if (size % 2 == 0)
            {
                await client.WriteAsync(piece).Within();
            }
            else
            {
                await client.EventLoop.Start(() => client.WriteAsync(piece).AsTask());
            }
        }

        await client.ShutdownWriteAsync().Within();
        Assert.Equal(sent, await reading);
    }

    [Fact]
    public async Task An_empty_write_completes_and_sends_nothing()
    {
        (IoConnection client, IoConnection server) = await Pair();
        await client.WriteAsync(ReadOnlyMemory<byte>.Empty).Within();
        await client.EventLoop.Start(() => client.WriteAsync(ReadOnlyMemory<byte>.Empty).AsTask());
        await client.WriteAsync(new byte[] { 1 }).Within();
        Assert.Equal([1], await server.Read(1));
    }

    [Fact]
    public async Task The_memory_is_the_callers_again_when_a_write_completes()
    {
        (IoConnection client, IoConnection server) = await Pair();
        byte[] buffer = new byte[1000];
        for (byte i = 1; i <= 50; i++)
        {
            Array.Fill(buffer, i);
            await client.WriteAsync(buffer).Within();
        }

        byte[] got = await server.Read(50_000);
        Assert.All(got, (value, index) => Assert.Equal((byte)((index / 1000) + 1), value));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_writer_against_a_reader_that_does_not_read_stops_after_a_bounded_amount(bool tls)
    {
        (IoConnection client, IoConnection server) = await Pair(tls, window: 64 * 1024);
        Task waiting = await client.WriteTooMuch();

        // The mark and one chunk, as they are and as ciphertext; the window on the other end; nothing more.
        Assert.InRange(await client.EventLoop.Call(() => Queued(client)), 1, 256 * 1024);
        Assert.InRange(await client.EventLoop.Call(() => LoopMessagePool.Of(client.EventLoop).Outstanding), 1, 64);

        byte[] got = await server.Read(Bytes.TooMuch.Length);
        Assert.True(got.AsSpan().SequenceEqual(Bytes.TooMuch));
        await waiting.Within();
        await client.FlushAsync().Within();
        Assert.Equal(0, await client.EventLoop.Call(() => Queued(client)));
    }

    [Theory]
    [InlineData(false, false), InlineData(true, false)]
    [InlineData(false, true), InlineData(true, true)]
    public async Task Small_writes_that_wait_for_the_peer_hold_little_more_than_their_bytes(bool tls, bool onLoop)
    {
        // What the peer holds is none of the writer's, so it is to stand on the other loop.
        using IoRuntime other = new(new() { LoopCount = 1 });
        await using IoListener listener = await other.ListenAsync(
            SocketEndpoint.Tcp("127.0.0.1", 0), new() { Tls = tls ? Certificates.ServerOptions() : null });
        IoConnection client = await Connect(listener, tls);
        await using IoConnection server = await listener.AcceptAsync().Within();
        int sharedBefore = SharedMessagePool.Instance.Outstanding;
        Task waiting = await client.WritePiecesUntilOneWaits(300, onLoop);

        // 64 KiB and what one write adds, in messages of 16 KiB that are half full at the worst. A writer on another thread may stage as
        // much again before the loop tells it that this is under way.
        int held = SharedMessagePool.Instance.Outstanding - sharedBefore;
        held += await client.EventLoop.Call(() => LoopMessagePool.Of(client.EventLoop).Outstanding);
        Assert.InRange(held, 1, onLoop ? 12 : 20);
        server.Abort();
        _ = await Record.ExceptionAsync(() => waiting.Within());
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Small_writes_and_flushes_to_a_slow_reader_keep_their_order(bool tls)
    {
        (IoConnection client, IoConnection server) = await Pair(tls);
        byte[] sent = Bytes.Random(9_000_000);
        int at = 0;
        Task writing = Task.Run(async () =>
        {
            for (int round = 0; at < sent.Length; round++)
            {
                ReadOnlyMemory<byte> piece = sent.AsMemory(at, Math.Min(300 + (round % 7), sent.Length - at));
                Volatile.Write(ref at, at + piece.Length);
                if (round % 3 == 0)
                {
                    await client.EventLoop.Start(() => client.WriteAsync(piece).AsTask());
                }
                else
                {
                    await client.WriteAsync(piece).ConfigureAwait(false);
                }

                if (round % 500 == 0)
                {
                    await client.FlushAsync().ConfigureAwait(false);
                }
            }

            await client.ShutdownWriteAsync().ConfigureAwait(false);
        });
        for (int before = -1; before != Volatile.Read(ref at);)
        {
            // Until all buffers are full.
            before = Volatile.Read(ref at);
            await client.Settle();
        }

        Assert.Equal(sent, await server.ReadToEnd(pieces: 5000));
        await writing.Within();
    }

    [Fact]
    public async Task A_second_write_or_flush_is_refused_while_one_waits()
    {
        (IoConnection client, IoConnection _) = await Pair();
        Task waiting = await client.WriteTooMuch();
        Assert.Throws<InvalidOperationException>(() => { _ = client.WriteAsync(new byte[1]).AsTask(); });
        Assert.Throws<InvalidOperationException>(() => { _ = client.FlushAsync().AsTask(); });
        Assert.Throws<InvalidOperationException>(() => { _ = client.ShutdownWriteAsync().AsTask(); });

        client.Abort();
        await waiting.Fails<IoException>();
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_write_that_waits_can_be_given_up_and_reading_goes_on(bool tls)
    {
        (IoConnection client, IoConnection server) = await Pair(tls);
        using CancellationTokenSource cancel = new();
        Task waiting = await client.WriteTooMuch(cancel.Token);
        await cancel.CancelAsync();
        OperationCanceledException exception = await waiting.Fails<OperationCanceledException>();
        Assert.Equal(cancel.Token, exception.CancellationToken);

        await server.WriteAsync(new byte[] { 8 }).Within();
        Assert.Equal([8], await client.Read(1));
    }

    [Fact]
    public async Task A_write_of_memory_that_is_gone_fails_and_the_connection_can_be_used_on()
    {
        (IoConnection client, IoConnection server) = await Pair();
        LostMemory lost = new();
        lost.Lose();
        Assert.Throws<ObjectDisposedException>(() => { _ = client.WriteAsync(lost.Taken).AsTask(); });
        await client.EventLoop.Call(() => Assert.Throws<ObjectDisposedException>(() => { _ = client.WriteAsync(lost.Taken).AsTask(); }));

        await client.WriteAsync(new byte[] { 1 }).Within();
        Assert.Equal([1], await server.Read(1));
    }

    [Fact]
    public async Task A_flush_of_bytes_that_a_reset_has_dropped_fails()
    {
        using SilentPeer peer = new();
        IoConnection client = Own(await Io.ConnectAsync(peer.Endpoint).Within());
        System.Net.Sockets.Socket other = await peer.Accepted.Within();
        await client.Fill();
        Task flush = client.FlushAsync().AsTask();
        other.LingerState = new(enable: true, seconds: 0);
        other.Dispose();
        IoException exception = await flush.Fails<IoException>();
        Assert.NotEqual(0, exception.NativeError);
    }

    [Fact]
    public async Task A_flush_that_an_abort_ends_fails_with_the_aborts_reason()
    {
        using SilentPeer peer = new();
        IoConnection client = Own(await Io.ConnectAsync(peer.Endpoint).Within());
        await client.Fill();
        Task flush = client.FlushAsync().AsTask();
        await client.Settle();
        client.Abort();
        IoException exception = await flush.Fails<IoException>();
        Assert.Contains("aborted", exception.Message, StringComparison.Ordinal);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_write_that_waits_fails_at_a_reset_though_nobody_reads_what_was_received(bool tls)
    {
        (IoConnection client, IoConnection server) = await Pair(tls);
        Task writing = await client.WriteTooMuch();

        // More than the client's window: what is left stands between its socket and its application.
        Task filling = await server.WritePiecesUntilOneWaits(1000);
        server.Abort();
        IoException exception = await writing.Fails<IoException>();
        Assert.NotEqual(0, exception.NativeError);
        _ = await Record.ExceptionAsync(() => filling.Within());
        await client.FlushAsync().Fails<IoException>();
    }

    [Fact]
    public async Task A_handler_that_throws_on_a_write_ends_the_connection_and_hangs_nobody()
    {
        await using IoListener listener = await Listen();
        IoConnection client = await Connect(listener);
        Own(await listener.AcceptAsync().Within());
        await client.EventLoop.Call(() =>
        {
            ChannelSlot slot = client.Channel.AddSlot();
            client.Channel.First!.InsertRight(slot);
            slot.SetHandler(new Thrower());
        });
        await client.WriteAsync(new byte[] { 1 }).Within();
        IoException exception = await client.FlushAsync().Fails<IoException>();
        Assert.Contains("thrown on purpose", exception.Message, StringComparison.Ordinal);
        await client.Completion.Within();
        Assert.All(Errors, error => Assert.Contains("thrown on purpose", error, StringComparison.Ordinal));
        Errors.Clear();
    }

    private static long Queued(IoConnection connection) => ((SocketChannelHandler)connection.Channel.First!.Handler!).Socket.QueuedBytes;

    private sealed class Thrower : ChannelHandler
    {
        protected internal override IoError OnWrite(ChannelSlot slot, IoMessage message)
        {
            message.Release();
            throw new InvalidOperationException("thrown on purpose");
        }
    }
}

using AwsIO.Tasks.Tests.Infrastructure;

namespace AwsIO.Tasks.Tests.Connections;

/// <summary>Every way to end a connection, in every state, from everywhere: it ends, and what waits is answered.</summary>
public sealed class EndTests : RuntimeTest
{
    public enum How
    {
        Dispose,
        DisposeAsync,
        Abort,
        DisposeThenAbort,
    }

    public enum During
    {
        Nothing,
        Read,
        ZeroByteRead,
        Write,
        Flush,
        HalfClosed,
        PeerHalfClosed,
        PeerEnded,
        UnreadData,
    }

    public static TheoryData<How, During> Cases()
    {
        TheoryData<How, During> cases = [];
        foreach (How how in Enum.GetValues<How>())
        {
            foreach (During during in Enum.GetValues<During>())
            {
                cases.Add(how, during);
            }
        }

        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public async Task A_plain_connection_ends(How how, During during)
    {
        await Check(how, during, tls: false, onLoop: false);
        await Check(how, during, tls: false, onLoop: true);
    }

    [Theory, MemberData(nameof(Cases))]
    public async Task A_TLS_connection_ends(How how, During during)
    {
        await Check(how, during, tls: true, onLoop: false);
        await Check(how, during, tls: true, onLoop: true);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task What_was_written_right_before_the_end_is_delivered_to_a_slow_reader(bool tls)
    {
        (IoConnection client, IoConnection server) = await Pair(tls, window: 16 * 1024);
        byte[] data = Bytes.Random(1_000_000);
        Task writing = client.WriteAsync(data).AsTask();
        byte[] start = await server.Read(data.Length / 2);
        Task<byte[]> rest = server.ReadToEnd(pieces: 1000);
        await writing.Within();
        await client.WriteAsync(new byte[] { 1, 2, 3 }).Within();
        ValueTask ending = client.DisposeAsync();
        byte[] end = await rest;
        Assert.Equal([.. data, 1, 2, 3], (byte[])[.. start, .. end]);
        await ending.Within();
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task What_was_written_off_the_loop_right_before_the_end_is_delivered(bool tls)
    {
        for (int round = 0; round < 50; round++)
        {
            (IoConnection client, IoConnection server) = await Pair(tls);
            byte[] data = Bytes.Random(30_000, round);
            await client.WriteAsync(data);
            client.Dispose();
            Assert.Equal(data, await server.ReadToEnd());
            await client.Completion.Within();
        }
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task After_an_abort_the_peer_sees_a_reset(bool tls)
    {
        (IoConnection client, IoConnection server) = await Pair(tls);
        Task<int> reading = server.ReadAsync(new byte[1]).AsTask();
        client.Abort();
        IoException exception = await reading.Fails<IoException>();
        Assert.Equal(104, exception.NativeError);
        Assert.Contains(server.RemoteEndpoint.ToString()!, exception.Message, StringComparison.Ordinal);
        await client.Completion.Within();
    }

    [Fact]
    public async Task The_peers_reset_is_the_reason_of_all_that_waits_and_of_all_that_follows()
    {
        using SilentPeer peer = new();
        IoConnection client = Own(await Io.ConnectAsync(peer.Endpoint).Within());
        System.Net.Sockets.Socket other = await peer.Accepted.Within();
        Task writing = await client.WriteTooMuch();
        Task<int> reading = client.ReadAsync(new byte[1]).AsTask();
        other.LingerState = new(enable: true, seconds: 0);
        other.Dispose();

        IoException first = await reading.Fails<IoException>();
        Assert.NotEqual(0, first.NativeError);
        Assert.NotEqual(0, (await writing.Fails<IoException>()).NativeError);
        Assert.Equal(first.Error, (await client.ReadAsync(new byte[1]).Fails<IoException>()).Error);
        await client.Completion.Within();
        Assert.NotEqual(0, (await client.WriteAsync(new byte[1]).Fails<IoException>()).NativeError);
    }

    [Fact]
    public async Task A_TLS_peer_that_goes_without_a_goodbye_is_not_taken_for_one_that_has_finished()
    {
        (IoConnection client, IoConnection server) = await Pair(tls: true);
        await client.WriteAsync(new byte[] { 1 }).Within();
        Assert.Equal([1], await server.Read(1));
        await client.EventLoop.Call(() => ((SocketChannelHandler)client.Channel.First!.Handler!).Socket.ShutdownWrite());
        IoException exception = await server.ReadAsync(new byte[1]).Fails<IoException>();
        Assert.Equal(IoErrorCode.TlsAlertNotGraceful, exception.ErrorCode);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_connection_ends_while_the_result_of_a_read_is_left_untaken(bool tls)
    {
        (IoConnection client, IoConnection server) = await Pair(tls, window: 16 * 1024);
        byte[] buffer = new byte[4];
        ValueTask<int> read = client.ReadAsync(buffer);
        await server.WriteAsync(new byte[] { 1, 2, 3, 4 }).Within();
        Waiting.Until(() => read.IsCompleted);

        // More than the window has room for.
        await server.Fill();
        await client.DisposeAsync().Within();

        // What came in pieces is read in pieces.
        int count = await read;
        Assert.InRange(count, 1, 4);
        Assert.Equal(new byte[] { 1, 2, 3, 4 }[..count], buffer[..count]);
    }

    [Fact]
    public async Task Messages_beside_a_result_that_is_never_taken_go_back_to_their_pool()
    {
        (IoConnection client, IoConnection server) = await Pair();
        ValueTask<int> read = client.ReadAsync(new byte[4]);
        await server.WriteAsync(new byte[1000]).Within();
        Waiting.Until(() => read.IsCompleted);
        client.Dispose();
        await client.Completion.Within();
        await client.EventLoop.Call(() =>
        {
            LoopMessagePool pool = LoopMessagePool.Of(client.EventLoop);
            pool.TakeBackReleased();
            Assert.Equal(0, pool.Outstanding);
        });
    }

    [Fact]
    public async Task After_the_end_everything_is_refused_with_ObjectDisposedException()
    {
        (IoConnection client, IoConnection _) = await Pair();
        await client.DisposeAsync().Within();
        Assert.Throws<ObjectDisposedException>(() => { _ = client.ReadAsync(new byte[1]).AsTask(); });
        Assert.Throws<ObjectDisposedException>(() => { _ = client.WriteAsync(new byte[1]).AsTask(); });
        Assert.Throws<ObjectDisposedException>(() => { _ = client.FlushAsync().AsTask(); });
        Assert.Throws<ObjectDisposedException>(() => { _ = client.ShutdownWriteAsync().AsTask(); });
        await client.DisposeAsync().Within();
        client.Dispose();
        client.Abort();
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Ends_at_any_moment_of_a_conversation_hang_nobody(bool tls)
    {
        await using IoListener listener = await Listen(tls);
        for (int round = 0; round < 60; round++)
        {
            IoConnection client = await Connect(listener, tls);
            IoConnection server = Own(await listener.AcceptAsync().Within());
            Task talking = Task.WhenAll(Talk(client), Talk(server));
            Thread.SpinWait(round * 500);
            if (round % 3 == 0)
            {
                client.Abort();
            }
            else
            {
                client.Dispose();
            }

            await talking.Within();
            await server.DisposeAsync().Within();
            await client.Completion.Within();
        }
    }

    /// <summary>Writes and reads until the connection ends.</summary>
    private static async Task Talk(IoConnection connection)
    {
        byte[] data = new byte[20_000];
        async Task Write()
        {
            while (true)
            {
                await connection.WriteAsync(data).ConfigureAwait(false);
            }
        }

        async Task Read()
        {
            byte[] buffer = new byte[7000];
            while (await connection.ReadAsync(buffer).ConfigureAwait(false) > 0)
            {
            }
        }

        Task writing = Write();
        try
        {
            await Read().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IoException or ObjectDisposedException)
        {
            // It has ended.
        }

        connection.Dispose();
        await Assert.ThrowsAnyAsync<Exception>(() => writing).ConfigureAwait(false);
    }

    private async Task Check(How how, During during, bool tls, bool onLoop)
    {
        (IoConnection client, IoConnection server) = await Pair(tls, window: 32 * 1024);
        List<Task> waiting = await Prepare(during, client, server);
        ValueTask End()
        {
            switch (how)
            {
                case How.DisposeAsync:
                    return client.DisposeAsync();
                case How.Abort:
                    client.Abort();
                    break;
                case How.DisposeThenAbort:
                    client.Dispose();
                    client.Abort();
                    break;
                default:
                    client.Dispose();
                    break;
            }

            return new ValueTask(client.Completion);
        }

        Task ended = onLoop ? (await client.EventLoop.Call(() => End().AsTask())) : End().AsTask();
        foreach (Task task in waiting)
        {
            await Assert.ThrowsAsync<IoException>(() => task.Within());
        }

        // A graceful end delivers first, so the peer has to take what there is.
        Task<byte[]> draining = Drain(server);
        await ended.Within();
        await draining.Within();
        await server.DisposeAsync().Within();
    }

    private static async Task<List<Task>> Prepare(During during, IoConnection client, IoConnection server)
    {
        switch (during)
        {
            case During.Read:
                return [client.ReadAsync(new byte[4]).AsTask()];
            case During.ZeroByteRead:
                return [client.ReadAsync(Memory<byte>.Empty).AsTask()];
            case During.Write:
                return [await client.WriteTooMuch(), client.ReadAsync(new byte[4]).AsTask()];
            case During.Flush:
                await client.Fill();

                // Whether it ends well depends on how much the peer takes.
                _ = client.FlushAsync().AsTask().ContinueWith(static _ => { }, TaskScheduler.Default);
                return [];
            case During.HalfClosed:
                await client.ShutdownWriteAsync().Within();
                return [client.ReadAsync(new byte[4]).AsTask()];
            case During.PeerHalfClosed:
                await server.ShutdownWriteAsync().Within();
                Assert.Equal(0, await client.ReadAsync(new byte[4]).Within());
                return [];
            case During.PeerEnded:
                await server.DisposeAsync().Within();
                return [];
            case During.UnreadData:
                await server.Fill();
                return [];
            default:
                return [];
        }
    }

    private static async Task<byte[]> Drain(IoConnection connection)
    {
        try
        {
            return await connection.ReadToEnd();
        }
        catch (Exception exception) when (exception is IoException or ObjectDisposedException)
        {
            return [];
        }
    }
}

using System.Net.Sockets;
using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Channels;

/// <summary>Ends of a connection: polite, abrupt, half, and in the midst of everything.</summary>
public sealed class SocketChannelShutdownTests(LoopFixture fixture) : TransportTest(fixture)
{
    [Theory]
    [ClassData(typeof(EveryTransport))]
    [Trait("Upstream", "socket_handler_close")]
    public async Task A_side_that_shuts_down_ends_well_and_the_other_learns_that_it_closed(Transport transport)
    {
        (TestChannel client, TestChannel server) = await TestChannel.Pair(transport, Fixture);
        Assert.Equal(IoError.None, await server.Close());
        IoError error = await client.End;
        await client.Loop.Ticks(2);

        Assert.True(error.Code is IoErrorCode.SocketClosed or IoErrorCode.SocketNotConnected);
        Assert.Equal((1, 1), (client.Shutdowns, server.Shutdowns));
        Assert.False(client.Transport!.Socket.IsOpen || server.Transport!.Socket.IsOpen);
        Assert.Equal(IoErrorCode.SocketClosed, await client.Loop.On(() => client.App.Write("x"u8).Code));
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task A_graceful_shutdown_delivers_everything_to_a_slow_reader(Transport transport)
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
        TestChannel test = await TestChannel.Over(ours);
        const int size = 8 * 1024 * 1024;
        List<IoError> completions = [];
        await Loop.On(() =>
        {
            Assert.Equal(IoError.None, test.App.Write(Data.Pattern(size), completions.Add));
            Assert.True(ours.QueuedBytes > 0, "The peer took everything at once: the test proves nothing.");
            test.Channel.Shutdown(IoErrorCode.SocketTimeout);
        });
        await Loop.Ticks(5);
        Assert.Equal(ChannelState.ShuttingDown, test.Channel.State);

        Data.AssertPattern(await Task.Run(() => ReadToEnd(peer, 4096)), size);
        Assert.Equal(IoErrorCode.SocketTimeout, (await test.End).Code);
        Assert.Equal([IoError.None], completions);
        peer.Dispose();
    }

    // A false EAGAIN says that nothing is left to throw away, and the close is a reset then.
    [Theory]
    [ClassData(typeof(EveryTransport))]
    [Trait("Category", "ExactCalls")]
    public async Task What_the_kernel_has_taken_is_delivered_though_unread_bytes_wait(Transport transport)
    {
        // A close over received bytes that nobody has read is a reset, unless somebody takes care.
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
        TestChannel test = await TestChannel.Over(ours, new AppHandler { FirstWindow = 0, Refill = false });
        peer.Send(new byte[5000]);
        await Loop.Ticks(5);
        await test.App.WriteAsync(Data.Pattern(1000));
        await test.Close();

        Data.AssertPattern(await Task.Run(() => ReadToEnd(peer, 4096)), 1000);
        peer.Dispose();
    }

    // Its first write is to go out whole: under a fault plan it waits.
    [Theory]
    [ClassData(typeof(EveryTransport))]
    [Trait("Category", "ExactCalls")]
    public async Task What_the_kernel_has_taken_is_delivered_though_the_peer_goes_on_sending(Transport transport)
    {
        // The kernel answers what comes for a closed connection with a reset, and drops what it was still to deliver.
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop, static socket => socket.ReceiveBufferSize = 4096);
        TestChannel test = await TestChannel.Over(ours);
        const int size = 150_000;
        await test.App.WriteAsync(Data.Pattern(size));
        Assert.Equal(0, await Loop.On(() => ours.QueuedBytes));
        test.Channel.Shutdown(IoError.None);
        await Loop.Ticks(5);
        for (int i = 0; i < 3; i++)
        {
            // Over a Unix socket everything is delivered with the write: there the channel may be gone by now.
            _ = transport == Transport.Unix ? 0 : peer.Send(new byte[1000]);
            await Loop.Ticks(2);
        }

        Data.AssertPattern(await Task.Run(() => ReadToEnd(peer, 4096)), size);
        Assert.Equal(IoError.None, await test.End);
        peer.Dispose();
    }

    [Theory]
    [ClassData(typeof(EveryTcp))]
    public async Task The_last_write_is_told_of_success_while_the_close_waits_for_the_peer(Transport transport)
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop, static socket => socket.ReceiveBufferSize = 4096);
        TestChannel test = await TestChannel.Over(ours);
        List<IoError> completions = [];
        const int size = 8 * 1024 * 1024;
        await Loop.On(() =>
        {
            Assert.Equal(IoError.None, test.App.Write(Data.Pattern(size), completions.Add, isLast: true));
            Assert.True(ours.QueuedBytes > 0);
            test.Channel.Shutdown(IoError.None);
        });

        Data.AssertPattern(await Task.Run(() => ReadToEnd(peer, 4096)), size);
        Assert.Equal(IoError.None, await test.End);
        Assert.Equal([IoError.None], completions);
        peer.Dispose();
    }

    [Fact]
    public async Task A_socket_that_is_closed_while_the_close_waits_for_the_peer_ends_the_channel()
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(
            Transport.Tcp4, Loop, static socket => socket.ReceiveBufferSize = 4096);
        TestChannel test = await TestChannel.Over(ours, shutdownTimeout: Timeout.InfiniteTimeSpan);
        await test.App.WriteAsync(new byte[150_000]);
        test.Channel.Shutdown(IoError.None);
        await Loop.Ticks(5);
        Assert.Equal(ChannelState.ShuttingDown, test.Channel.State);
        await Loop.On(() => Assert.Equal(IoError.None, ours.Close()));

        Assert.Equal(IoError.None, await test.End);
        peer.Dispose();
    }

    [Fact]
    public async Task A_channel_without_a_socket_ends_though_its_loop_has_ended_before()
    {
        EventLoopGroup group = Infrastructure.LoopBackend.Platform.NewGroup();
        TaskCompletionSource<IoError> ended = Waits.NewSource<IoError>();
        AppHandler first = new();
        AppHandler second = new();
        TaskCompletionSource<IoChannel> made = Waits.NewSource<IoChannel>();
        IoChannel.Create(new IoChannelOptions
        {
            EventLoop = group[0],
            OnSetup = (channel, _, _) =>
            {
                channel.AddLast(first);
                channel.AddLast(second);
                made.SetResult(channel);
            },
            OnShutdown = (_, error, _) => ended.SetResult(error),
        });
        IoChannel channel = await made.Task.Within();
        await group.DisposeAsync().AsTask().Within();
        channel.Shutdown(IoErrorCode.NoPermission);

        Assert.Equal(IoErrorCode.NoPermission, (await ended.Task.Within()).Code);
        Assert.Equal(["Read Graceful", "Write Graceful"], first.Events.Take(2));
        Assert.Equal(["Read Graceful", "Write Graceful"], second.Events.Take(2));
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task A_peer_that_writes_before_it_reads_gets_everything_all_the_same(Transport transport)
    {
        // It echoes piece by piece: were its answers not thrown away, it would wait for us, and we for it.
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
        TestChannel test = await TestChannel.Over(ours);
        const int size = 16 * 1024 * 1024;
        await test.App.WriteAsync(Data.Pattern(size));
        test.Channel.Shutdown(IoError.None);
        byte[] received = new byte[size];
        bool answers = true;
        await Task.Run(() =>
        {
            for (int count = 0; count < size;)
            {
                int now = peer.Receive(received.AsSpan(count));
                Assert.NotEqual(0, now);
                answers = answers && Answer(peer, received.AsSpan(count, now));
                count += now;
            }
        }).Within();

        Data.AssertPattern(received, size);
        Assert.Equal(IoError.None, await test.End);
        peer.Dispose();
    }

    private static bool Answer(Socket peer, Span<byte> data)
    {
        try
        {
            return peer.Send(data) == data.Length;
        }
        catch (SocketException)
        {
            // The channel has gone: all that is left to read has been delivered.
            return false;
        }
    }

    [Theory]
    [ClassData(typeof(EveryTcp))]
    public async Task A_peer_that_fails_after_its_end_is_noticed(Transport transport)
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
        TestChannel test = await TestChannel.Over(ours, new AppHandler { KeepOpenAtReadEnd = true });
        peer.Shutdown(SocketShutdown.Send);
        await test.App.Conditions.Until(Loop, () => test.App.ReadEnds.Count == 1);

        // With something unread, its close is a reset.
        await test.App.WriteAsync(new byte[10]);
        peer.Dispose();

        Assert.Equal(IoErrorCode.SocketClosed, (await test.End).Code);
    }

    [Fact]
    public async Task A_handler_that_is_taken_out_while_the_shutdown_waits_for_it_holds_it_up_no_longer()
    {
        foreach (ChannelDirection direction in Enum.GetValues<ChannelDirection>())
        {
            (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(Transport.Tcp4, Loop);
            Waiting waiting = new(direction);
            TestChannel test = await TestChannel.Over(ours, middle: channel => channel.AddLast(waiting));
            test.Channel.Shutdown(IoErrorCode.NoPermission);
            await waiting.Asked.Task.Within();
            await Loop.On(() => waiting.Slot!.Remove());

            Assert.Equal(IoErrorCode.NoPermission, (await test.End).Code);
            Assert.Equal(["Read Graceful", "Write Graceful", "destroyed"], test.App.Events);
            peer.Dispose();
        }
    }

    [Theory]
    [ClassData(typeof(EveryTcp))]
    public async Task An_abort_resets_and_drops_what_was_not_delivered(Transport transport)
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
        TestChannel test = await TestChannel.Over(ours);
        List<IoError> completions = [];
        await test.App.WriteAsync(new byte[32 * 1024 * 1024], completions.Add);
        test.Channel.Abort(IoErrorCode.SocketTimeout);

        Assert.Equal(IoErrorCode.SocketTimeout, (await test.End).Code);
        Assert.Equal(IoErrorCode.SocketClosed, Assert.Single(completions).Code);
        SocketException reset = await Assert.ThrowsAsync<SocketException>(() => Task.Run(() => ReadToEnd(peer, 1024 * 1024)));
        Assert.Equal(SocketError.ConnectionReset, reset.SocketErrorCode);
        Assert.Equal(["Read Immediate", "Write Immediate", "destroyed"], test.App.Events);
        peer.Dispose();
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task An_abort_cuts_a_graceful_shutdown_short(Transport transport)
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
        TestChannel test = await TestChannel.Over(ours);
        List<IoError> completions = [];
        await test.App.WriteAsync(new byte[32 * 1024 * 1024], completions.Add);
        test.Channel.Shutdown(IoErrorCode.SocketTimeout);
        await Loop.Ticks(5);
        Assert.Equal(ChannelState.ShuttingDown, test.Channel.State);
        test.Channel.Abort(IoErrorCode.SocketNotConnected);

        Assert.Equal(IoErrorCode.SocketTimeout, (await test.End).Code);
        Assert.Equal(IoErrorCode.SocketClosed, Assert.Single(completions).Code);
        peer.Dispose();
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task When_the_shutdowns_time_is_over_the_rest_is_dropped_and_reported(Transport transport)
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
        TestChannel test = await TestChannel.Over(ours, shutdownTimeout: TimeSpan.FromMilliseconds(20));
        List<IoError> completions = [];
        int logged = Fixture.Logs.Count(43);
        await test.App.WriteAsync(new byte[32 * 1024 * 1024], completions.Add);

        Assert.Equal(IoError.None, await test.Close());
        Assert.Equal(IoErrorCode.SocketClosed, Assert.Single(completions).Code);
        Assert.Equal(logged + 1, Fixture.Logs.Count(43));
        Assert.Matches(@"dropped \d{6,} written bytes", Fixture.Logs.Texts(43)[^1]);
        peer.Dispose();
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task A_peer_that_goes_while_a_shutdown_waits_for_it_ends_the_wait(Transport transport)
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
        TestChannel test = await TestChannel.Over(ours, shutdownTimeout: Timeout.InfiniteTimeSpan);
        List<IoError> completions = [];
        await test.App.WriteAsync(new byte[32 * 1024 * 1024], completions.Add);
        test.Channel.Shutdown(IoError.None);
        await Loop.Ticks(5);
        peer.Dispose();

        // An end that loses what was written is no orderly one, whatever was asked for.
        Assert.Equal(IoErrorCode.SocketClosed, (await test.End).Code);
        Assert.Equal(IoErrorCode.SocketClosed, Assert.Single(completions).Code);
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task Each_direction_ends_by_itself(Transport transport)
    {
        (TestChannel client, TestChannel server) = await TestChannel.Pair(
            transport, Fixture, new AppHandler { KeepOpenAtReadEnd = true }, new AppHandler { KeepOpenAtReadEnd = true });
        List<IoError> completions = [];
        await client.App.WriteAsync("question"u8.ToArray(), completions.Add, isLast: true);
        await server.App.Conditions.Until(server.Loop, () => server.App.ReadEnds.Count == 1);
        Assert.Equal("question"u8.ToArray(), server.App.Received);

        // The other loop may have seen the end before this one has run the task that tells of it.
        await client.Loop.Ticks(2);
        Assert.Equal([IoError.None], completions);
        Assert.Equal((ChannelState.Active, ChannelState.Active), (client.Channel.State, server.Channel.State));

        // The other direction is as good as before, for as long as it is wanted.
        byte[] answer = Data.Pattern(4 * 1024 * 1024);
        await server.App.WriteAsync(answer);
        await client.App.UntilReceived(answer.Length);
        Data.AssertPattern(client.App.Received, answer.Length);
        Assert.Empty(client.App.ReadEnds);

        // An end may come without a byte.
        await server.App.WriteAsync([], isLast: true);
        await client.App.Conditions.Until(client.Loop, () => client.App.ReadEnds.Count == 1);
        Assert.Equal(IoErrorCode.SocketClosed, client.App.ReadEnds[0].Code);
        Assert.Equal((ChannelState.Active, ChannelState.Active), (client.Channel.State, server.Channel.State));
        Assert.Equal(IoError.None, await client.Close());
        Assert.Equal(IoError.None, await server.Close());
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task The_end_of_a_direction_waits_for_all_that_was_written_before_it(Transport transport)
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
        TestChannel test = await TestChannel.Over(ours, new AppHandler { KeepOpenAtReadEnd = true });
        const int size = 8 * 1024 * 1024;
        await test.App.WriteAsync(Data.Pattern(size));
        await test.App.WriteAsync([], isLast: true);

        Data.AssertPattern(await Task.Run(() => ReadToEnd(peer, 100_000)), size);
        peer.Send("still heard"u8);
        await test.App.UntilReceived(11);
        await test.Close();
        peer.Dispose();
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task Completions_come_in_order_once_and_never_inside_the_write(Transport transport)
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
        TestChannel test = await TestChannel.Over(ours);
        List<int> told = [];
        const int writes = 300;
        const int size = 50_001;
        await Loop.On(() =>
        {
            for (int i = 0; i < writes; i++)
            {
                int number = i;
                Assert.Equal(IoError.None, test.App.Write(Data.Pattern(size, i * size), error =>
                {
                    Assert.Equal(IoError.None, error);
                    told.Add(number);
                    test.App.Conditions.Changed();
                }));
            }

            Assert.Empty(told);
        });
        Task<byte[]> reading = Task.Run(() => ReadToEnd(peer, 65536));
        await test.App.Conditions.Until(Loop, () => told.Count == writes);
        await test.Close();

        Assert.Equal(Enumerable.Range(0, writes), told);
        Data.AssertPattern(await reading, writes * size);
        peer.Dispose();
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task A_handler_that_throws_takes_only_its_own_channel_down(Transport transport)
    {
        (TestChannel client, TestChannel server) = await TestChannel.Pair(transport, Fixture, oneLoop: true, server: new AppHandler
        {
            Reading = (_, _) => throw new InvalidOperationException("on purpose"),
        });
        (TestChannel beside, TestChannel besidePeer) = await TestChannel.Pair(transport, Fixture, oneLoop: true);
        await client.App.WriteAsync(new byte[10]);
        IoError error = await server.End;

        Assert.Equal(IoErrorCode.Unknown, error.Code);
        Assert.Contains("on purpose", error.Detail, StringComparison.Ordinal);
        Assert.Equal(IoErrorCode.SocketClosed, (await client.End).Code);
        await beside.App.WriteAsync(new byte[10]);
        await besidePeer.App.UntilReceived(10);
        await beside.Close();
        await besidePeer.End;
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task A_handler_that_throws_at_a_write_of_another_takes_the_channel_down(Transport transport)
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
        TestChannel test = await TestChannel.Over(ours, middle: channel => channel.AddLast(new ThrowingWriter()));

        // The write comes from a task: nobody but the loop is below it on the stack.
        Loop.Schedule(IoTask.Create((_, _) => test.App.Write("x"u8), 0));

        IoError error = await test.End;
        Assert.Equal(IoErrorCode.Unknown, error.Code);
        Assert.Contains("on purpose", error.Detail, StringComparison.Ordinal);
        Assert.Equal(0, peer.Receive(new byte[1]));
        peer.Dispose();
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task A_refusal_further_right_ends_the_channel_and_the_reading(Transport transport)
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
        Refusing refusing = new();
        TestChannel test = await TestChannel.Over(ours, middle: channel => channel.AddLast(refusing));

        // More than one read's worth, and no more than the kernel takes at once: the channel may be gone before a longer send is over.
        Assert.Equal(40_000, await Task.Run(() => peer.Send(new byte[40_000])));

        Assert.Equal(IoErrorCode.NoPermission, (await test.End).Code);
        Assert.Equal(1, refusing.Count);
        peer.Dispose();
    }

    [Theory]
    [InlineData(Transport.Tcp4, false)]
    [InlineData(Transport.Tcp4, true)]
    [InlineData(Transport.Unix, false)]
    [InlineData(Transport.Unix, true)]
    public async Task A_channel_may_be_ended_in_every_callback(Transport transport, bool abort)
    {
        void End(IoChannel channel)
        {
            if (abort)
            {
                channel.Abort(IoErrorCode.NoPermission);
            }
            else
            {
                channel.Shutdown(IoErrorCode.NoPermission);
            }
        }

        // While reading. A single byte, of which no second piece can meet a peer that has gone.
        (TestChannel client, TestChannel server) = await TestChannel.Pair(
            transport, Fixture, server: new AppHandler { Reading = (app, _) => End(app.Slot!.Channel) });
        await client.App.WriteAsync(new byte[1]);
        Assert.Equal(IoErrorCode.NoPermission, (await server.End).Code);
        await client.End;

        // At the peer's end.
        AppHandler ending = new() { KeepOpenAtReadEnd = true, ReadEnding = app => End(app.Slot!.Channel) };
        (client, server) = await TestChannel.Pair(transport, Fixture, server: ending);
        await client.Close();
        Assert.Equal(IoErrorCode.NoPermission, (await server.End).Code);

        // When a write completes, and while shutting down.
        (client, server) = await TestChannel.Pair(
            transport, Fixture, server: new AppHandler { ShuttingDown = (app, _) => End(app.Slot!.Channel) });
        await server.App.WriteAsync(new byte[100], _ => End(server.Channel));
        Assert.Equal(IoErrorCode.NoPermission, (await server.End).Code);
        await client.End;
        Assert.Equal((1, 1), (client.Shutdowns, server.Shutdowns));

        // When a write fails because the peer has gone.
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
        TestChannel test = await TestChannel.Over(ours, new AppHandler { KeepOpenAtReadEnd = true });
        await test.App.WriteAsync(new byte[32 * 1024 * 1024], _ => End(test.Channel));
        peer.Dispose();
        Assert.True((await test.End).IsError);
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task A_loop_that_ends_ends_its_channels_and_completes_their_writes(Transport transport)
    {
        EventLoopGroup group = Infrastructure.LoopBackend.Platform.NewGroup();
        SocketPair sockets = await SocketPair.Open(transport, group[0], Loop);
        List<IoError> completions = [];
        TestChannel idle = await TestChannel.Over(sockets.Client);
        await idle.App.WriteAsync(new byte[32 * 1024 * 1024], completions.Add);
        SocketPair others = await SocketPair.Open(transport, group[0], Loop);
        TestChannel waiting = await TestChannel.Over(others.Client);
        await waiting.App.WriteAsync(new byte[32 * 1024 * 1024], completions.Add);
        waiting.Channel.Shutdown(IoErrorCode.NoPermission);
        await group[0].Ticks(3);

        await group.DisposeAsync().AsTask().Within();

        Assert.Equal(IoErrorCode.EventLoopShutdown, (await idle.End).Code);
        Assert.Equal(IoErrorCode.NoPermission, (await waiting.End).Code);
        Assert.Equal([IoErrorCode.SocketClosed, IoErrorCode.SocketClosed], completions.Select(error => error.Code));
        Assert.Equal((1, 1), (idle.Shutdowns, waiting.Shutdowns));
        await SocketPair.CloseOn(sockets.Server);
        await SocketPair.CloseOn(others.Server);
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task A_socket_handler_takes_no_input_and_its_socket_along_when_it_is_removed(Transport transport)
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
        TestChannel test = await TestChannel.Over(ours);
        await Loop.On(() =>
        {
            IoMessage message = test.Channel.RentMessage(1);
            Assert.Equal(IoErrorCode.ChannelCantAcceptInput, test.Transport!.OnRead(test.Transport.Slot!, message).Code);
            message.Release();
            test.Transport.Slot!.Remove();
            Assert.False(ours.IsOpen);
        });

        Assert.Equal(0, peer.Receive(new byte[1]));
        Assert.Equal(IoError.None, await test.Close());
        peer.Dispose();
    }

    private static byte[] ReadToEnd(Socket peer, int step)
    {
        using MemoryStream all = new();
        byte[] buffer = new byte[step];
        int count;
        while ((count = peer.Receive(buffer)) > 0)
        {
            all.Write(buffer, 0, count);
        }

        return all.ToArray();
    }

    private sealed class ThrowingWriter : ChannelHandler
    {
        protected internal override IoError OnWrite(ChannelSlot slot, IoMessage message)
        {
            message.Release();
            throw new InvalidOperationException("on purpose");
        }
    }

    private sealed class Waiting(ChannelDirection awaited) : ChannelHandler
    {
        internal TaskCompletionSource<bool> Asked { get; } = Waits.NewSource<bool>();

        protected internal override void OnShutdown(ChannelSlot slot, ChannelDirection direction, IoError reason, ShutdownMode mode)
        {
            if (direction == awaited)
            {
                Asked.SetResult(true);
            }
            else
            {
                slot.CompleteShutdown(direction, reason, mode);
            }
        }
    }

    private sealed class Refusing : ChannelHandler
    {
        internal int Count { get; private set; }

        protected internal override IoError OnRead(ChannelSlot slot, IoMessage message)
        {
            Count++;
            return IoErrorCode.NoPermission;
        }
    }
}

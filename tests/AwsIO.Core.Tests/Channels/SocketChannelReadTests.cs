using System.Net.Sockets;
using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Channels;

/// <summary>What a peer sends reaches the application whole, whatever the window and whenever the peer goes.</summary>
public sealed class SocketChannelReadTests(LoopFixture fixture) : TransportTest(fixture)
{
    // Counts the bytes of single reads.
    [Theory]
    [ClassData(typeof(EveryTransport))]
    [Trait("Upstream", "socket_handler_echo_and_backpressure")]
    [Trait("Category", "ExactCalls")]
    public async Task A_window_of_a_few_bytes_gives_messages_of_a_few_bytes(Transport transport)
    {
        (TestChannel client, TestChannel server) = await TestChannel.Pair(
            transport,
            Fixture,
            new AppHandler { FirstWindow = 8, Refill = false },
            new AppHandler { FirstWindow = 9, Refill = false });
        byte[] question = "I wanna see some ID"u8.ToArray();
        byte[] answer = "Your ID is expired!"u8.ToArray();
        await client.App.WriteAsync(question);
        await server.App.WriteAsync(answer);
        await server.App.UntilReceived(9);
        await client.App.UntilReceived(8);
        await Ticks(server, 5);
        await Ticks(client, 5);
        Assert.Equal((9, 8), (server.App.ReceivedCount, client.App.ReceivedCount));
        Assert.Equal(9, Assert.Single(server.App.MessageSizes));
        Assert.Equal(8, Assert.Single(client.App.MessageSizes));

        await server.App.Grant(100);
        await client.App.Grant(100);
        await server.App.UntilReceived(question.Length);
        await client.App.UntilReceived(answer.Length);
        Assert.Equal(question, server.App.Received);
        Assert.Equal(answer, client.App.Received);

        await client.Close();
        await server.End;
    }

    [Theory]
    [InlineData(Transport.Unix)]
    [Trait("Upstream", "socket_handler_read_to_eof_after_peer_hangup")]
    public Task What_a_peer_that_has_gone_left_is_read_in_small_windows_over_unix(Transport transport) => ReadToEnd(transport, 128);

    [Theory]
    [InlineData(Transport.Tcp4)]
    [Trait("Upstream", "socket_handler_ipv4_read_to_eof_after_peer_hangup")]
    public Task What_a_peer_that_has_gone_left_is_read_in_small_windows_over_ipv4(Transport transport) => ReadToEnd(transport, 128);

    [Theory]
    [InlineData(Transport.Tcp6)]
    [Trait("Upstream", "socket_handler_ipv6_read_to_eof_after_peer_hangup")]
    public Task What_a_peer_that_has_gone_left_is_read_in_small_windows_over_ipv6(Transport transport) => ReadToEnd(transport, 128);

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task Windows_of_every_small_size_give_everything_and_then_the_end(Transport transport)
    {
        for (int window = 1; window <= 17; window++)
        {
            await ReadToEnd(transport, window, size: 101);
        }
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task Bytes_that_come_before_the_handlers_stand_are_not_lost(Transport transport)
    {
        for (int round = 0; round < 20; round++)
        {
            (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
            byte[] data = Data.Pattern(3000);
            Assert.Equal(data.Length, peer.Send(data));
            if (round % 2 == 0)
            {
                peer.Dispose();
            }

            // The socket handler stands first, the application's comes some ticks later.
            await Loop.Ticks(round % 4);
            AppHandler app = new();
            TestChannel test = await TestChannel.Make(Loop, app, test => test.Channel.AddLast(new SocketChannelHandler(ours)));
            await Loop.Ticks(round % 3);
            await Loop.On(() => test.Channel.AddLast(app));
            await app.UntilReceived(data.Length);
            Data.AssertPattern(app.Received, data.Length);

            peer.Dispose();
            Assert.Equal(IoErrorCode.SocketClosed, (await test.End).Code);
        }
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    [Trait("Upstream", "socket_data_over_multiple_frames")]
    public async Task Sixteen_mebibytes_arrive_whole_and_in_order_both_ways(Transport transport)
    {
        const int size = 16 * 1024 * 1024;
        (TestChannel client, TestChannel server) = await TestChannel.Pair(transport, Fixture);
        byte[] data = Data.Pattern(size);
        await client.App.WriteAsync(data);
        await server.App.WriteAsync(data);
        await server.App.UntilReceived(size);
        await client.App.UntilReceived(size);
        Data.AssertPattern(server.App.Received, size);
        Data.AssertPattern(client.App.Received, size);

        await client.Close();
        Assert.Equal(IoErrorCode.SocketClosed, (await server.End).Code);
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task Short_reads_lose_no_edge(Transport transport)
    {
        // Each answer waits for the one before: an edge that is missed stops the game.
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop, socket => Prepare(socket, transport));
        TestChannel test = await TestChannel.Over(ours, new AppHandler
        {
            Reading = (app, message) => Assert.Equal(IoError.None, app.Write(message.Data)),
        });
        Random random = new(1);
        byte[] buffer = new byte[70_000];
        for (int round = 0; round < 500; round++)
        {
            // Around the sizes of a turn, where a read is just full or just short.
            int size = round % 3 == 0 ? 16 * 1024 : random.Next(1, 40_000);
            peer.Send(buffer.AsSpan(0, size));
            for (int total = 0; total < size;)
            {
                int count = peer.Receive(buffer);
                Assert.NotEqual(0, count);
                total += count;
            }
        }

        peer.Dispose();
        Assert.Equal(IoErrorCode.SocketClosed, (await test.End).Code);
    }

    [Theory]
    [ClassData(typeof(EveryTcp))]
    public async Task Bytes_behind_urgent_data_are_not_left_lying(Transport transport)
    {
        // The kernel ends a read before urgent data: a short read that has not emptied the socket.
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop, socket => Prepare(socket, transport));
        TestChannel test = await TestChannel.Over(ours, new AppHandler { FirstWindow = 0, Refill = false });
        peer.Send("ab"u8);
        peer.Send("!"u8, SocketFlags.OutOfBand);
        peer.Send("cd"u8);
        using (Socket view = new(new SafeSocketHandle(ours.Descriptor, ownsHandle: false)))
        {
            while (view.Available < 2)
            {
                Assert.True(view.Poll(30_000_000, SelectMode.SelectRead));
            }
        }

        await Loop.Ticks(5);
        await test.App.Grant(100);
        await test.App.UntilReceived(4);
        Assert.Equal("abcd"u8.ToArray(), test.App.Received);
        peer.Dispose();
        await test.End;
    }

    [Theory]
    [ClassData(typeof(EveryTcp))]
    public async Task A_reset_ends_the_channel_with_its_errno_after_the_bytes_before_it(Transport transport)
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
        TestChannel test = await TestChannel.Over(ours);
        peer.Send("tail"u8);
        await test.App.UntilReceived(4);
        peer.LingerState = new LingerOption(true, 0);
        peer.Dispose();
        IoError error = await test.End;

        Assert.Equal((IoErrorCode.SocketClosed, Native.Unix.Errno.ECONNRESET), (error.Code, error.NativeError));
        Assert.Empty(test.App.ReadEnds);
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task Without_a_window_the_end_waits_for_one(Transport transport)
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
        TestChannel test = await TestChannel.Over(ours, new AppHandler { FirstWindow = 0, Refill = false });
        peer.Dispose();
        await Loop.Ticks(5);
        Assert.Equal(ChannelState.Active, test.Channel.State);
        await test.App.Grant(1);

        Assert.Equal(IoErrorCode.SocketClosed, (await test.End).Code);
        Assert.Single(test.App.ReadEnds);
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task Without_back_pressure_data_flows_whatever_the_window(Transport transport)
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
        TestChannel test = await TestChannel.Over(ours, new AppHandler { FirstWindow = 0, Refill = false }, backPressure: false);
        byte[] data = Data.Pattern(100_000);
        await Task.Run(() => peer.Send(data));
        await test.App.UntilReceived(data.Length);
        Data.AssertPattern(test.App.Received, data.Length);
        peer.Dispose();
        await test.End;
    }

    private static Task Ticks(TestChannel channel, int count) => channel.Loop.Ticks(count);

    private static void Prepare(Socket socket, Transport transport)
    {
        if (transport != Transport.Unix)
        {
            socket.NoDelay = true;
        }
    }

    private async Task ReadToEnd(Transport transport, int window, int size = 1000)
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
        TestChannel test = await TestChannel.Over(ours, new AppHandler { FirstWindow = 0, Refill = false });
        peer.Send(Data.Pattern(size));
        peer.Dispose();
        await Loop.Ticks(3);
        Assert.Empty(test.App.MessageSizes);
        int received = 0;
        while (received < size)
        {
            Assert.Equal(ChannelState.Active, test.Channel.State);
            await test.App.Grant(window);
            int expected = Math.Min(received + window, size);
            await test.App.UntilReceived(expected);
            Assert.Equal(expected, test.App.ReceivedCount);
            received = expected;
        }

        await test.App.Grant(window);
        Assert.Equal(IoErrorCode.SocketClosed, (await test.End).Code);
        Data.AssertPattern(test.App.Received, size);
        Assert.All(test.App.MessageSizes, message => Assert.InRange(message, 1, window));
        Assert.Single(test.App.ReadEnds);
    }
}

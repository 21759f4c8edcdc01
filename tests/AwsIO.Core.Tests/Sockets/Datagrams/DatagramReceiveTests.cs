using AwsIO.Tests.Infrastructure.Transports;
using static AwsIO.Tests.Infrastructure.Transports.Datagrams;

namespace AwsIO.Tests.Sockets.Datagrams;

public sealed class DatagramReceiveTests(LoopFixture fixture) : TransportTest(fixture)
{
    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task The_sender_is_told_and_can_be_answered(Transport transport)
    {
        IoSocket server = Bound(transport, Loop);
        IoSocket client = Bound(transport, Fixture.OtherLoop);
        Inbox atServer = await Inbox.Of(server);
        Inbox atClient = await Inbox.Of(client);

        Assert.Equal(IoError.None, await Send(client, Bytes("ping"), AddressOf(server)));
        Received ping = await atServer.Next();
        Assert.Equal("ping", ping.Text);
        Assert.Equal(EndpointOf(client), ping.Sender.ToEndpoint());
        Assert.Equal(AddressOf(client), ping.Sender);
        Assert.Equal(IoError.None, await Send(server, Bytes("pong"), ping.Sender));
        Received pong = await atClient.Next();
        Assert.Equal(("pong", AddressOf(server)), (pong.Text, pong.Sender));

        await SocketPair.CloseOn(client);
        await SocketPair.CloseOn(server);
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task An_empty_datagram_is_a_datagram_and_no_end(Transport transport)
    {
        IoSocket server = Bound(transport, Loop);
        IoSocket client = await Connected(transport, EndpointOf(server), Loop);
        foreach (string text in (string[])["", "between", ""])
        {
            Assert.Equal(IoError.None, await Send(client, Bytes(text)));
        }

        (byte[] first, DatagramInfo info) = await ReceiveOne(server);
        Assert.Empty(first);
        Assert.False(info.IsTruncated);
        Assert.Equal(7, await ReadOne(server));
        Assert.Equal(0, await ReadOne(server));

        Inbox inbox = await Inbox.Of(server);
        Assert.Equal(IoError.None, await Send(client, []));
        Received empty = await inbox.Next();
        Assert.Equal((0, false, IoError.None), (empty.Data.Length, empty.IsTruncated, empty.Error));
        Assert.True(server.IsOpen);

        await SocketPair.CloseOn(client);
        await SocketPair.CloseOn(server);
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task What_there_is_no_room_for_is_told_as_truncated(Transport transport)
    {
        IoSocket server = Bound(transport, Loop);
        IoSocket client = await Connected(transport, EndpointOf(server), Loop);
        foreach (string text in (string[])["1234567", "123456", "", "x", "ab", "abc"])
        {
            Assert.Equal(IoError.None, await Send(client, Bytes(text)));
        }

        (byte[] cut, DatagramInfo info) = await ReceiveOne(server, 6);
        Assert.Equal("123456"u8.ToArray(), cut);
        Assert.True(info.IsTruncated);
        (byte[] fits, info) = await ReceiveOne(server, 6);
        Assert.Equal("123456"u8.ToArray(), fits);
        Assert.False(info.IsTruncated);
        (_, info) = await ReceiveOne(server, 0);
        Assert.Equal((0, false), (info.Length, info.IsTruncated));
        (_, info) = await ReceiveOne(server, 0);
        Assert.Equal((0, true), (info.Length, info.IsTruncated));

        Inbox inbox = await Inbox.Of(server, 8, 2);
        Received two = await inbox.Next();
        Assert.Equal(("ab", false), (two.Text, two.IsTruncated));
        Received three = await inbox.Next();
        Assert.Equal(("ab", true), (three.Text, three.IsTruncated));

        await SocketPair.CloseOn(client);
        await SocketPair.CloseOn(server);
    }

    [Fact]
    public async Task The_sender_of_an_unbound_Unix_socket_has_no_address()
    {
        IoSocket server = Bound(Transport.Unix, Loop);
        IoSocket client = Unbound(Transport.Unix, Loop);
        Assert.Equal(IoError.None, await Send(client, Bytes("who?"), AddressOf(server)));
        (byte[] data, DatagramInfo info) = await ReceiveOne(server);
        Assert.Equal("who?"u8.ToArray(), data);
        Assert.True(info.Sender.IsNone);
        Assert.Equal("(unnamed)", info.Sender.ToString());
        await SocketPair.CloseOn(client);
        await SocketPair.CloseOn(server);
    }

    // A fault plan may give less.
    [Theory]
    [InlineData(Transport.Tcp4, 1)]
    [InlineData(Transport.Tcp4, 7)]
    [InlineData(Transport.Tcp6, 64)]
    [InlineData(Transport.Unix, 4)]
    [Trait("Category", "ExactCalls")]
    public async Task A_batch_takes_as_many_as_it_has_room_for_in_order(Transport transport, int capacity)
    {
        int many = transport == Transport.Unix ? 8 : 40;
        IoSocket server = Bound(transport, Loop);
        IoSocket client = await Connected(transport, EndpointOf(server), Loop, transport.FreeEndpoint());
        for (int i = 0; i < many; i++)
        {
            Assert.Equal(IoError.None, await Send(client, Bytes($"datagram {i}")));
        }

        await Loop.On(() =>
        {
            DatagramBatch batch = new(capacity, 100);
            for (int i = 0; i < many;)
            {
                Assert.Equal(IoError.None, server.Receive(batch));
                Assert.Equal(Math.Min(capacity, many - i), batch.Count);
                for (int j = 0; j < batch.Count; j++, i++)
                {
                    Assert.Equal($"datagram {i}", System.Text.Encoding.UTF8.GetString(batch[j].Data));
                    Assert.True(batch[j].Sender == AddressOf(client));
                }
            }

            Assert.Equal(IoErrorCode.ReadWouldBlock, server.Receive(batch).Code);
            Assert.Equal(0, batch.Count);
            Assert.Throws<ArgumentOutOfRangeException>(() => batch[0].IsTruncated);
        });
        await SocketPair.CloseOn(client);
        await SocketPair.CloseOn(server);
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task What_came_before_receiving_started_is_handed_over(Transport transport)
    {
        IoSocket server = Bound(transport, Loop);
        IoSocket client = await Connected(transport, EndpointOf(server), Fixture.OtherLoop);
        Assert.Equal(IoError.None, await Send(client, Bytes("early")));
        await Loop.Ticks(3);
        Inbox inbox = await Inbox.Of(server);
        Assert.Equal("early", (await inbox.Next()).Text);
        await SocketPair.CloseOn(client);
        await SocketPair.CloseOn(server);
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task Receiving_can_be_stopped_in_the_callback_and_started_again(Transport transport)
    {
        IoSocket server = Bound(transport, Loop);
        IoSocket client = await Connected(transport, EndpointOf(server), Loop);
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(IoError.None, await Send(client, Bytes($"{i}")));
        }

        Inbox inbox = await Inbox.Of(server, capacity: 1, onBatch: () => Assert.Equal(IoError.None, server.StopReceive()));
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal($"{i}", (await inbox.Next()).Text);
            await Loop.Ticks(3);
            Assert.Equal(i + 1, inbox.Batches);
            await Loop.On(() => Assert.Equal(IoError.None, inbox.Start()));
        }

        await Loop.On(() =>
        {
            Assert.Equal(IoErrorCode.AlreadySubscribed, inbox.Start().Code);
            Assert.Equal(IoErrorCode.AlreadySubscribed, server.SubscribeReadable(static (_, _, _) => { }, null).Code);
            Assert.Equal(IoError.None, server.StopReceive());
            Assert.Equal(IoError.None, server.StopReceive());
        });
        await SocketPair.CloseOn(client);
        await SocketPair.CloseOn(server);
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task The_socket_can_be_closed_in_the_callback(Transport transport)
    {
        IoSocket server = Bound(transport, Loop);
        IoSocket client = await Connected(transport, EndpointOf(server), Loop);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(IoError.None, await Send(client, Bytes($"{i}")));
        }

        Inbox inbox = await Inbox.Of(server, capacity: 1, onBatch: server.Dispose);
        Assert.Equal("0", (await inbox.Next()).Text);
        await Loop.Ticks(3);
        Assert.Equal(1, inbox.Batches);
        await SocketPair.CloseOn(client);
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task A_callback_that_throws_misses_nothing_that_comes_later(Transport transport)
    {
        IoSocket server = Bound(transport, Loop);
        IoSocket client = await Connected(transport, EndpointOf(server), Loop);
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(IoError.None, await Send(client, Bytes($"{i}")));
        }

        Inbox inbox = await Inbox.Of(server, capacity: 1, onBatch: static () => throw new InvalidOperationException("on purpose"));
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal($"{i}", (await inbox.Next()).Text);
        }

        await SocketPair.CloseOn(client);
        await SocketPair.CloseOn(server);
    }

    // The flood never ends: it is the socket itself that sends a datagram for each that it has received.
    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task A_flood_leaves_the_loop_s_other_work_its_turns(Transport transport)
    {
        IoSocket server = Bound(transport, Loop);
        DatagramAddress self = AddressOf(server);
        byte[] data = Bytes("again");
        int received = 0;
        int most = 0;
        DatagramBatch batch = new(4, 100);
        int flood = transport == Transport.Unix ? 5 : 40;
        await Loop.On(() =>
        {
            for (int i = 0; i < flood; i++)
            {
                Assert.Equal(IoError.None, server.SendTo(data, self, static (_, _, _, _) => { }, null));
            }

            Assert.Equal(IoError.None, server.StartReceive(
                batch,
                (socket, error, datagrams, _) =>
                {
                    received += datagrams.Count;
                    for (int i = 0; i < datagrams.Count; i++)
                    {
                        Assert.Equal(IoError.None, socket.SendTo(data, self, static (_, _, _, _) => { }, null));
                    }
                },
                null));
        });

        // While it goes on, tasks come to their turn, and in between no more than a few batches are received.
        int before = 0;
        for (int i = 0; i < 200; i++)
        {
            TaskCompletionSource<int> turn = Waits.NewSource<int>();
            await Loop.On(() =>
            {
                before = received;
                Loop.Schedule(IoTask.Create((_, _) => turn.SetResult(received - before), 0));
            });
            most = Math.Max(most, await turn.Task.Within());
        }

        // One turn by the event and one by the task of the turn before it.
        Assert.InRange(most, 1, 3 * batch.Capacity);
        await SocketPair.CloseOn(server);
    }

    [Fact]
    public async Task The_end_of_the_loop_is_told_once()
    {
        EventLoopGroup group = Infrastructure.LoopBackend.Platform.NewGroup();
        IoSocket server = Bound(Transport.Tcp4, group[0]);
        Inbox inbox = await Inbox.Of(server);
        await group.DisposeAsync().AsTask().Within();
        Assert.Equal(IoErrorCode.EventLoopShutdown, (await inbox.Next()).Error.Code);
        Assert.Equal(1, inbox.Batches);
        Assert.False(server.IsOpen);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(-1, 1)]
    [InlineData(1025, 1)]
    [InlineData(1, 0)]
    [InlineData(1, 65536)]
    public void A_batch_is_of_legal_size(int capacity, int size) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new DatagramBatch(capacity, size));

    /// <summary>As upstream reads, whenever there is something.</summary>
    private static async Task<int> ReadOne(IoSocket socket)
    {
        while (true)
        {
            (IoError error, int length) = await socket.EventLoop!.On(() =>
            {
                IoError result = socket.Read(new byte[10], out int count);
                return (result, count);
            });
            if (error.Code != IoErrorCode.ReadWouldBlock)
            {
                Assert.Equal(IoError.None, error);
                return length;
            }

            await Task.Yield();
        }
    }
}

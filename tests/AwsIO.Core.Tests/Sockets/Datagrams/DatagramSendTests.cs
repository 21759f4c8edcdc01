using AwsIO.Tests.Infrastructure.Transports;
using static AwsIO.Tests.Infrastructure.Transports.Datagrams;

namespace AwsIO.Tests.Sockets.Datagrams;

public sealed class DatagramSendTests(LoopFixture fixture) : TransportTest(fixture)
{
    [Theory]
    [ClassData(typeof(EveryTcp))]
    public async Task The_first_datagram_binds_a_new_socket_which_can_be_answered(Transport transport)
    {
        IoSocket server = Bound(transport, Loop);
        IoSocket client = Unbound(transport, Fixture.OtherLoop);
        Assert.Equal(IoErrorCode.SocketNotConnected, await Fixture.OtherLoop.On(() => client.ReceiveFrom(new byte[1], out _).Code));
        Assert.Equal(IoError.None, await Send(client, Bytes("ping"), AddressOf(server)));
        (_, DatagramInfo info) = await ReceiveOne(server);
        Assert.Equal(EndpointOf(client).Port, info.Sender.ToEndpoint().Port);
        Assert.Equal(IoError.None, await Send(server, Bytes("pong"), info.Sender));
        (byte[] pong, _) = await ReceiveOne(client);
        Assert.Equal("pong"u8.ToArray(), pong);
        await SocketPair.CloseOn(client);
        await SocketPair.CloseOn(server);
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task Many_datagrams_arrive_and_are_told_in_order_once_each(Transport transport)
    {
        int many = transport == Transport.Unix ? 500 : 100;
        IoSocket server = Bound(transport, Loop);
        IoSocket client = Unbound(transport, Fixture.OtherLoop);
        Inbox inbox = await Inbox.Of(server, capacity: 16);
        DatagramAddress to = AddressOf(server);
        List<int> told = [];
        TaskCompletionSource all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        OutgoingDatagram[] datagrams = [.. Enumerable.Range(0, many).Select(i => new OutgoingDatagram(Bytes(i % 7 == 0 ? "" : $"{i}"), to, i))];
        await Fixture.OtherLoop.On(() =>
        {
            Assert.Equal(IoError.None, client.SendMany(
                datagrams,
                (_, error, count, state) =>
                {
                    Assert.Equal(IoError.None, error);
                    Assert.Equal(datagrams[(int)state!].Data.Length, count);
                    told.Add((int)state);
                    if (told.Count == many)
                    {
                        all.SetResult();
                    }
                }));
            Assert.Empty(told);
        });
        for (int i = 0; i < many; i++)
        {
            Assert.Equal(i % 7 == 0 ? "" : $"{i}", (await inbox.Next()).Text);
        }

        await all.Task.Within();
        Assert.Equal(Enumerable.Range(0, many), told);
        Assert.Equal(0, await Fixture.OtherLoop.On(() => client.QueuedBytes));
        await SocketPair.CloseOn(client);
        await SocketPair.CloseOn(server);
    }

    // A Unix domain socket holds a few datagrams only; of room in it the system tells the one that is connected to it, and no other.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_the_receiver_has_no_room_for_waits_until_it_has(bool isConnected)
    {
        const int many = 2000;
        IoSocket server = Bound(Transport.Unix, Loop);
        DatagramAddress to = isConnected ? default : AddressOf(server);
        IoSocket client = isConnected
            ? await Connected(Transport.Unix, EndpointOf(server), Fixture.OtherLoop)
            : Unbound(Transport.Unix, Fixture.OtherLoop);
        int told = 0;
        await Fixture.OtherLoop.On(() =>
        {
            for (int i = 0; i < many; i++)
            {
                byte[] data = Bytes($"{i:D5}");
                SocketWriteCallback count = (_, error, _, _) => told += error.IsNone ? 1 : many;
                Assert.Equal(IoError.None, isConnected ? client.Write(data, count, null) : client.SendTo(data, to, count, null));
            }

            Assert.InRange(client.QueuedBytes, 1, 5 * many);
        });
        await Fixture.OtherLoop.Ticks(3);
        Assert.InRange(await Fixture.OtherLoop.On(() => told), 0, many - 1);

        Inbox inbox = await Inbox.Of(server, capacity: 64);
        for (int i = 0; i < many; i++)
        {
            Assert.Equal($"{i:D5}", (await inbox.Next()).Text);
        }

        await Fixture.OtherLoop.Ticks(2);
        Assert.Equal((many, 0), await Fixture.OtherLoop.On(() => (told, (int)client.QueuedBytes)));
        await SocketPair.CloseOn(client);
        await SocketPair.CloseOn(server);
    }

    [Theory]
    [ClassData(typeof(EveryTcp))]
    public async Task A_datagram_that_is_too_large_fails_alone(Transport transport)
    {
        IoSocket server = Bound(transport, Loop);
        IoSocket client = await Connected(transport, EndpointOf(server), Loop);
        Inbox inbox = await Inbox.Of(server, size: DatagramBatch.LargestDatagram);
        int largest = transport == Transport.Tcp4 ? 65_507 : 65_527;
        IoError error = await Send(client, new byte[largest + 1]);
        Assert.Equal(IoErrorCode.InvalidArgument, error.Code);
        Assert.Contains("too large", error.Detail, StringComparison.Ordinal);
        Assert.Equal(IoError.None, await Send(client, new byte[largest]));
        Assert.Equal(largest, (await inbox.Next()).Data.Length);

        // Queued between others, it ends none of them, and is told in its place.
        List<string> told = [];
        TaskCompletionSource all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await Loop.On(() => Assert.Equal(IoError.None, client.SendMany(
            [
                new OutgoingDatagram(Bytes("a"), default, "a"), new OutgoingDatagram(new byte[70_000], default, "large"),
                new OutgoingDatagram(Bytes("b"), default, "b"), new OutgoingDatagram(new byte[70_000], default, "last"),
            ],
            (_, failure, count, state) =>
            {
                told.Add($"{state} {failure.Code} {count}");
                if (told.Count == 4)
                {
                    all.SetResult();
                }
            })));
        await all.Task.Within();
        Assert.Equal(["a Success 1", "large InvalidArgument 0", "b Success 1", "last InvalidArgument 0"], told);
        Assert.Equal("a", (await inbox.Next()).Text);
        Assert.Equal("b", (await inbox.Next()).Text);
        await SocketPair.CloseOn(client);
        await SocketPair.CloseOn(server);
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task A_connected_socket_sends_to_its_peer_alone_and_others_need_an_address(Transport transport)
    {
        IoSocket server = Bound(transport, Loop);
        IoSocket client = await Connected(transport, EndpointOf(server), Loop);
        await Loop.On(() =>
        {
            DatagramAddress to = AddressOf(server);
            Assert.Equal(IoErrorCode.SocketIllegalOperationForState, client.SendTo(new byte[1], to, Unexpected, null).Code);
            Assert.Equal(
                IoErrorCode.SocketIllegalOperationForState,
                client.SendMany([new(new byte[1], default, null), new(new byte[1], to, null)], Unexpected).Code);
            Assert.Equal(IoErrorCode.SocketInvalidAddress, server.SendTo(new byte[1], default, Unexpected, null).Code);
            Assert.Equal(IoErrorCode.SocketInvalidAddress, server.SendMany([new(new byte[1], default, null)], Unexpected).Code);
            Assert.Equal(IoError.None, server.SendMany([], Unexpected));
            Assert.Equal(IoErrorCode.ReadWouldBlock, server.ReceiveFrom(new byte[1], out _).Code);
        });
        await SocketPair.CloseOn(client);
        await SocketPair.CloseOn(server);
    }

    // Under a fault plan the first one may have to wait.
    [Fact]
    [Trait("Category", "ExactCalls")]
    public async Task The_close_tells_of_everything_in_order_and_then_of_itself()
    {
        IoSocket server = Bound(Transport.Unix, Loop);
        IoSocket client = await Connected(Transport.Unix, EndpointOf(server), Fixture.OtherLoop);
        List<string> told = [];
        await Fixture.OtherLoop.On(() =>
        {
            Assert.Equal(IoError.None, client.SubscribeClosed((_, _, _) => told.Add("closed"), null));
            for (int i = 0; i < 2000; i++)
            {
                Assert.Equal(IoError.None, client.Write(
                    Bytes("x"),
                    (socket, error, count, state) =>
                    {
                        told.Add($"{state} {error.Code} {count}");
                        socket.Dispose();
                        Assert.Equal(IoErrorCode.SocketNotConnected, socket.Write(new byte[1], Unexpected, null).Code);
                    },
                    i));
            }

            Assert.True(client.QueuedBytes > 0);
            client.Dispose();
            Assert.Equal(2001, told.Count);
        });
        Assert.Equal("0 Success 1", told[0]);
        Assert.Equal("1999 SocketClosed 0", told[^2]);
        Assert.Equal("closed", told[^1]);
        Assert.Equal(Enumerable.Range(0, 2000), told.SkipLast(1).Select(static line => int.Parse(line.Split(' ')[0])));
        await SocketPair.CloseOn(server);
    }

    [Fact]
    public async Task A_broadcast_needs_leave_and_its_refusal_is_that_datagram_s_alone()
    {
        IoSocket client = Bound(Transport.Tcp4, Loop);
        DatagramAddress everybody = DatagramAddress.From(SocketEndpoint.Udp("255.255.255.255", 9)).Value;
        IoError error = await Send(client, Bytes("all"), everybody);
        Assert.Equal(IoErrorCode.NoPermission, error.Code);
        Assert.Contains("255.255.255.255:9", error.Detail, StringComparison.Ordinal);
        Assert.Equal(IoError.None, await Send(client, Bytes("me"), AddressOf(client)));
        (byte[] data, _) = await ReceiveOne(client);
        Assert.Equal("me"u8.ToArray(), data);
        await SocketPair.CloseOn(client);
    }
}

using AwsIO.Tests.Infrastructure.Transports;
using static AwsIO.Tests.Infrastructure.Transports.Datagrams;

namespace AwsIO.Tests.Sockets.Datagrams;

/// <summary>What comes back for datagrams that nobody takes.</summary>
public sealed class DatagramErrorTests(LoopFixture fixture) : TransportTest(fixture)
{
    // The refusal comes while nothing is asked of the socket: only the event can tell of it.
    [Theory]
    [ClassData(typeof(EveryTcp))]
    public async Task A_refusal_is_told_to_who_subscribed_and_the_socket_goes_on(Transport transport)
    {
        (IoSocket client, SocketEndpoint nobody) = await Refused(transport);
        TaskCompletionSource<IoError> told = Waits.NewSource<IoError>();
        int calls = 0;
        await Loop.On(() => Assert.Equal(IoError.None, client.SubscribeReadable(
            (socket, error, _) =>
            {
                calls++;

                // A kernel with kqueue tells of something to read, and the read tells what.
                error = error.IsError ? error : socket.Read(new byte[100], out int _);
                if (error.Code is not (IoErrorCode.Success or IoErrorCode.ReadWouldBlock))
                {
                    told.TrySetResult(error);
                }
            },
            null)));
        Assert.Equal(IoError.None, await Send(client, Bytes("anybody?")));
        IoError error = await told.Task.Within();
        Assert.Equal(IoErrorCode.SocketConnectionRefused, error.Code);
        Assert.Contains(nobody.ToString(), error.Detail, StringComparison.Ordinal);
        Assert.True(client.IsOpen);

        // Somebody comes: the same socket talks to them, both ways.
        IoSocket server = Bound(transport, Loop, nobody);
        Assert.Equal(IoError.None, await Send(client, Bytes("now?")));
        (byte[] data, DatagramInfo info) = await ReceiveOne(server);
        Assert.Equal("now?"u8.ToArray(), data);
        int before = await Loop.On(() => calls);
        Assert.Equal(IoError.None, await Send(server, Bytes("yes"), info.Sender));
        while (await Loop.On(() => calls) == before)
        {
            await Task.Yield();
        }

        await SocketPair.CloseOn(client);
        await SocketPair.CloseOn(server);
    }

    [Theory]
    [ClassData(typeof(EveryTcp))]
    public async Task A_refusal_is_told_to_who_receives_and_datagrams_go_on(Transport transport)
    {
        (IoSocket client, SocketEndpoint nobody) = await Refused(transport);
        Inbox inbox = await Inbox.Of(client);
        for (int i = 0; i < 3; i++)
        {
            // A write that comes upon the refusal of the one before tells of it in the receiver's place.
            IoError error = await Send(client, Bytes("anybody?"));
            Received received = await inbox.Next();
            Assert.Equal((IoError.None, IoErrorCode.SocketConnectionRefused), (error, received.Error.Code));
        }

        IoSocket server = Bound(transport, Loop, nobody);
        Assert.Equal(IoError.None, await Send(client, Bytes("now?")));
        (_, DatagramInfo info) = await ReceiveOne(server);
        Assert.Equal(IoError.None, await Send(server, Bytes("yes"), info.Sender));
        Assert.Equal("yes", (await inbox.Next()).Text);
        await SocketPair.CloseOn(client);
        await SocketPair.CloseOn(server);
    }

    [Theory]
    [ClassData(typeof(EveryTcp))]
    [Trait("Category", "ExactCalls")]
    public async Task A_refusal_that_nobody_was_told_of_fails_the_next_datagram_alone(Transport transport)
    {
        (IoSocket client, _) = await Refused(transport);
        await Loop.On(() =>
        {
            // In one turn of the loop no event comes in between; over loopback the refusal is there when the call returns.
            int told = 0;
            SocketWriteCallback count = (_, _, _, _) => told++;
            Assert.Equal(IoError.None, client.Write(Bytes("1"), count, null));
            Assert.Equal(IoErrorCode.SocketConnectionRefused, client.Write(Bytes("2"), Unexpected, null).Code);
            Assert.Equal(IoError.None, client.Write(Bytes("3"), count, null));
            Assert.Equal(IoErrorCode.SocketConnectionRefused, client.ReceiveFrom(new byte[1], out _).Code);
            Assert.Equal(IoErrorCode.ReadWouldBlock, client.ReceiveFrom(new byte[1], out _).Code);
            Assert.Equal(IoError.None, client.Write(Bytes("4"), count, null));
            Assert.Equal(IoErrorCode.SocketConnectionRefused, client.GetError().Code);
            Assert.Equal(IoError.None, client.GetError());
            Assert.Equal(0, told);
        });
        await SocketPair.CloseOn(client);
    }

    [Fact]
    public async Task A_Unix_address_that_nobody_has_fails_the_datagram_alone()
    {
        IoSocket server = Bound(Transport.Unix, Loop);
        IoSocket client = Unbound(Transport.Unix, Loop);
        SocketEndpoint nobody = Transport.Unix.FreeEndpoint();
        IoError missing = await Send(client, Bytes("x"), DatagramAddress.From(nobody).Value);
        Assert.Equal(IoErrorCode.FileInvalidPath, missing.Code);
        Assert.Contains(nobody.Address, missing.Detail, StringComparison.Ordinal);

        IoSocket gone = Bound(Transport.Unix, Loop);
        DatagramAddress left = AddressOf(gone);
        await SocketPair.CloseOn(gone);
        Assert.Equal(IoErrorCode.SocketConnectionRefused, (await Send(client, Bytes("x"), left)).Code);
        Assert.Equal(IoError.None, await Send(client, Bytes("here"), AddressOf(server)));
        (byte[] data, _) = await ReceiveOne(server);
        Assert.Equal("here"u8.ToArray(), data);
        await SocketPair.CloseOn(client);
        await SocketPair.CloseOn(server);
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task An_attempt_to_connect_fails_at_once(Transport transport)
    {
        using IoSocket socket = transport.NewDatagramSocket();
        SocketCallback never = static (_, _, _) => Assert.Fail("A failed call is told of.");
        SocketEndpoint nowhere = transport.FreeEndpoint();
        IoErrorCode expected = transport == Transport.Unix ? IoErrorCode.FileInvalidPath : IoErrorCode.SocketInvalidAddress;
        Assert.Equal(expected, socket.Connect(nowhere, Loop, never, null).Code);
        await Loop.Ticks(2);
    }

    /// <summary>A socket that is connected to an address which nobody has, and nobody else gets.</summary>
    private async Task<(IoSocket Client, SocketEndpoint Nobody)> Refused(Transport transport)
    {
        IoSocket gone = Bound(transport, Loop);
        SocketEndpoint nobody = EndpointOf(gone);
        IoSocket client = await Connected(transport, nobody, Loop);
        await SocketPair.CloseOn(gone);
        return (client, nobody);
    }
}

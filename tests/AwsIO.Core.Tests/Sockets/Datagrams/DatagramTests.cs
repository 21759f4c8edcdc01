using AwsIO.Tests.Infrastructure.Transports;
using static AwsIO.Tests.Infrastructure.Transports.Datagrams;

namespace AwsIO.Tests.Sockets.Datagrams;

/// <summary>What upstream has of datagrams: connecting, binding, reading, writing, and their errors.</summary>
public sealed class DatagramTests(LoopFixture fixture) : TransportTest(fixture)
{
    [Theory]
    [ClassData(typeof(EveryTransport))]
    [Trait("Upstream", "udp_socket_communication")]
    public async Task What_a_connected_socket_writes_a_bound_one_reads(Transport transport)
    {
        IoSocket server = Bound(transport, Loop);
        IoSocket client = await Connected(transport, EndpointOf(server), Fixture.OtherLoop);

        await Exchange(client, server, "what the client says");

        await SocketPair.CloseOn(client);
        await SocketPair.CloseOn(server);
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    [Trait("Upstream", "udp_bind_connect_communication")]
    public async Task A_bound_socket_connects_from_its_address_and_is_answered(Transport transport)
    {
        IoSocket server = Bound(transport, Loop);
        IoSocket client = await Connected(transport, EndpointOf(server), Fixture.OtherLoop, from: transport.FreeEndpoint());

        await Exchange(client, server, "what the client says");
        Assert.Equal(IoError.None, await Send(server, Bytes("and what it is told"), AddressOf(client)));
        (byte[] answer, DatagramInfo info) = await ReceiveOne(client);
        Assert.Equal("and what it is told", System.Text.Encoding.UTF8.GetString(answer));
        Assert.Equal(AddressOf(server), info.Sender);

        await SocketPair.CloseOn(client);
        await SocketPair.CloseOn(server);
    }

    [Theory]
    [ClassData(typeof(EveryTcp))]
    [Trait("Upstream", "test_socket_with_bind_to_interface")]
    public async Task Bound_to_the_loopback_interface_datagrams_go_over_it(Transport transport)
    {
        SocketOptions options = transport.DatagramOptions();
        options.NetworkInterface = "lo";
        IoResult<IoSocket> probe = IoSocket.Create(options);
        Assert.SkipWhen(probe.Error.Code == IoErrorCode.NoPermission, "This user may not bind a socket to an interface.");
        probe.Value.Dispose();

        IoSocket server = Bound(transport, Loop, static options => options.NetworkInterface = "lo");
        IoSocket client = await Connected(
            transport, EndpointOf(server), Loop, configure: static options => options.NetworkInterface = "lo");
        await Exchange(client, server, "over lo");
        await SocketPair.CloseOn(client);
        await SocketPair.CloseOn(server);
    }

    [Theory]
    [ClassData(typeof(EveryTcp))]
    [Trait("Upstream", "bind_on_zero_port_udp_ipv4")]
    public async Task Port_0_is_resolved_by_the_bind_and_stays(Transport transport)
    {
        IoSocket socket = transport.NewDatagramSocket();
        Assert.Equal(IoErrorCode.SocketIllegalOperationForState, socket.GetLocalEndpoint().Error.Code);
        Assert.Equal(IoError.None, socket.Bind(transport.FreeEndpoint()));
        SocketEndpoint first = EndpointOf(socket);
        Assert.InRange(first.Port, 1, 65535);
        Assert.Equal(transport.FreeEndpoint().Address, first.Address);
        Assert.Equal(first, EndpointOf(socket));

        TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Assert.Equal(IoError.None, socket.SubscribeClosed((_, _, _) => closed.SetResult(), null));
        Assert.Equal(IoError.None, socket.Close());
        await closed.Task.Within();
        Assert.False(socket.IsOpen);
    }

    [Fact]
    [Trait("Upstream", "incoming_udp_sock_errors")]
    public void A_wrong_address_cannot_be_bound()
    {
        using (IoSocket socket = Transport.Tcp4.NewDatagramSocket())
        {
            Assert.Equal(IoErrorCode.SocketInvalidAddress, socket.Bind(SocketEndpoint.Udp("127.0", 80)).Code);
            Assert.Equal(IoErrorCode.SocketInvalidAddress, socket.Bind(SocketEndpoint.Udp("::1", 0)).Code);

            // Nobody's address on this machine: from here on the socket is of no use.
            Assert.Equal(IoErrorCode.SocketInvalidAddress, socket.Bind(SocketEndpoint.Udp("192.0.2.1", 0)).Code);
            Assert.Equal(IoErrorCode.SocketIllegalOperationForState, socket.Bind(SocketEndpoint.Udp("127.0.0.1", 0)).Code);
        }
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task An_address_that_is_taken_is_not_taken_away(Transport transport)
    {
        IoSocket first = Bound(transport, Loop);
        using (IoSocket second = transport.NewDatagramSocket())
        {
            Assert.Equal(IoErrorCode.SocketAddressInUse, second.Bind(EndpointOf(first)).Code);
        }

        await SocketPair.CloseOn(first);
    }

    [Fact]
    public async Task Several_sockets_share_a_port_that_all_of_them_let_be_shared()
    {
        IoSocket first = Bound(Transport.Tcp4, Loop, static options => options.ReusePort = true);
        IoSocket second = Bound(Transport.Tcp4, Loop, EndpointOf(first), static options => options.ReusePort = true);
        await SocketPair.CloseOn(first);
        await SocketPair.CloseOn(second);
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task States_are_upstream_s(Transport transport)
    {
        using IoSocket socket = transport.NewDatagramSocket();
        Assert.Equal(IoErrorCode.SocketNotConnected, socket.SubscribeReadable(static (_, _, _) => { }, null).Code);
        Assert.Equal(IoErrorCode.SocketIllegalOperationForState, socket.Listen(1).Code);
        SocketEndpoint free = transport.FreeEndpoint();
        Assert.Equal(IoError.None, socket.Bind(free));
        TemporaryPaths.Add(free);
        Assert.Equal(IoErrorCode.SocketIllegalOperationForState, socket.Bind(transport.FreeEndpoint()).Code);
        Assert.Equal(IoErrorCode.SocketIllegalOperationForState, socket.Listen(1).Code);
        Assert.Equal(IoErrorCode.EventLoopThreadOnly, socket.SubscribeReadable(static (_, _, _) => { }, null).Code);
        Assert.Equal(IoErrorCode.EventLoopThreadOnly, socket.Read(new byte[1], out _).Code);
        Assert.Equal(IoError.None, socket.AssignTo(Loop));
        Assert.Equal(IoErrorCode.EventLoopAlreadyAssigned, socket.AssignTo(Loop).Code);
        Assert.Equal(
            IoErrorCode.EventLoopAlreadyAssigned, socket.Connect(EndpointOf(socket), Loop, static (_, _, _) => Assert.Fail(), null).Code);

        await Loop.On(() =>
        {
            // Bound it can be read, but has no peer to be written to.
            Assert.Equal(IoErrorCode.ReadWouldBlock, socket.Read(new byte[1], out _).Code);
            Assert.Equal(IoErrorCode.SocketNotConnected, socket.Write(new byte[1], Unexpected, null).Code);
            Assert.Equal(IoError.None, socket.SubscribeReadable(static (_, _, _) => { }, null));
            Assert.Equal(IoErrorCode.AlreadySubscribed, socket.SubscribeReadable(static (_, _, _) => { }, null).Code);
            Assert.Equal(IoErrorCode.AlreadySubscribed, socket.StartReceive(new DatagramBatch(1), static (_, _, _, _) => { }, null).Code);
            socket.Dispose();
            Assert.Equal(IoErrorCode.SocketNotConnected, socket.Read(new byte[1], out _).Code);
            Assert.Equal(IoErrorCode.SocketNotConnected, socket.SendTo(new byte[1], default, Unexpected, null).Code);
        });
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task Off_the_loop_nothing_is_sent_or_received(Transport transport)
    {
        IoSocket socket = Bound(transport, Loop);
        DatagramAddress to = AddressOf(socket);
        Assert.Equal(IoErrorCode.EventLoopThreadOnly, socket.ReceiveFrom(new byte[1], out _).Code);
        Assert.Equal(IoErrorCode.EventLoopThreadOnly, socket.Receive(new DatagramBatch(1)).Code);
        Assert.Equal(IoErrorCode.EventLoopThreadOnly, socket.StartReceive(new DatagramBatch(1), static (_, _, _, _) => { }, null).Code);
        Assert.Equal(IoErrorCode.EventLoopThreadOnly, socket.StopReceive().Code);
        Assert.Equal(IoErrorCode.EventLoopThreadOnly, socket.SendTo(new byte[1], to, Unexpected, null).Code);
        Assert.Equal(IoErrorCode.EventLoopThreadOnly, socket.SendMany([new OutgoingDatagram(new byte[1], to, null)], Unexpected).Code);
        Assert.Equal(IoErrorCode.EventLoopThreadOnly, socket.Write(new byte[1], Unexpected, null).Code);
        Assert.Equal(IoErrorCode.SocketIllegalOperationForState, socket.Close().Code);
        await SocketPair.CloseOn(socket);
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task A_stream_has_no_datagrams(Transport transport)
    {
        SocketPair pair = await SocketPair.Open(transport, Loop);
        await Loop.On(() =>
        {
            IoSocket stream = pair.Client;
            Assert.Equal(IoErrorCode.SocketInvalidOperationForType, stream.ReceiveFrom(new byte[1], out _).Code);
            Assert.Equal(IoErrorCode.SocketInvalidOperationForType, stream.Receive(new DatagramBatch(1)).Code);
            Assert.Equal(IoErrorCode.SocketInvalidOperationForType, stream.StopReceive().Code);
            Assert.Equal(IoErrorCode.SocketInvalidOperationForType, stream.SendTo(new byte[1], default, Unexpected, null).Code);
            Assert.Equal(IoErrorCode.SocketInvalidOperationForType, stream.SendMany([], Unexpected).Code);
        });
        await pair.Close();
    }

    [Fact]
    public async Task Channels_take_streams_alone()
    {
        SocketOptions options = Transport.Tcp4.DatagramOptions();
        ServerBootstrap server = new(Fixture.Group);
        IoError error = server.Listen(new ServerListenOptions
        {
            Endpoint = SocketEndpoint.Udp("127.0.0.1", 0),
            SocketOptions = options,
            OnIncomingChannel = static (_, _, _) => Assert.Fail(),
        }).Error;
        Assert.Equal(IoErrorCode.SocketInvalidOptions, error.Code);
        Assert.Contains("a channel stands on a stream", error.Detail, StringComparison.Ordinal);

        TaskCompletionSource<IoError> told = Waits.NewSource<IoError>();
        using DefaultHostResolver resolver = new(Fixture.Group);
        _ = new ClientBootstrap(Fixture.Group, resolver).Connect(new ClientConnectOptions
        {
            Endpoint = SocketEndpoint.Udp("127.0.0.1", 9),
            SocketOptions = options,
            OnSetup = (_, failure, _) => told.SetResult(failure),
        });
        Assert.Equal(IoErrorCode.SocketInvalidOptions, (await told.Task.Within()).Code);
    }

    /// <summary>As upstream's own test: the reader subscribes, and reads when it is told.</summary>
    private static async Task Exchange(IoSocket from, IoSocket to, string text)
    {
        TaskCompletionSource<string> read = Waits.NewSource<string>();
        await to.EventLoop!.On(() => Assert.Equal(IoError.None, to.SubscribeReadable(
            (socket, error, _) =>
            {
                byte[] buffer = new byte[100];
                Assert.Equal(IoError.None, error);
                if (socket.Read(buffer, out int count).IsNone)
                {
                    read.SetResult(System.Text.Encoding.UTF8.GetString(buffer, 0, count));
                }
            },
            null)));
        Assert.Equal(IoError.None, await Send(from, Bytes(text)));
        Assert.Equal(text, await read.Task.Within());
    }
}

using System.Net.Sockets;
using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Sockets;

public sealed class SocketAcceptTests(LoopFixture fixture) : TransportTest(fixture)
{
    [Theory]
    [ClassData(typeof(EveryTransport))]
    [Trait("Upstream", "cleanup_in_accept_doesnt_explode")]
    public async Task A_listener_may_be_disposed_in_its_accept_callback(Transport transport)
    {
        using TestListener listener = TestListener.Bind(transport);
        using Socket first = SocketPair.NewPeer(listener.Endpoint);
        using Socket second = SocketPair.NewPeer(listener.Endpoint);
        TaskCompletionSource<IoSocket> accepted = Waits.NewSource<IoSocket>();
        int calls = 0;
        Assert.Equal(IoError.None, listener.Socket.StartAccept(
            Loop,
            (socket, error, connection, _) =>
            {
                calls++;
                socket.Dispose();
                accepted.Set(error, connection);
            },
            null));
        IoSocket server = await accepted.Task.Within();
        await Loop.Ticks(2);

        Assert.Equal(1, calls);
        Assert.False(listener.Socket.IsOpen);

        // What was accepted lives on without its listener.
        Assert.Equal(IoError.None, server.AssignTo(Loop));
        await Loop.On(() => Assert.Equal(IoError.None, server.Write(new byte[3], (_, _, _, _) => { }, null)));
        Assert.Equal(3, first.Receive(new byte[10]));
        await SocketPair.CloseOn(server);
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task A_burst_larger_than_a_turn_is_accepted_whole(Transport transport)
    {
        const int connections = 300;
        using TestListener listener = TestListener.Bind(transport, backlog: connections);
        List<Socket> peers = [];
        for (int i = 0; i < connections; i++)
        {
            peers.Add(SocketPair.NewPeer(listener.Endpoint));
        }

        // All of them wait by now: there is one edge for all.
        List<IoSocket> accepted = [];
        TaskCompletionSource<bool> all = Waits.NewSource<bool>();
        Assert.Equal(IoError.None, listener.Socket.StartAccept(
            Loop,
            (_, error, socket, _) =>
            {
                Assert.Equal(IoError.None, error);
                accepted.Add(socket!);
                if (accepted.Count == connections)
                {
                    all.SetResult(true);
                }
            },
            null));

        await all.Task.Within();
        accepted.ForEach(socket => socket.Dispose());
        peers.ForEach(peer => peer.Dispose());
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task An_accept_callback_that_throws_keeps_nobody_else_waiting(Transport transport)
    {
        using TestListener listener = TestListener.Bind(transport);
        using Socket first = SocketPair.NewPeer(listener.Endpoint);
        using Socket second = SocketPair.NewPeer(listener.Endpoint);
        TaskCompletionSource<bool> both = Waits.NewSource<bool>();
        int calls = 0;
        int logged = Fixture.Logs.Count(3);
        Assert.Equal(IoError.None, listener.Socket.StartAccept(
            Loop,
            (_, _, accepted, _) =>
            {
                accepted!.Dispose();
                if (++calls == 2)
                {
                    both.SetResult(true);
                }

                throw new InvalidOperationException("on purpose");
            },
            null));

        await both.Task.Within();
        await Loop.Ticks(1);
        Assert.Equal(logged + 2, Fixture.Logs.Count(3));
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task A_listener_closes_from_any_thread_and_has_then_closed(Transport transport)
    {
        TestListener listener = TestListener.Listen(transport, Loop);
        Assert.Equal(IoError.None, listener.Socket.Close());

        Assert.False(listener.Socket.IsOpen);
        Assert.Equal(IoError.None, listener.Socket.Close());
        using Attempt attempt = new(transport);
        IoError started = attempt.Start(listener.Endpoint, Loop);
        Assert.Equal(IoErrorCode.SocketConnectionRefused, started.IsError ? started.Code : (await attempt.Result).Code);
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task Many_connections_come_and_go_while_the_listener_closes(Transport transport)
    {
        for (int round = 0; round < 30; round++)
        {
            using TestListener listener = TestListener.Listen(transport, Fixture.OtherLoop);
            List<Attempt> attempts = [];
            int refused = 0;
            for (int i = 0; i < 6; i++)
            {
                Attempt attempt = new(transport);
                attempts.Add(attempt);
                refused += attempt.Start(listener.Endpoint, Loop).IsError ? 1 : 0;
                if (i == round % 6)
                {
                    Assert.Equal(IoError.None, listener.Socket.Close());
                }
            }

            foreach (Attempt attempt in attempts.Take(attempts.Count - refused))
            {
                _ = await attempt.Result;
                Assert.Equal(1, attempt.Calls);
            }

            attempts.ForEach(attempt => attempt.Dispose());
            await Loop.Ticks(1);
        }
    }

    [Theory]
    [ClassData(typeof(EveryTcp))]
    [Trait("Upstream", "bind_on_zero_port_tcp_ipv4")]
    public async Task Port_zero_is_given_a_number_that_stays_and_can_be_connected_to(Transport transport)
    {
        IoSocket socket = transport.NewSocket();
        Assert.Equal(IoErrorCode.SocketIllegalOperationForState, socket.GetLocalEndpoint().Error.Code);
        Assert.Equal(IoError.None, socket.Bind(transport.FreeEndpoint()));
        SocketEndpoint bound = socket.GetLocalEndpoint().Value;
        Assert.InRange(bound.Port, 1, 65535);
        Assert.Equal(IoError.None, socket.Listen(16));
        Assert.Equal(bound, socket.GetLocalEndpoint().Value);
        TaskCompletionSource<IoSocket> accepted = Waits.NewSource<IoSocket>();
        Assert.Equal(IoError.None, socket.StartAccept(Loop, (_, error, connection, _) => accepted.Set(error, connection), null));
        Assert.Equal(bound, socket.GetLocalEndpoint().Value);

        IoSocket client = await SocketPair.Connect(bound, Loop);

        (await accepted.Task.Within()).Dispose();
        await SocketPair.CloseOn(client);
        socket.Dispose();
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    [Trait("Upstream", "incoming_duplicate_tcp_bind_errors")]
    public void A_second_listener_at_the_same_address_is_refused(Transport transport)
    {
        using TestListener listener = TestListener.Bind(transport);
        using IoSocket second = transport.NewSocket();

        Assert.Equal(IoErrorCode.SocketAddressInUse, second.Bind(listener.Endpoint).Code);
        Assert.Equal(IoErrorCode.SocketIllegalOperationForState, second.Bind(transport.FreeEndpoint()).Code);
    }

    [Fact]
    [Trait("Upstream", "incoming_tcp_sock_errors")]
    public async Task A_privileged_port_needs_a_privilege()
    {
        string first = File.ReadAllText("/proc/sys/net/ipv4/ip_unprivileged_port_start");
        Assert.SkipWhen(int.Parse(first) <= 80, "Here port 80 is anybody's.");
        IoError error = await Privileges.WithoutLowPorts(() =>
        {
            using IoSocket socket = Transport.Tcp4.NewSocket();
            return socket.Bind(SocketEndpoint.Tcp("127.0.0.1", 80));
        });

        Assert.Equal(IoErrorCode.NoPermission, error.Code);
        Assert.Contains("127.0.0.1:80", error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_step_of_listening_needs_the_one_before()
    {
        SocketAcceptCallback never = (_, _, _, _) => Assert.Fail("Nothing was accepted.");
        using IoSocket socket = Transport.Tcp4.NewSocket();
        Assert.Equal(IoErrorCode.SocketIllegalOperationForState, socket.Listen(1).Code);
        Assert.Equal(IoErrorCode.SocketIllegalOperationForState, socket.StartAccept(Loop, never, null).Code);
        Assert.Equal(IoError.None, socket.Bind(Transport.Tcp4.FreeEndpoint()));
        Assert.Equal(IoErrorCode.SocketIllegalOperationForState, socket.Bind(Transport.Tcp4.FreeEndpoint()).Code);
        Assert.Equal(IoErrorCode.SocketIllegalOperationForState, socket.StartAccept(Loop, never, null).Code);
        Assert.Equal(IoError.None, socket.Listen(1));
        Assert.Equal(IoErrorCode.SocketIllegalOperationForState, socket.Listen(1).Code);
        Assert.Equal(IoError.None, socket.StartAccept(Loop, never, null));
        Assert.Equal(IoErrorCode.EventLoopAlreadyAssigned, socket.StartAccept(Loop, never, null).Code);
        Assert.Throws<ArgumentOutOfRangeException>(() => socket.Listen(-1));
    }

    [Fact]
    public void An_address_that_is_not_this_machines_cannot_be_bound()
    {
        using IoSocket elsewhere = Transport.Tcp4.NewSocket();
        Assert.Equal(IoErrorCode.SocketInvalidAddress, elsewhere.Bind(SocketEndpoint.Tcp("192.0.2.1", 0)).Code);
        using IoSocket name = Transport.Tcp4.NewSocket();
        Assert.Equal(IoErrorCode.SocketInvalidAddress, name.Bind(SocketEndpoint.Tcp("localhost", 0)).Code);
        using IoSocket path = Transport.Unix.NewSocket();
        Assert.Equal(IoErrorCode.FileInvalidPath, path.Bind(SocketEndpoint.Unix("/no/such/folder/socket")).Code);
    }
}

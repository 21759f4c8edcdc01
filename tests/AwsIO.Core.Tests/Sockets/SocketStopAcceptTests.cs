using System.Net.Sockets;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Sockets;

/// <summary>Accepting begins, stops and begins again.</summary>
public sealed class SocketStopAcceptTests(LoopFixture fixture) : TransportTest(fixture)
{
    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task A_listener_may_be_stopped_in_its_callback_and_go_on_upon_another_loop(Transport transport)
    {
        using TestListener listener = TestListener.Bind(transport);
        using Socket first = SocketPair.NewPeer(listener.Endpoint);
        using Socket second = SocketPair.NewPeer(listener.Endpoint);
        TaskCompletionSource<bool> stopped = Waits.NewSource<bool>();
        int calls = 0;
        Assert.Equal(IoError.None, listener.Socket.StartAccept(
            Loop,
            (socket, _, accepted, _) =>
            {
                calls++;
                accepted!.Dispose();
                Assert.Equal(IoError.None, socket.StopAccept());
                Assert.Null(socket.EventLoop);
                stopped.SetResult(true);
            },
            null));
        await stopped.Task.Within();
        await Loop.Ticks(2);
        Assert.Equal(1, calls);
        Assert.True(listener.Socket.IsOpen);

        TaskCompletionSource<bool> onOther = Waits.NewSource<bool>();
        Assert.Equal(IoError.None, listener.Socket.StartAccept(
            Fixture.OtherLoop,
            (_, _, accepted, _) =>
            {
                accepted!.Dispose();
                onOther.SetResult(Fixture.OtherLoop.IsOnLoop);
            },
            null));
        Assert.True(await onOther.Task.Within());
        Assert.Equal(1, calls);
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task Started_anew_in_its_callback_it_goes_on_where_it_was_told_to(Transport transport)
    {
        using TestListener listener = TestListener.Bind(transport);
        using Socket first = SocketPair.NewPeer(listener.Endpoint);
        using Socket second = SocketPair.NewPeer(listener.Endpoint);
        TaskCompletionSource<bool> onOther = Waits.NewSource<bool>();
        Assert.Equal(IoError.None, listener.Socket.StartAccept(
            Loop,
            (socket, _, accepted, _) =>
            {
                accepted!.Dispose();
                Assert.Equal(IoError.None, socket.StopAccept());
                Assert.Equal(IoError.None, socket.StartAccept(
                    Fixture.OtherLoop,
                    (_, _, other, _) =>
                    {
                        other!.Dispose();
                        onOther.SetResult(Fixture.OtherLoop.IsOnLoop);
                    },
                    null));
            },
            null));
        Assert.True(await onOther.Task.Within());
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task Stopped_from_outside_it_accepts_nothing_until_it_is_started_again(Transport transport)
    {
        using TestListener listener = TestListener.Bind(transport);
        int calls = 0;
        void Count(IoSocket socket, IoError error, IoSocket? accepted, object? state)
        {
            accepted?.Dispose();
            Interlocked.Increment(ref calls);
        }

        Assert.Equal(IoError.None, listener.Socket.StopAccept());
        for (int round = 1; round <= 3; round++)
        {
            Assert.Equal(IoError.None, listener.Socket.StartAccept(Loop, Count, null));
            using Socket before = SocketPair.NewPeer(listener.Endpoint);
            Waiting.Until(() => Volatile.Read(ref calls) == (2 * round) - 1);
            Assert.Equal(IoError.None, listener.Socket.StopAccept());
            Assert.Equal(IoError.None, listener.Socket.StopAccept());
            using Socket meanwhile = SocketPair.NewPeer(listener.Endpoint);
            await Loop.Ticks(3);
            Assert.Equal((2 * round) - 1, Volatile.Read(ref calls));

            // What came meanwhile has waited in the system.
            Assert.Equal(IoError.None, listener.Socket.StartAccept(Loop, Count, null));
            Waiting.Until(() => Volatile.Read(ref calls) == 2 * round);
            Assert.Equal(IoError.None, listener.Socket.StopAccept());
        }
    }

    [Fact]
    public async Task Another_loop_stops_a_listener_without_waiting_for_its_loop()
    {
        using TestListener listener = TestListener.Listen(Transport.Tcp4, Loop);
        using ManualResetEventSlim held = new();
        Loop.Schedule(IoTask.Create((_, _) => held.Wait(), 0));
        await Fixture.OtherLoop.On(() => Assert.Equal(IoError.None, listener.Socket.StopAccept()));
        held.Set();
        await Loop.Ticks(1);
        Assert.Null(listener.Socket.EventLoop);
    }

    [Fact]
    public async Task Only_a_listener_can_be_stopped()
    {
        IoSocket socket = Transport.Tcp4.NewSocket();
        Assert.Equal(IoErrorCode.SocketIllegalOperationForState, socket.StopAccept().Code);
        Assert.Equal(IoError.None, socket.Bind(Transport.Tcp4.FreeEndpoint()));
        Assert.Equal(IoErrorCode.SocketIllegalOperationForState, socket.StopAccept().Code);
        Assert.Equal(IoError.None, socket.Listen(1));
        Assert.Equal(IoError.None, socket.StopAccept());
        socket.Dispose();
        Assert.Equal(IoErrorCode.SocketIllegalOperationForState, socket.StopAccept().Code);
        SocketPair pair = await SocketPair.Open(Transport.Tcp4, Loop);
        await Loop.On(() => Assert.Equal(IoErrorCode.SocketIllegalOperationForState, pair.Client.StopAccept().Code));
        await pair.Close();
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task The_start_is_told_once_on_the_loop_before_the_first_connection(Transport transport)
    {
        using TestListener listener = TestListener.Bind(transport);
        using Socket peer = SocketPair.NewPeer(listener.Endpoint);
        List<string> told = [];
        TaskCompletionSource<bool> accepted = Waits.NewSource<bool>();
        await Loop.On(() =>
        {
            Assert.Equal(IoError.None, listener.Socket.StartAccept(
                Loop,
                (_, _, socket, state) =>
                {
                    socket!.Dispose();
                    told.Add($"accepted {state}");
                    accepted.SetResult(true);
                },
                (socket, error, state) =>
                {
                    Assert.Same(listener.Socket, socket);
                    told.Add($"started {error.Code} {state} {Loop.IsOnLoop}");
                },
                "x"));
            Assert.Empty(told);
        });
        await accepted.Task.Within();
        Assert.Equal(["started Success x True", "accepted x"], told);
    }

    [Fact]
    public async Task A_start_that_was_taken_back_is_not_told()
    {
        using TestListener closed = TestListener.Bind(Transport.Tcp4);
        using TestListener again = TestListener.Bind(Transport.Tcp4);
        List<int> told = [];
        SocketAcceptCallback never = static (_, _, _, _) => Assert.Fail("Nothing was accepted.");
        await Loop.On(() =>
        {
            Assert.Equal(IoError.None, closed.Socket.StartAccept(Loop, never, (_, _, _) => told.Add(1), null));
            closed.Socket.Dispose();
            Assert.Equal(IoError.None, again.Socket.StartAccept(Loop, never, (_, _, _) => told.Add(2), null));
            Assert.Equal(IoError.None, again.Socket.StopAccept());
            Assert.Equal(IoError.None, again.Socket.StartAccept(Loop, never, (_, _, _) => told.Add(3), null));
        });
        await Loop.Ticks(2);
        Assert.Equal([3], told);
    }

    [Fact]
    public async Task A_listener_may_be_closed_when_its_start_is_told()
    {
        using TestListener listener = TestListener.Bind(Transport.Tcp4);
        using Socket peer = SocketPair.NewPeer(listener.Endpoint);
        TaskCompletionSource<bool> started = Waits.NewSource<bool>();
        Assert.Equal(IoError.None, listener.Socket.StartAccept(
            Loop,
            static (_, _, _, _) => Assert.Fail("Nothing was accepted."),
            (socket, _, _) =>
            {
                socket.Dispose();
                started.SetResult(true);
            },
            null));
        await started.Task.Within();
        await Loop.Ticks(2);
        Assert.False(listener.Socket.IsOpen);
    }

    [Fact]
    public async Task A_start_on_an_ended_loop_is_told_to_have_failed_and_another_loop_can_have_the_listener()
    {
        await using EventLoopGroup group = LoopBackend.Platform.NewGroup();
        EventLoop ended = group[0];
        await group.DisposeAsync().AsTask().Within();
        using TestListener listener = TestListener.Bind(Transport.Tcp4);
        TaskCompletionSource<IoError> started = Waits.NewSource<IoError>();
        SocketAcceptCallback never = static (_, _, _, _) => Assert.Fail("Nothing was accepted.");
        Assert.Equal(IoError.None, listener.Socket.StartAccept(ended, never, (_, error, _) => started.SetResult(error), null));
        Assert.Equal(IoErrorCode.EventLoopShutdown, (await started.Task.Within()).Code);
        Assert.Null(listener.Socket.EventLoop);
        TaskCompletionSource<IoError> second = Waits.NewSource<IoError>();
        Assert.Equal(IoError.None, listener.Socket.StartAccept(Loop, never, (_, error, _) => second.SetResult(error), null));
        Assert.Equal(IoError.None, await second.Task.Within());
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task Stopped_and_started_while_connections_come_it_accepts_each_once(Transport transport)
    {
        const int connections = 200;
        using TestListener listener = TestListener.Bind(transport, backlog: connections);
        int accepted = 0;
        Task connecting = Task.Run(() =>
        {
            for (int i = 0; i < connections; i++)
            {
                SocketPair.NewPeer(listener.Endpoint).Dispose();
            }
        });
        for (int round = 0; Volatile.Read(ref accepted) < connections; round++)
        {
            EventLoop loop = round % 2 == 0 ? Loop : Fixture.OtherLoop;
            int before = Volatile.Read(ref accepted);
            Assert.Equal(IoError.None, listener.Socket.StartAccept(
                loop,
                (_, error, socket, _) =>
                {
                    Assert.Equal(IoError.None, error);
                    socket!.Dispose();
                    Interlocked.Increment(ref accepted);
                },
                null));
            Waiting.Until(() => Volatile.Read(ref accepted) > before);
            Assert.Equal(IoError.None, listener.Socket.StopAccept());
        }

        await connecting.Within();
        Assert.Equal(connections, Volatile.Read(ref accepted));
    }
}

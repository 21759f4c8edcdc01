using System.Net;
using System.Net.Sockets;
using AwsIO.Testing;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Transports;
using AwsIO.Tests.Torture;

namespace AwsIO.Tests.Sockets;

/// <summary>Which calls sockets make, and what becomes of those that fail: in a process where faults are on.</summary>
public sealed class SocketCallTests(LoopFixture fixture) : TransportTest(fixture)
{
    // Plans of its own, not those that a run brings along.
    [Fact]
    [Trait("Category", "ExactCalls")]
    public async Task Sockets_make_the_calls_that_they_should_and_survive_those_that_fail()
    {
        (int exitCode, string output) = await ChildTest.Run(typeof(SocketCallTests), "Child_*", environment: Torturer.FaultsOn);
        Assert.True(exitCode == 0, output);
        Assert.Matches("Total: 9, Errors: 0, Failed: 0, Skipped: 0", output);
    }

    [Fact(Explicit = true)]
    public async Task Child_queued_writes_go_out_by_one_call()
    {
        const int large = 8 * 1024 * 1024;
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(Transport.Tcp4, Loop);
        TaskCompletionSource<bool> all = Waits.NewSource<bool>();
        await Loop.On(() => ours.Write(new byte[large], static (_, _, _, _) => { }, null));
        using FaultPlan plan = FaultPlan.Start("listen:1=EADDRINUSE", new FaultPlanOptions { Descriptors = [ours.Descriptor] });
        await Loop.On(() =>
        {
            Assert.True(ours.QueuedBytes > 0);
            for (int i = 0; i < 20; i++)
            {
                bool isLast = i == 19;
                ours.Write(
                    new byte[3],
                    (_, error, _, _) =>
                    {
                        Assert.Equal(IoError.None, error);
                        if (isLast)
                        {
                            all.SetResult(true);
                        }
                    },
                    null);
            }

            // Behind a queue nothing is tried at once.
            Assert.Equal(0, plan.Uses(NativeFunction.Send) + plan.Uses(NativeFunction.SendMsg));
        });
        int total = 0;
        for (byte[] buffer = new byte[1024 * 1024]; total < large + 60;)
        {
            total += peer.ReceiveSome(buffer);
        }

        await all.Task.Within();

        // The small ones went with the large one's last part: no call of their own, and no single sends.
        Assert.Equal(0, plan.Uses(NativeFunction.Send));
        Assert.True(plan.Uses(NativeFunction.SendMsg) > 0);
        await SocketPair.CloseOn(ours);
        peer.Dispose();
    }

    [Fact(Explicit = true)]
    public async Task Child_a_connection_costs_no_call_that_the_kernel_has_answered_before()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        SocketEndpoint endpoint = SocketEndpoint.Tcp("127.0.0.1", ((IPEndPoint)listener.LocalEndPoint!).Port);
        using FaultPlan plan = FaultPlan.Start("listen:1=EADDRINUSE");
        IoSocket ours = IoSocket.Create(new SocketOptions { NoDelay = false }).Value;
        TaskCompletionSource<IoError> connected = Waits.NewSource<IoError>();
        Assert.Equal(IoError.None, ours.Connect(endpoint, Loop, (_, error, _) => connected.SetResult(error), null));
        Assert.Equal(IoError.None, await connected.Task.Within());

        // It is the only one, and has told by its edge that there is nothing to read.
        Assert.Equal(0, plan.Uses(NativeFunction.SetSockOpt));
        Assert.Equal(0, plan.Uses(NativeFunction.GetSockOpt));
        TaskCompletionSource<IoError> ended = Waits.NewSource<IoError>();
        await Loop.On(() => Assert.Equal(
            IoError.None,
            ours.SubscribeReadable(
                (socket, _, _) =>
                {
                    // An end is told of twice: there is something to read, and the peer has hung up.
                    if (!ended.Task.IsCompleted)
                    {
                        ended.SetResult(socket.Read(new byte[10], out int _));
                    }
                },
                null)));
        await Loop.Ticks(5);
        Assert.Equal(0, plan.Uses(NativeFunction.Recv));

        using Socket peer = listener.Accept();
        peer.Shutdown(SocketShutdown.Send);
        Assert.Equal(IoErrorCode.SocketClosed, (await ended.Task.Within()).Code);
        Assert.True(await Loop.On(() => ours.TryCloseGracefully(static () => { })));
        Assert.Equal(0, peer.Receive(new byte[1]));
        Assert.Equal(1, plan.Uses(NativeFunction.Recv));
        Assert.Equal(0, plan.Uses(NativeFunction.Shutdown));
        Assert.Equal(1, plan.Uses(NativeFunction.EpollCtl));
        Assert.Equal(1, plan.Uses(NativeFunction.Close));
    }

    [Fact(Explicit = true)]
    public async Task Child_an_accepted_connection_costs_no_call_for_its_options()
    {
        using IoSocket listener = IoSocket.Create(new SocketOptions { KeepAlive = true, TimeToLive = 9, SendBufferSize = 5000 }).Value;
        Assert.Equal(IoError.None, listener.Bind(Transport.Tcp4.FreeEndpoint()));
        Assert.Equal(IoError.None, listener.Listen(5));
        TaskCompletionSource<bool> accepted = Waits.NewSource<bool>();
        using FaultPlan plan = FaultPlan.Start("listen:1=EADDRINUSE");
        Assert.Equal(IoError.None, listener.StartAccept(
            Loop,
            (_, _, socket, _) =>
            {
                socket!.Dispose();
                accepted.SetResult(true);
            },
            null));
        using Socket peer = SocketPair.NewPeer(listener.GetLocalEndpoint().Value);
        await accepted.Task.Within();
        Assert.Equal(0, plan.Uses(NativeFunction.SetSockOpt));
    }

    [Fact(Explicit = true)]
    public async Task Child_a_connection_that_cannot_be_watched_takes_no_listener_with_it()
    {
        using TestListener listener = TestListener.Listen(Transport.Tcp4, Loop);
        using Socket first = SocketPair.NewPeer(listener.Endpoint);
        IoSocket lost = await listener.Accept();
        using (FaultPlan.Start("epoll_ctl:1=ENOSPC", new FaultPlanOptions { Descriptors = [lost.Descriptor] }))
        {
            IoError error = lost.AssignTo(Loop);
            Assert.Equal(28, error.NativeError);
            Assert.Null(lost.EventLoop);
        }

        lost.Dispose();
        Assert.Equal(0, first.Receive(new byte[1]));
        using Socket second = SocketPair.NewPeer(listener.Endpoint);
        IoSocket next = await listener.Accept();
        Assert.Equal(IoError.None, next.AssignTo(Loop));
        await SocketPair.CloseOn(next);
    }

    [Fact(Explicit = true)]
    public async Task Child_a_listener_that_backs_off_can_be_stopped_and_goes_on_upon_another_loop()
    {
        using TestListener listener = TestListener.Bind(Transport.Tcp4);
        List<IoError> told = [];
        TaskCompletionSource<bool> stopped = Waits.NewSource<bool>();
        using (FaultPlan plan = FaultPlan.Start("accept4:*=EMFILE", new FaultPlanOptions { Descriptors = [listener.Socket.Descriptor] }))
        {
            Assert.Equal(IoError.None, listener.Socket.StartAccept(
                Loop,
                (socket, error, _, _) =>
                {
                    told.Add(error);
                    Assert.Equal(IoError.None, socket.StopAccept());
                    stopped.SetResult(true);
                },
                null));
            using Socket early = SocketPair.NewPeer(listener.Endpoint);
            await stopped.Task.Within();
            TaskCompletionSource<bool> later = Waits.NewSource<bool>();
            Loop.ScheduleAfter(IoTask.Create((_, _) => later.SetResult(true), 0), TimeSpan.FromMilliseconds(50));
            await later.Task.Within();
            Assert.Equal(IoErrorCode.MaxFileDescriptorsExceeded, Assert.Single(told).Code);
            Assert.Equal(1, plan.Uses(NativeFunction.Accept4));
        }

        TaskCompletionSource<bool> accepted = Waits.NewSource<bool>();
        Assert.Equal(IoError.None, listener.Socket.StartAccept(
            Fixture.OtherLoop,
            (_, _, socket, _) =>
            {
                socket!.Dispose();
                accepted.TrySetResult(Fixture.OtherLoop.IsOnLoop);
            },
            null));
        Assert.True(await accepted.Task.Within());
    }

    [Fact(Explicit = true)]
    public async Task Child_a_listener_may_be_closed_when_its_failure_is_told()
    {
        TestListener listener = TestListener.Bind(Transport.Tcp4);
        int calls = 0;
        TaskCompletionSource<bool> closed = Waits.NewSource<bool>();
        using FaultPlan plan = FaultPlan.Start("accept4:*=ENFILE", new FaultPlanOptions { Descriptors = [listener.Socket.Descriptor] });
        Assert.Equal(IoError.None, listener.Socket.StartAccept(
            Loop,
            (socket, _, _, _) =>
            {
                calls++;
                socket.Dispose();
                closed.SetResult(true);
            },
            null));
        using Socket peer = SocketPair.NewPeer(listener.Endpoint);
        await closed.Task.Within();
        await Loop.Ticks(3);
        Assert.Equal(1, calls);
        Assert.False(listener.Socket.IsOpen);
    }

    [Fact(Explicit = true)]
    public void Child_a_refused_option_fails_the_socket_unless_it_is_one_of_upstreams_soft_ones()
    {
        using (FaultPlan.Start("setsockopt:*=ENOPROTOOPT"))
        {
            IoSocket.Create(new SocketOptions { KeepAlive = true, KeepAliveProbes = 3 }).Value.Dispose();
            foreach (SocketOptions options in new SocketOptions[]
            {
                new() { ReusePort = true }, new() { Linger = TimeSpan.Zero }, new() { UserTimeout = TimeSpan.FromSeconds(1) },
                new() { QuickAck = true }, new() { TypeOfService = 4 }, new() { TimeToLive = 4 }, new() { SendBufferSize = 4 },
                new() { ReceiveBufferSize = 4 }, new() { Domain = SocketDomain.IPv6, IPv6Only = true }, new() { NetworkInterface = "lo" },
                new() { RawOptions = [new RawSocketOption(6, 1, 1)] },
            })
            {
                IoError error = IoSocket.Create(options).Error;
                Assert.Equal((IoErrorCode.SocketInvalidOptions, 92), (error.Code, error.NativeError));
            }
        }

        using IoSocket listener = IoSocket.Create(new SocketOptions { DeferAccept = TimeSpan.FromSeconds(1) }).Value;
        Assert.Equal(IoError.None, listener.Bind(Transport.Tcp4.FreeEndpoint()));
        using (FaultPlan.Start("setsockopt:*=EPERM"))
        {
            Assert.Equal(IoErrorCode.NoPermission, listener.Listen(1).Code);
        }

        Assert.Equal(IoError.None, listener.Listen(1));
    }

    [Fact(Explicit = true)]
    public async Task Child_a_half_closed_connection_keeps_no_loop_busy()
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(Transport.Tcp4, Loop);
        TaskCompletionSource<bool> ended = Waits.NewSource<bool>();
        await Loop.On(() => Assert.Equal(IoError.None, ours.SubscribeReadable(
            (socket, _, _) =>
            {
                if (socket.Read(new byte[10], out _).Code == IoErrorCode.SocketClosed)
                {
                    ended.TrySetResult(true);
                }
            },
            null)));
        peer.Shutdown(SocketShutdown.Send);
        await ended.Task.Within();
        await Loop.Ticks(5);
        using FaultPlan plan = FaultPlan.Start("listen:1=EADDRINUSE");
        long events = await EventsReportedInAWhile();

        // A loop that is kept busy is told of the same descriptor again and again.
        Assert.Equal(0, plan.Uses(NativeFunction.Recv));
        Assert.InRange(events, 0, 3);
        await SocketPair.CloseOn(ours);
        peer.Dispose();
    }

    [Fact(Explicit = true)]
    public async Task Child_a_reset_while_writes_queue_fails_each_once_and_wakes_nobody_again()
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(Transport.Tcp4, Loop);
        byte[] large = new byte[16 * 1024 * 1024];
        List<int> told = [];
        TaskCompletionSource<bool> all = Waits.NewSource<bool>();
        await Loop.On(() =>
        {
            for (int i = 0; i < 10; i++)
            {
                int number = i;
                ours.Write(
                    large,
                    (_, error, _, _) =>
                    {
                        told.Add(number);
                        Assert.Equal(IoErrorCode.SocketClosed, error.Code);
                        if (number == 9)
                        {
                            all.SetResult(true);
                        }
                    },
                    null);
            }
        });
        peer.LingerState = new LingerOption(true, 0);
        peer.Dispose();
        await all.Task.Within();
        await Loop.Ticks(5);
        using FaultPlan plan = FaultPlan.Start("listen:1=EADDRINUSE");
        long events = await EventsReportedInAWhile();
        Assert.Equal(Enumerable.Range(0, 10), told);
        Assert.Equal(0, plan.Uses(NativeFunction.Send) + plan.Uses(NativeFunction.SendMsg));
        Assert.InRange(events, 0, 3);
        await SocketPair.CloseOn(ours);
    }

    private async Task<long> EventsReportedInAWhile()
    {
        long before = Loop.EventsReported;
        TaskCompletionSource<bool> later = Waits.NewSource<bool>();
        Loop.ScheduleAfter(IoTask.Create((_, _) => later.SetResult(true), 0), TimeSpan.FromMilliseconds(200));
        await later.Task.Within();
        return Loop.EventsReported - before;
    }
}

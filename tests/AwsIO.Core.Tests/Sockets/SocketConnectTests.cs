using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Sockets;

public sealed class SocketConnectTests(LoopFixture fixture) : TransportTest(fixture)
{
    [Theory]
    [ClassData(typeof(EveryTcp))]
    [Trait("Upstream", "outgoing_tcp_sock_error")]
    public async Task A_closed_port_refuses_through_the_callback(Transport transport)
    {
        SocketEndpoint endpoint;
        using (TestListener listener = TestListener.Bind(transport))
        {
            endpoint = listener.Endpoint;
        }

        using Attempt attempt = new(transport);
        Assert.Equal(IoError.None, attempt.Start(endpoint, Loop));
        IoError error = await attempt.Result;

        Assert.Equal(IoErrorCode.SocketConnectionRefused, error.Code);
        Assert.Equal(Native.Unix.Errno.ECONNREFUSED, error.NativeError);
        Assert.Contains(endpoint.ToString(), error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Upstream", "outgoing_local_sock_errors")]
    public void A_path_that_nobody_listens_at_fails_at_once_and_without_a_callback()
    {
        using Attempt missing = new(Transport.Unix);
        Assert.Equal(IoErrorCode.FileInvalidPath, missing.Start(Transport.Unix.FreeEndpoint(), Loop).Code);

        SocketEndpoint abandoned;
        using (TestListener listener = TestListener.Bind(Transport.Unix))
        {
            abandoned = listener.Endpoint;
        }

        Assert.True(File.Exists(abandoned.Address), "By contract the path stays.");
        using Attempt refused = new(Transport.Unix);
        Assert.Equal(IoErrorCode.SocketConnectionRefused, refused.Start(abandoned, Loop).Code);
        Assert.Equal(0, missing.Calls + refused.Calls);
    }

    [Fact]
    public void A_full_unix_listener_says_so_at_once()
    {
        using FullListener listener = new(Transport.Unix);
        using Attempt attempt = new(Transport.Unix);

        Assert.Equal(IoErrorCode.ReadWouldBlock, attempt.Start(listener.Endpoint, Loop).Code);
        Assert.Equal(0, attempt.Calls);
    }

    [Theory]
    [ClassData(typeof(EveryTcp))]
    [Trait("Upstream", "connect_timeout")]
    public async Task No_answer_within_the_timeout_is_a_timeout(Transport transport)
    {
        using FullListener listener = new(transport);
        using Attempt attempt = new(transport, TimeSpan.FromMilliseconds(20));
        Assert.Equal(IoError.None, attempt.Start(listener.Endpoint, Loop));
        IoError error = await attempt.Result;
        await Loop.Ticks(2);

        Assert.Equal(IoErrorCode.SocketTimeout, error.Code);
        Assert.Contains(listener.Endpoint.ToString(), error.Detail, StringComparison.Ordinal);
        Assert.Equal(1, attempt.Calls);
    }

    [Theory]
    [ClassData(typeof(EveryTcp))]
    [Trait("Upstream", "connect_timeout_cancelation")]
    public async Task A_loop_that_ends_while_connecting_says_so(Transport transport)
    {
        using FullListener listener = new(transport);
        EventLoopGroup group = Infrastructure.LoopBackend.Platform.NewGroup();
        EventLoop loop = group[0];
        using Attempt subscribed = new(transport, Timeout.InfiniteTimeSpan);
        Assert.Equal(IoError.None, subscribed.Start(listener.Endpoint, loop));
        await loop.Ticks(2);

        // This one has not come so far as to wait for events.
        using Attempt fresh = new(transport, TimeSpan.FromHours(1));
        await loop.On(() =>
        {
            Assert.Equal(IoError.None, fresh.Start(listener.Endpoint, loop));
            _ = group.DisposeAsync().AsTask();
        });

        Assert.Equal(IoErrorCode.EventLoopShutdown, (await subscribed.Result).Code);
        Assert.Equal(IoErrorCode.EventLoopShutdown, (await fresh.Result).Code);
        await group.Completion.Within();
        Assert.Equal((1, 1), (subscribed.Calls, fresh.Calls));
        Assert.True(subscribed.OnLoop && fresh.OnLoop);
    }

    [Theory]
    [ClassData(typeof(EveryTcp))]
    [Trait("Upstream", "cleanup_before_connect_or_timeout_doesnt_explode")]
    public async Task A_socket_closed_while_it_connects_tells_nothing(Transport transport)
    {
        using FullListener listener = new(transport);
        using Attempt attempt = new(transport, TimeSpan.FromMilliseconds(1));
        TaskCompletionSource<bool> later = Waits.NewSource<bool>();
        await Loop.On(() =>
        {
            Assert.Equal(IoError.None, attempt.Start(listener.Endpoint, Loop));
            attempt.Socket.Dispose();

            // A deadline behind the attempt's: when this runs, the attempt's time would have come.
            Loop.ScheduleAfter(IoTask.Create((_, _) => later.SetResult(true), 0), TimeSpan.FromMilliseconds(20));
        });

        await later.Task.Within();
        Assert.Equal(0, attempt.Calls);
        Assert.False(attempt.Socket.IsOpen);
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task The_callback_is_never_inside_the_call(Transport transport)
    {
        using TestListener listener = TestListener.Listen(transport, Loop);
        using Attempt attempt = new(transport);
        await Loop.On(() =>
        {
            Assert.Equal(IoError.None, attempt.Start(listener.Endpoint, Loop));
            Assert.Equal(0, attempt.Calls);
        });

        Assert.Equal(IoError.None, await attempt.Result);
        Assert.True(attempt.OnLoop);
        Assert.Same(Loop, attempt.Socket.EventLoop);
        (await listener.Accept()).Dispose();
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task A_socket_may_be_disposed_in_its_connect_callback(Transport transport)
    {
        using TestListener listener = TestListener.Listen(transport, Loop);
        using Attempt attempt = new(transport) { Then = socket => socket.Dispose() };
        Assert.Equal(IoError.None, attempt.Start(listener.Endpoint, Loop));
        Assert.Equal(IoError.None, await attempt.Result);
        await Loop.Ticks(2);

        Assert.Equal(1, attempt.Calls);
        Assert.False(attempt.Socket.IsOpen);
        (await listener.Accept()).Dispose();
    }

    [Fact]
    public async Task A_socket_connects_once()
    {
        using TestListener listener = TestListener.Listen(Transport.Tcp4, Loop);
        using Attempt attempt = new(Transport.Tcp4);
        Assert.Equal(IoError.None, attempt.Start(listener.Endpoint, Loop));
        Assert.Equal(IoErrorCode.EventLoopAlreadyAssigned, attempt.Start(listener.Endpoint, Loop).Code);
        Assert.Equal(IoError.None, await attempt.Result);
        Assert.Equal(IoErrorCode.EventLoopAlreadyAssigned, attempt.Start(listener.Endpoint, Loop).Code);
        (await listener.Accept()).Dispose();

        using Attempt listening = new(Transport.Tcp4);
        Assert.Equal(IoError.None, listening.Socket.Bind(Transport.Tcp4.FreeEndpoint()));
        Assert.Equal(IoError.None, listening.Socket.Listen(1));
        Assert.Equal(IoErrorCode.SocketIllegalOperationForState, listening.Start(listener.Endpoint, Loop).Code);
        using Attempt failed = new(Transport.Unix);
        Assert.True(failed.Start(Transport.Unix.FreeEndpoint(), Loop).IsError);
        Assert.Equal(IoErrorCode.EventLoopAlreadyAssigned, failed.Start(listener.Endpoint, Loop).Code);
        using Attempt closed = new(Transport.Tcp4);
        closed.Socket.Dispose();
        Assert.Equal(IoErrorCode.SocketIllegalOperationForState, closed.Start(listener.Endpoint, Loop).Code);
    }

    [Fact]
    public void What_cannot_be_connected_to_is_refused_before_the_system_is_asked()
    {
        Assert.Equal(IoErrorCode.SocketInvalidAddress, Start(Transport.Tcp4, SocketEndpoint.Tcp("127.0.0.1", 0)));
        Assert.Equal(IoErrorCode.SocketInvalidAddress, Start(Transport.Tcp4, SocketEndpoint.Tcp("localhost", 80)));
        Assert.Equal(IoErrorCode.SocketInvalidAddress, Start(Transport.Tcp4, SocketEndpoint.Tcp("::1", 80)));
        Assert.Equal(IoErrorCode.SocketInvalidAddress, Start(Transport.Tcp6, SocketEndpoint.Tcp("127.0.0.1", 80)));
        Assert.Equal(IoErrorCode.SocketInvalidAddress, Start(Transport.Unix, SocketEndpoint.Unix("")));

        // Such an attempt leaves the socket as it was.
        using TestListener listener = TestListener.Bind(Transport.Tcp4);
        using Attempt attempt = new(Transport.Tcp4);
        Assert.Equal(IoErrorCode.SocketInvalidAddress, attempt.Start(SocketEndpoint.Tcp("127.0.0.1", 0), Loop).Code);
        Assert.Null(attempt.Socket.EventLoop);
        Assert.Equal(IoError.None, attempt.Start(listener.Endpoint, Loop));
        Assert.Equal(IoError.None, attempt.Result.GetAwaiter().GetResult());
    }

    private IoErrorCode Start(Transport transport, SocketEndpoint endpoint)
    {
        using Attempt attempt = new(transport);
        return attempt.Start(endpoint, Loop).Code;
    }
}

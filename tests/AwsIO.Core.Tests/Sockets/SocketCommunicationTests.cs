using System.Net.Sockets;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Sockets;

public sealed class SocketCommunicationTests(LoopFixture fixture) : TransportTest(fixture)
{
    [Theory]
    [ClassData(typeof(EveryTransport))]
    [Trait("Upstream", "local_socket_communication")]
    [Trait("Upstream", "tcp_socket_communication")]
    public async Task What_one_side_writes_the_other_reads_both_ways(Transport transport)
    {
        SocketPair pair = await SocketPair.Open(transport, Loop, Fixture.OtherLoop);

        await Exchange(pair.Client, pair.Server, "what the client says");
        await Exchange(pair.Server, pair.Client, "and what it is told");

        await pair.Close();
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task Both_sides_know_whom_they_talk_to(Transport transport)
    {
        using TestListener listener = TestListener.Listen(transport, Loop);
        IoSocket client = await SocketPair.Connect(listener.Endpoint, Loop);
        IoSocket server = await listener.Accept();

        Assert.Equal(listener.Endpoint, client.RemoteEndpoint);
        Assert.Equal(listener.Endpoint, server.GetLocalEndpoint().Value);
        Assert.Equal(transport.Domain(), server.RemoteEndpoint!.Value.Domain);
        Assert.Equal(await Loop.On(() => client.GetLocalEndpoint().Value), server.RemoteEndpoint);
        Assert.Null(server.EventLoop);

        server.Dispose();
        await SocketPair.CloseOn(client);
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task The_end_of_a_connection_is_told_with_the_peer_that_has_ended_it(Transport transport)
    {
        SocketPair pair = await SocketPair.Open(transport, Loop, Fixture.OtherLoop);
        foreach ((IoSocket first, IoSocket second) in new[] { (pair.Client, pair.Server), (pair.Server, pair.Client) })
        {
            TaskCompletionSource<IoError> ended = Waits.NewSource<IoError>();
            Assert.Equal(IoError.None, await second.EventLoop!.On(() => second.SubscribeReadable(
                (_, error, _) =>
                {
                    if (error.IsError)
                    {
                        ended.TrySetResult(error);
                    }
                },
                null)));
            Assert.Equal(IoError.None, await first.EventLoop!.On(first.ShutdownWrite));

            IoError end = await ended.Task.Within();
            Assert.Equal(IoErrorCode.SocketClosed, end.Code);
            Assert.Equal($"The peer has ended the connection with {second.RemoteEndpoint}", end.Detail);
        }

        await pair.Close();
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task Bytes_that_came_before_anybody_subscribed_are_told(Transport transport)
    {
        using TestListener listener = TestListener.Listen(transport, Loop);
        using Socket peer = SocketPair.NewPeer(listener.Endpoint);
        Assert.Equal(5, peer.Send("hello"u8));
        IoSocket server = await listener.Accept();
        Assert.Equal(IoError.None, server.AssignTo(Loop));
        await Loop.Ticks(5);

        Assert.Equal("hello", await ReadText(server, 5));

        await SocketPair.CloseOn(server);
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task Bytes_and_an_end_that_come_with_the_connection_are_not_lost(Transport transport)
    {
        using TestListener listener = TestListener.Bind(transport);
        IoSocket client = transport.NewSocket();
        TaskCompletionSource<IoError> connected = Waits.NewSource<IoError>();
        using Socket acceptor = new(new SafeSocketHandle(listener.Socket.Descriptor, ownsHandle: false)) { Blocking = true };
        TaskCompletionSource<string> text = Waits.NewSource<string>();

        // The loop is kept busy until the peer has accepted, written and gone: all of it is one edge.
        using HeldLoop busy = await Loop.Hold();
        Assert.Equal(IoError.None, client.Connect(
            listener.Endpoint,
            Loop,
            (socket, error, _) =>
            {
                connected.SetResult(error);
                CollectText(socket, text);
            },
            null));
        Assert.True(acceptor.Poll(TimeSpan.FromSeconds(10), SelectMode.SelectRead));
        using (Socket peer = acceptor.Accept())
        {
            Assert.Equal(5, peer.Send("hello"u8));
        }

        busy.Dispose();

        Assert.Equal(IoError.None, await connected.Task.Within());
        Assert.Equal("hello|SocketClosed", await text.Task.Within());
        await SocketPair.CloseOn(client);
    }

    // Each read is to give all that is there: under a fault plan it gives less, or nothing yet.
    [Theory]
    [ClassData(typeof(EveryTransport))]
    [Trait("Category", "ExactCalls")]
    public async Task Reading_gives_what_is_there_then_would_block_then_the_end(Transport transport)
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
        Assert.Equal(IoErrorCode.ReadWouldBlock, (await Loop.On(() => Read(ours, 10))).Error.Code);

        Assert.Equal(7, peer.Send("1234567"u8));
        await UntilReadable(ours);
        Assert.Equal((3, IoErrorCode.Success), await Loop.On(() => CountAndCode(ours, 3)));
        Assert.Equal((4, IoErrorCode.Success), await Loop.On(() => CountAndCode(ours, 100)));
        Assert.Equal((0, IoErrorCode.ReadWouldBlock), await Loop.On(() => CountAndCode(ours, 100)));
        Assert.Equal((0, IoErrorCode.Success), await Loop.On(() => CountAndCode(ours, 0)));

        peer.Shutdown(SocketShutdown.Send);
        await UntilReadable(ours);
        Assert.Equal((0, IoErrorCode.SocketClosed), await Loop.On(() => CountAndCode(ours, 100)));
        Assert.Equal((0, IoErrorCode.SocketClosed), await Loop.On(() => CountAndCode(ours, 100)));

        peer.Dispose();
        await SocketPair.CloseOn(ours);
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    [Trait("Upstream", "wrong_thread_read_write_fails")]
    public async Task Reading_and_writing_off_the_loop_are_refused(Transport transport)
    {
        SocketPair pair = await SocketPair.Open(transport, Loop);
        SocketWriteCallback never = (_, _, _, _) => Assert.Fail("A refused write is told of.");

        Assert.Equal(IoErrorCode.EventLoopThreadOnly, pair.Client.Read(new byte[1], out _).Code);
        Assert.Equal(IoErrorCode.EventLoopThreadOnly, pair.Client.Write(new byte[1], never, null).Code);
        Assert.Equal(IoErrorCode.EventLoopThreadOnly, pair.Client.ShutdownWrite().Code);
        Assert.Equal(IoErrorCode.EventLoopThreadOnly, pair.Client.SubscribeReadable((_, _, _) => { }, null).Code);
        Assert.Equal(IoErrorCode.SocketIllegalOperationForState, pair.Client.Close().Code);
        Assert.Equal(IoErrorCode.EventLoopAlreadyAssigned, pair.Client.AssignTo(Loop).Code);
        Assert.True(pair.Client.IsOpen);

        await pair.Close();
    }

    [Fact]
    public async Task A_socket_without_a_connection_can_be_neither_read_nor_written()
    {
        IoSocket socket = Transport.Tcp4.NewSocket();
        Assert.Equal(IoErrorCode.SocketNotConnected, socket.SubscribeReadable((_, _, _) => { }, null).Code);
        socket.Dispose();

        SocketPair pair = await SocketPair.Open(Transport.Tcp4, Loop);
        await pair.Close();
        await Loop.On(() =>
        {
            Assert.Equal(IoErrorCode.SocketNotConnected, pair.Client.Read(new byte[1], out _).Code);
            Assert.Equal(IoErrorCode.SocketNotConnected, pair.Client.Write(new byte[1], (_, _, _, _) => { }, null).Code);
            Assert.Equal(IoErrorCode.SocketNotConnected, pair.Client.ShutdownWrite().Code);
        });
    }

    [Fact]
    public async Task One_subscription_to_readable_events_is_all_that_there_is()
    {
        SocketPair pair = await SocketPair.Open(Transport.Unix, Loop);
        await Loop.On(() =>
        {
            Assert.Equal(IoError.None, pair.Client.SubscribeReadable((_, _, _) => { }, null));
            Assert.Equal(IoErrorCode.AlreadySubscribed, pair.Client.SubscribeReadable((_, _, _) => { }, null).Code);
        });
        await pair.Close();
    }

    // Each read is to give all that is there: under a fault plan it gives less, or nothing yet.
    [Theory]
    [ClassData(typeof(EveryTransport))]
    [Trait("Category", "ExactCalls")]
    public async Task Ending_one_direction_leaves_the_other(Transport transport)
    {
        SocketPair pair = await SocketPair.Open(transport, Loop);
        await Loop.On(() => Assert.Equal(IoError.None, pair.Client.ShutdownWrite()));
        await UntilReadable(pair.Server);
        Assert.Equal((0, IoErrorCode.SocketClosed), await Loop.On(() => CountAndCode(pair.Server, 10)));
        Assert.Equal(IoErrorCode.SocketNotConnected, await Loop.On(() => pair.Client.ShutdownWrite().Code));

        await Exchange(pair.Server, pair.Client, "still there");

        await pair.Close();
    }

    // Each read is to give all that is there: under a fault plan it gives less, or nothing yet.
    [Theory]
    [ClassData(typeof(EveryTcp))]
    [Trait("Category", "ExactCalls")]
    public async Task A_reset_is_an_error_with_its_errno_behind_the_bytes_before_it(Transport transport)
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
        peer.Send("tail"u8);
        peer.LingerState = new LingerOption(true, 0);
        peer.Dispose();
        await UntilReadable(ours, untilHungUp: true);

        Assert.Equal((4, IoErrorCode.Success), await Loop.On(() => CountAndCode(ours, 100)));
        IoError error = await Loop.On(() => Read(ours, 100).Error);
        Assert.Equal(IoErrorCode.SocketClosed, error.Code);
        Assert.Equal(Native.Unix.Errno.ECONNRESET, error.NativeError);
        await SocketPair.CloseOn(ours);
    }

    private static (IoError Error, int Count) Read(IoSocket socket, int size)
    {
        IoError error = socket.Read(new byte[size], out int count);
        return (error, count);
    }

    private static (int Count, IoErrorCode Code) CountAndCode(IoSocket socket, int size)
    {
        (IoError error, int count) = Read(socket, size);
        return (count, error.Code);
    }

    private static Task UntilReadable(IoSocket socket, bool untilHungUp = false)
    {
        // A subscription would be the socket's only one; a test may wait several times.
        TaskCompletionSource<bool> source = Waits.NewSource<bool>();
        IoTask look = null!;
        look = IoTask.Create(
            (_, _) =>
            {
                if (socket.MayRead && (!untilHungUp || PeerIsGone(socket)))
                {
                    source.SetResult(true);
                }
                else
                {
                    socket.EventLoop!.Schedule(look);
                }
            },
            0);
        socket.EventLoop!.Schedule(look);
        return source.Task.Within();
    }

    private static bool PeerIsGone(IoSocket socket)
    {
        using Socket view = new(new SafeSocketHandle(socket.Descriptor, ownsHandle: false));
        using StreamReader tcp = new(view.AddressFamily == AddressFamily.InterNetwork ? "/proc/self/net/tcp" : "/proc/self/net/tcp6");
        string inode = ProcessResources.TargetOf(socket.Descriptor)![8..^1];

        // A socket that was reset is no longer in the kernel's table of connections.
        return !tcp.ReadToEnd().Contains($" {inode} ", StringComparison.Ordinal);
    }

    private static Task<string> ReadText(IoSocket socket, int length)
    {
        TaskCompletionSource<string> text = Waits.NewSource<string>();
        socket.EventLoop!.Schedule(IoTask.Create(
            (_, _) =>
            {
                byte[] buffer = new byte[length];
                int total = 0;
                IoError error = socket.SubscribeReadable(
                    (_, _, _) =>
                    {
                        while (total < length && socket.Read(buffer.AsSpan(total), out int count).IsNone)
                        {
                            total += count;
                        }

                        if (total == length)
                        {
                            text.TrySetResult(System.Text.Encoding.ASCII.GetString(buffer));
                        }
                    },
                    null);
                if (error.IsError)
                {
                    text.SetException(new InvalidOperationException(error.ToString()));
                }
            },
            0));
        return text.Task.Within();
    }

    /// <summary>Reads to the end; gives the text and how it ended.</summary>
    private static void CollectText(IoSocket socket, TaskCompletionSource<string> result)
    {
        string text = "";
        Assert.Equal(IoError.None, socket.SubscribeReadable(
            (_, _, _) =>
            {
                byte[] buffer = new byte[100];
                IoError error;
                while ((error = socket.Read(buffer, out int count)).IsNone)
                {
                    text += System.Text.Encoding.ASCII.GetString(buffer, 0, count);
                }

                if (error.Code != IoErrorCode.ReadWouldBlock)
                {
                    result.TrySetResult($"{text}|{error.Code}");
                }
            },
            null));
    }

    private static async Task Exchange(IoSocket from, IoSocket to, string text)
    {
        Task<string> read = ReadText(to, text.Length);
        TaskCompletionSource<(IoError, long)> written = Waits.NewSource<(IoError, long)>();
        await from.EventLoop!.On(() => Assert.Equal(IoError.None, from.Write(
            System.Text.Encoding.ASCII.GetBytes(text),
            (_, error, count, _) => written.SetResult((error, count)),
            null)));

        Assert.Equal((IoError.None, (long)text.Length), await written.Task.Within());
        Assert.Equal(text, await read);
    }
}

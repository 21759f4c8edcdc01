using System.Net.Sockets;
using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Sockets;

/// <summary>Being told of the close, and closing from inside every callback.</summary>
public sealed class SocketCloseCallbackTests(LoopFixture fixture) : TransportTest(fixture)
{
    public enum Callback
    {
        Connected,
        Readable,
        Written,
        Accepted,
        Closed,
        Task,
    }

    public enum Closing
    {
        Self,
        Peer,
        Both,
    }

    public static TheoryData<Transport, Callback, Closing> Cases
    {
        get
        {
            TheoryData<Transport, Callback, Closing> cases = [];
            foreach (Transport transport in new[] { Transport.Tcp4, Transport.Unix })
            {
                foreach (Callback callback in Enum.GetValues<Callback>())
                {
                    foreach (Closing closing in Enum.GetValues<Closing>())
                    {
                        cases.Add(transport, callback, closing);
                    }
                }
            }

            return cases;
        }
    }

    // Both ends live on one loop and have writes on their way, so that each closes with something to tell.
    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_socket_and_its_peer_may_be_closed_in_any_callback(Transport transport, Callback inside, Closing closing)
    {
        const int size = 8 * 1024 * 1024;
        using TestListener listener = TestListener.Bind(transport);
        IoSocket client = transport.NewSocket();
        IoSocket? server = null;
        bool isOver = false;
        int writes = 0;
        List<string> told = [];
        TaskCompletionSource<bool> over = Waits.NewSource<bool>();

        void Close(Callback where)
        {
            if (where != inside || isOver)
            {
                return;
            }

            isOver = true;
            if (closing != Closing.Peer)
            {
                client.Dispose();
                client.Dispose();
            }

            if (closing != Closing.Self)
            {
                server?.Dispose();
            }

            over.SetResult(true);
        }

        void Use(IoSocket socket, string name)
        {
            if (!socket.IsOpen)
            {
                return;
            }

            Assert.Equal(IoError.None, socket.SubscribeReadable(
                (same, _, _) =>
                {
                    Assert.True(same.IsOpen, "A closed socket tells to be readable.");
                    if (name == "client")
                    {
                        Close(Callback.Readable);
                    }
                },
                null));
            for (int i = 0; i < 3 && socket.IsOpen; i++)
            {
                int number = i;
                writes++;
                IoError error = socket.Write(
                    new byte[i == 1 ? size : 10],
                    (_, _, _, _) =>
                    {
                        told.Add($"{name} {number}");
                        if (name == "client")
                        {
                            Close(Callback.Written);
                        }
                    },
                    null);
                writes -= error.IsError ? 1 : 0;
            }
        }

        await Loop.On(() =>
        {
            Assert.Equal(IoError.None, client.SubscribeClosed((_, _, _) => told.Add("client closed"), null));
            Assert.Equal(IoError.None, listener.Socket.StartAccept(
                Loop,
                (_, _, accepted, _) =>
                {
                    server = accepted!;
                    Assert.Equal(IoError.None, server.SubscribeClosed(
                        (_, _, _) =>
                        {
                            told.Add("server closed");
                            Close(Callback.Closed);
                        },
                        null));
                    Assert.Equal(IoError.None, server.AssignTo(Loop));
                    Close(Callback.Accepted);
                    Use(server, "server");
                    if (inside == Callback.Closed)
                    {
                        server.Dispose();
                    }
                },
                null));
            Assert.Equal(IoError.None, client.Connect(
                listener.Endpoint,
                Loop,
                (socket, error, _) =>
                {
                    // Over a Unix socket the peer may have gone before this is told.
                    Close(Callback.Connected);
                    if (error.IsNone)
                    {
                        Use(socket, "client");
                    }

                    Loop.Schedule(IoTask.Create((_, _) => Close(Callback.Task), 0));
                },
                null));
        });
        await over.Task.Within();
        await Loop.Ticks(3);
        await Loop.On(() =>
        {
            client.Dispose();
            server?.Dispose();
        });
        await Loop.Ticks(3);

        // Every write has told once, in order, and before its socket's close, which comes once too.
        Assert.Equal(writes, told.Count(static text => !text.EndsWith("closed", StringComparison.Ordinal)));
        foreach (string name in new[] { "client", "server" })
        {
            List<string> own = [.. told.Where(text => text.StartsWith(name, StringComparison.Ordinal))];
            Assert.Equal(own.Order(StringComparer.Ordinal), own);
            if (name == "client" || server is not null)
            {
                Assert.Equal($"{name} closed", own[^1]);
                Assert.Single(own, $"{name} closed");
            }
        }
    }

    [Fact]
    public async Task The_close_is_told_once_as_the_last_thing_and_on_the_loop()
    {
        SocketPair pair = await SocketPair.Open(Transport.Tcp4, Loop);
        List<string> told = [];
        Assert.Equal(IoErrorCode.EventLoopThreadOnly, pair.Client.SubscribeClosed((_, _, _) => { }, null).Code);
        await Loop.On(() =>
        {
            Assert.Equal(IoError.None, pair.Client.SubscribeClosed(
                (socket, error, state) =>
                {
                    told.Add($"closed {error.Code} {state} {Loop.IsOnLoop} {socket.IsOpen}");
                    throw new InvalidOperationException("on purpose");
                },
                "x"));
            Assert.Equal(IoErrorCode.AlreadySubscribed, pair.Client.SubscribeClosed((_, _, _) => { }, null).Code);
            pair.Client.Write(new byte[32 * 1024 * 1024], (_, error, _, _) => told.Add($"written {error.Code}"), null);
            Assert.Equal(IoError.None, pair.Client.Close());
            Assert.Equal(["written SocketClosed", "closed Success x True False"], told);
            Assert.Equal(IoErrorCode.SocketClosed, pair.Client.SubscribeClosed((_, _, _) => { }, null).Code);
        });
        pair.Client.Dispose();
        await Loop.Ticks(2);
        Assert.Equal(2, told.Count);
        await SocketPair.CloseOn(pair.Server);
    }

    [Fact]
    public async Task A_socket_without_a_loop_and_a_listener_tell_of_their_close_too()
    {
        int told = 0;
        IoSocket socket = Transport.Tcp4.NewSocket();
        Assert.Equal(IoError.None, socket.SubscribeClosed((_, _, _) => told++, null));
        socket.Dispose();
        Assert.Equal(1, told);

        TestListener listener = TestListener.Bind(Transport.Tcp4);
        Assert.Equal(IoError.None, listener.Socket.SubscribeClosed((_, _, _) => told += Loop.IsOnLoop ? 10 : 100, null));
        Assert.Equal(IoError.None, listener.Socket.StartAccept(Loop, static (_, _, _, _) => { }, null));
        listener.Dispose();
        Assert.Equal(11, told);
        await Loop.Ticks(1);
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task Ending_the_reading_direction_leaves_the_other(Transport transport)
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
        int readable = 0;
        Assert.Equal(IoErrorCode.EventLoopThreadOnly, ours.ShutdownRead().Code);
        await Loop.On(() =>
        {
            Assert.Equal(IoError.None, ours.SubscribeReadable((_, _, _) => readable++, null));
            Assert.Equal(IoError.None, ours.ShutdownRead());
            readable = 0;
            Assert.Equal(IoErrorCode.SocketNotConnected, ours.Read(new byte[1], out _).Code);
            Assert.Equal(IoErrorCode.SocketNotConnected, ours.ShutdownRead().Code);
            Assert.Equal(IoErrorCode.SocketNotConnected, ours.SubscribeReadable((_, _, _) => { }, null).Code);
            Assert.Equal(IoError.None, ours.Write(new byte[5], static (_, error, _, _) => Assert.Equal(IoError.None, error), null));
        });
        Assert.Equal(5, peer.Receive(new byte[10]));
        if (transport == Transport.Unix)
        {
            Assert.Throws<SocketException>(() => peer.Send(new byte[3]));
        }
        else
        {
            Assert.Equal(3, peer.Send(new byte[3]));
        }

        await Loop.Ticks(3);
        Assert.Equal(0, readable);
        await Loop.On(() =>
        {
            Assert.Equal(IoError.None, ours.ShutdownWrite());
            Assert.Equal(IoErrorCode.SocketNotConnected, ours.ShutdownWrite().Code);
            Assert.True(ours.IsOpen);
            ours.Dispose();
        });
        peer.Dispose();
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task What_was_written_arrives_though_both_directions_were_ended_before_the_close(Transport transport)
    {
        const int size = 4 * 1024 * 1024;
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
        TaskCompletionSource<IoError> written = Waits.NewSource<IoError>();
        await Loop.On(() =>
        {
            Assert.Equal(IoError.None, ours.ShutdownRead());
            Assert.Equal(IoError.None, ours.Write(Data.Pattern(size), (_, error, _, _) => written.SetResult(error), null));
        });
        byte[] received = new byte[size];
        int count = 0;
        Receive(size / 2);
        Task<IoError> over = written.Task;

        // A Unix domain socket has room again only when a quarter of it is full at most.
        Receive(size - 4096);
        Assert.Equal(IoError.None, await over.Within());
        TaskCompletionSource<bool> closed = Waits.NewSource<bool>();
        await Loop.On(() =>
        {
            Assert.Equal(IoError.None, ours.SubscribeClosed((_, _, _) => closed.SetResult(true), null));
            CloseGracefully();
        });
        Receive(size);
        Assert.Equal(0, peer.Receive(new byte[1]));
        Data.AssertPattern(received, size);
        await closed.Task.Within();
        peer.Dispose();

        void Receive(int until)
        {
            while (count < until)
            {
                int more = peer.Receive(received.AsSpan(count, until - count));
                Assert.NotEqual(0, more);
                count += more;
            }
        }

        void CloseGracefully()
        {
            if (ours.IsOpen)
            {
                _ = ours.TryCloseGracefully(CloseGracefully);
            }
        }
    }
}

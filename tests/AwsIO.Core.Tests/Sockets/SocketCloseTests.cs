using System.Net.Sockets;
using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Sockets;

public sealed class SocketCloseTests(LoopFixture fixture) : TransportTest(fixture)
{
    [Fact]
    public void A_socket_without_a_loop_closes_on_any_thread()
    {
        IoSocket socket = Transport.Tcp4.NewSocket();
        Assert.True(socket.Descriptor >= 0);
        Assert.Equal(IoError.None, socket.Close());
        Assert.Equal((-1, false), (socket.Descriptor, socket.IsOpen));
        Assert.Equal(IoError.None, socket.Close());
        socket.Dispose();
        Assert.Equal(IoErrorCode.SocketClosed, socket.AssignTo(Loop).Code);
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task Disposing_off_the_loop_closes_soon(Transport transport)
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
        ours.Dispose();
        ours.Dispose();

        Assert.Equal(0, peer.Receive(new byte[1]));
        await Loop.Ticks(1);
        Assert.False(ours.IsOpen);
        peer.Dispose();
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task A_socket_may_be_disposed_in_its_readable_callback(Transport transport)
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
        TaskCompletionSource<bool> closed = Waits.NewSource<bool>();
        int calls = 0;
        await Loop.On(() => Assert.Equal(IoError.None, ours.SubscribeReadable(
            (socket, _, _) =>
            {
                calls++;
                socket.Dispose();
                closed.TrySetResult(true);
            },
            null)));

        // Bytes and the end come in one edge, which would be told by two callbacks.
        peer.Send(new byte[5]);
        peer.Dispose();
        await closed.Task.Within();
        await Loop.Ticks(3);

        Assert.Equal(1, calls);
        Assert.False(ours.IsOpen);
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task A_descriptor_that_is_used_again_in_the_same_wake_up_gets_no_stale_event(Transport transport)
    {
        (IoSocket first, Socket firstPeer) = await SocketPair.OpenWithPeer(transport, Loop);
        (IoSocket second, Socket secondPeer) = await SocketPair.OpenWithPeer(transport, Loop);
        using TestListener listener = TestListener.Bind(transport);
        IoSocket? third = null;
        int told = 0;
        TaskCompletionSource<int> replaced = Waits.NewSource<int>();

        // Whoever is told first closes the other, and connects a new socket, which gets the other's descriptor.
        void Replace(IoSocket other)
        {
            told++;
            if (third is not null)
            {
                return;
            }

            int descriptor = other.Descriptor;
            other.Dispose();
            third = transport.NewSocket();
            Assert.Equal(descriptor, third.Descriptor);
            Assert.Equal(IoError.None, third.Connect(
                listener.Endpoint,
                Loop,
                (socket, error, _) =>
                {
                    Assert.Equal(IoError.None, error);
                    Assert.Equal(IoError.None, socket.SubscribeReadable((_, _, _) => { }, null));
                    replaced.SetResult(socket.Read(new byte[10], out int _).Code == IoErrorCode.ReadWouldBlock ? 0 : 1);
                },
                null));
        }

        await Loop.On(() =>
        {
            Assert.Equal(IoError.None, first.SubscribeReadable((_, _, _) => Replace(second), null));
            Assert.Equal(IoError.None, second.SubscribeReadable((_, _, _) => Replace(first), null));
            firstPeer.Send(new byte[5]);
            secondPeer.Send(new byte[5]);
        });

        Assert.Equal(0, await replaced.Task.Within());
        Assert.Equal(1, told);
        firstPeer.Dispose();
        secondPeer.Dispose();
        await Loop.On(() =>
        {
            first.Dispose();
            second.Dispose();
            third!.Dispose();
        });
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task A_loop_that_ends_closes_a_socket_whose_callback_throws(Transport transport)
    {
        EventLoopGroup group = Infrastructure.LoopBackend.Platform.NewGroup();
        EventLoop loop = group[0];
        SocketPair pair = await SocketPair.Open(transport, loop, Loop);
        await loop.On(() => pair.Client.SubscribeReadable((_, _, _) => throw new InvalidOperationException("on purpose"), null));
        using TestListener listener = TestListener.Bind(transport);
        Assert.Equal(IoError.None, listener.Socket.StartAccept(
            loop, (_, _, _, _) => throw new InvalidOperationException("on purpose"), null));

        await group.DisposeAsync().AsTask().Within();

        Assert.False(pair.Client.IsOpen || listener.Socket.IsOpen);
        await SocketPair.CloseOn(pair.Server);
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task A_loop_that_ends_tells_readers_and_closes_their_sockets(Transport transport)
    {
        EventLoopGroup group = Infrastructure.LoopBackend.Platform.NewGroup();
        SocketPair pair = await SocketPair.Open(transport, group[0], Loop);
        List<string> told = [];
        await group[0].On(() =>
        {
            pair.Client.SubscribeReadable(
                (_, error, _) =>
                {
                    // A new connection may be told to be readable once, in case something came with it.
                    if (error.IsError)
                    {
                        told.Add($"readable {error.Code}");
                    }
                },
                null);
            pair.Client.Write(new byte[32 * 1024 * 1024], (_, error, _, _) => told.Add($"write {error.Code}"), null);
        });

        await group.DisposeAsync().AsTask().Within();

        Assert.Equal(["readable EventLoopShutdown", "write SocketClosed"], told);
        Assert.False(pair.Client.IsOpen);
        await SocketPair.CloseOn(pair.Server);
    }
}

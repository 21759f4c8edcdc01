using System.Buffers;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using AwsIO.Native.Unix;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Sockets;

/// <summary>Loops that have ended, callbacks that throw, memory that has gone: each tells its own, and takes nothing else along.</summary>
public sealed class SocketMisfortuneTests(LoopFixture fixture) : TransportTest(fixture)
{
    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task A_listener_that_an_ended_loop_refuses_can_be_closed(Transport transport)
    {
        EventLoop ended = await EndedLoop();
        TestListener listener = TestListener.Bind(transport);

        IoError error = listener.Socket.StartAccept(ended, static (_, _, _, _) => Assert.Fail("Nothing was accepted."), null);

        Assert.Equal(IoErrorCode.EventLoopShutdown, error.Code);
        listener.Dispose();
        Assert.False(listener.Socket.IsOpen);
        Assert.ThrowsAny<SocketException>(() => SocketPair.NewPeer(listener.Endpoint));
    }

    [Fact]
    public async Task Connecting_on_an_ended_loop_is_told_after_the_call()
    {
        EventLoop ended = await EndedLoop();
        using TestListener listener = TestListener.Bind(Transport.Tcp4);
        IoSocket socket = Transport.Tcp4.NewSocket();
        TaskCompletionSource<IoError> told = Waits.NewSource<IoError>();
        int calls = 0;

        object gate = new();
        lock (gate)
        {
            // Inside the call, this lock would be the callback's own.
            Assert.Equal(IoError.None, socket.Connect(
                listener.Endpoint,
                ended,
                (_, error, _) =>
                {
                    lock (gate)
                    {
                        calls++;
                        told.TrySetResult(error);
                    }
                },
                null));
            Assert.Equal(0, calls);
        }

        Assert.Equal(IoErrorCode.EventLoopShutdown, (await told.Task.Within()).Code);
        Assert.Equal(1, calls);
        socket.Dispose();
        Waiting.Until(() => !socket.IsOpen);
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task A_connection_whose_callback_throws_is_closed_and_the_next_one_comes(Transport transport)
    {
        using TestListener listener = TestListener.Bind(transport);
        TaskCompletionSource<IoSocket> second = Waits.NewSource<IoSocket>();
        int calls = 0;
        Assert.Equal(IoError.None, listener.Socket.StartAccept(
            Loop,
            (_, error, accepted, _) =>
            {
                if (++calls == 1)
                {
                    throw new InvalidOperationException("on purpose");
                }

                second.Set(error, accepted);
            },
            null));

        using Socket first = SocketPair.NewPeer(listener.Endpoint);
        Assert.Equal(0, await Task.Run(() => first.Receive(new byte[1])).Within());
        using Socket next = SocketPair.NewPeer(listener.Endpoint);
        (await second.Task.Within()).Dispose();
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task A_readable_callback_that_throws_does_not_stop_what_is_queued(Transport transport)
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
        const int size = 4 * 1024 * 1024;
        TaskCompletionSource<IoError> written = Waits.NewSource<IoError>();
        await Loop.On(() =>
        {
            Assert.Equal(IoError.None, ours.SubscribeReadable(static (_, _, _) => throw new InvalidOperationException("on purpose"), null));
            Assert.Equal(IoError.None, ours.Write(Data.Pattern(size), (_, error, _, _) => written.SetResult(error), null));
            Assert.True(ours.QueuedBytes > 0);
        });

        // While the loop is held, the socket becomes readable and writable: one edge tells of both.
        using HeldLoop held = await Loop.Hold();
        byte[] received = new byte[size];
        int count = 0;
        await Task.Run(() =>
        {
            peer.Send(new byte[1]);
            while (peer.Available > 0)
            {
                count += peer.ReceiveSome(received.AsSpan(count));
            }
        });
        held.Dispose();
        await Task.Run(() =>
        {
            while (count < size)
            {
                count += peer.ReceiveSome(received.AsSpan(count));
            }
        }).Within();

        Assert.Equal(IoError.None, await written.Task.Within());
        Data.AssertPattern(received, size);
        await SocketPair.CloseOn(ours);
        peer.Dispose();
    }

    [Fact]
    public async Task Two_loops_may_close_each_others_listeners()
    {
        TestListener first = TestListener.Listen(Transport.Tcp4, Loop);
        TestListener second = TestListener.Listen(Transport.Tcp4, Fixture.OtherLoop);
        using Barrier both = new(2);
        Task CloseOn(EventLoop loop, IoSocket socket) => loop.On(() =>
        {
            OnPurpose.Block(both.SignalAndWait);
            Assert.Equal(IoError.None, socket.Close());
        });

        await Task.WhenAll(CloseOn(Loop, second.Socket), CloseOn(Fixture.OtherLoop, first.Socket)).Within();
        await Loop.Ticks(2);
        await Fixture.OtherLoop.Ticks(2);
        Assert.False(first.Socket.IsOpen || second.Socket.IsOpen);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Memory_that_was_taken_back_fails_its_write_and_those_behind_it(bool hasOthers)
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(Transport.Tcp4, Loop);
        using FleetingMemory memory = new(64 * 1024 * 1024);
        List<IoErrorCode> told = [];
        TaskCompletionSource<bool> last = Waits.NewSource<bool>();
        await Loop.On(() =>
        {
            Assert.Equal(IoError.None, ours.Write(memory.Memory, (_, error, _, _) => Tell(error, !hasOthers), null));
            if (hasOthers)
            {
                Assert.Equal(IoError.None, ours.Write(new byte[10], (_, error, _, _) => Tell(error, true), null));
            }

            memory.IsGone = true;
        });

        Task drained = Task.Run(() =>
        {
            byte[] buffer = new byte[1024 * 1024];
            while (peer.Receive(buffer) > 0)
            {
            }
        });
        await last.Task.Within();
        Assert.All(told, static code => Assert.Equal(IoErrorCode.InvalidArgument, code));
        Assert.Equal(hasOthers ? 2 : 1, told.Count);
        await SocketPair.CloseOn(ours);
        await drained.Within();
        peer.Dispose();

        void Tell(IoError error, bool isLast)
        {
            told.Add(error.Code);
            if (isLast)
            {
                last.SetResult(true);
            }
        }
    }

    [Fact]
    public async Task Bytes_behind_a_passed_descriptor_are_told_without_an_edge_of_their_own()
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(Transport.Unix, Loop);
        TestChannel test = await TestChannel.Over(ours);
        using HeldLoop held = await Loop.Hold();

        // Linux ends a read behind the bytes that a descriptor came with.
        SendWithDescriptor((int)peer.Handle, (byte)'A', (int)peer.Handle);
        peer.Send("B"u8);
        held.Dispose();

        await test.App.UntilReceived(2);
        Assert.Equal("AB"u8.ToArray(), test.App.Received);
        await test.Close();
        peer.Dispose();
    }

    // A false EAGAIN says that nothing is left to throw away, and the close is a reset then.
    [Fact]
    [Trait("Category", "ExactCalls")]
    public async Task Bytes_that_came_after_the_last_poll_turn_no_graceful_close_into_a_reset()
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(Transport.Tcp4, Loop);
        await Loop.On(() =>
        {
            Assert.Equal(IoError.None, ours.TryWrite(new byte[1000], out int sent));
            Assert.Equal(1000, sent);
            peer.Send(new byte[10]);
            Assert.True(ours.TryCloseGracefully(static () => Assert.Fail("The socket is closed.")));
        });

        byte[] buffer = new byte[2000];
        Assert.Equal(1000, peer.Receive(buffer));
        Assert.Equal(0, peer.Receive(buffer));
        peer.Dispose();
    }

    private static async Task<EventLoop> EndedLoop()
    {
        EventLoopGroup group = LoopBackend.Platform.NewGroup();
        EventLoop loop = group[0];
        await group.DisposeAsync().AsTask().Within();
        return loop;
    }

    private static unsafe void SendWithDescriptor(int socket, byte data, int descriptor)
    {
        const int controlSize = 24;
        byte* control = stackalloc byte[controlSize];
        *(nuint*)control = 20;
        ((int*)control)[2] = SocketConstants.LevelSocket;
        ((int*)control)[3] = 1;
        ((int*)control)[4] = descriptor;
        IoVector vector = new() { Base = &data, Length = 1 };
        MessageHeader header = new() { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = controlSize };
        Assert.Equal(1, sendmsg(socket, &header, 0));
    }

    [DllImport("libc")]
    private static extern unsafe nint sendmsg(int socket, MessageHeader* header, int flags);

    private sealed class FleetingMemory(int size) : MemoryManager<byte>
    {
        private readonly byte[] _bytes = new byte[size];

        internal bool IsGone { get; set; }

        public override Span<byte> GetSpan() => IsGone ? throw new ObjectDisposedException("the memory") : _bytes;

        public override MemoryHandle Pin(int elementIndex = 0) =>
            IsGone ? throw new ObjectDisposedException("the memory") : _bytes.AsMemory(elementIndex).Pin();

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}

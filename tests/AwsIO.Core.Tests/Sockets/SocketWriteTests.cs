using System.Net.Sockets;
using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Sockets;

public sealed class SocketWriteTests(LoopFixture fixture) : TransportTest(fixture)
{
    // Its first write is to go out whole: under a fault plan it waits.
    [Theory]
    [ClassData(typeof(EveryTransport))]
    [Trait("Upstream", "sock_write_cb_is_async")]
    [Trait("Category", "ExactCalls")]
    public async Task Callbacks_come_after_the_call_and_in_order_though_one_writes_and_the_next_closes(Transport transport)
    {
        SocketPair pair = await SocketPair.Open(transport, Loop);
        List<string> told = [];
        await Loop.On(() =>
        {
            Assert.Equal(IoError.None, Write(pair.Client, "A", told, socket => Write(socket, "D", told)));
            Assert.Equal(IoError.None, Write(pair.Client, "B", told, socket =>
            {
                socket.Dispose();
                told.Add("closed");
            }));
            Assert.Equal(IoError.None, Write(pair.Client, "C", told));
            Assert.Empty(told);
        });
        await Loop.Ticks(3);

        // All of A, B, C and D were taken by the kernel; the close tells what was not told yet, and in order.
        Assert.Equal(["A Success 1", "B Success 1", "C Success 1", "D Success 1", "closed"], told);
        await pair.Close();
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    [Trait("Upstream", "cleanup_in_write_cb_doesnt_explode")]
    public async Task A_socket_may_be_disposed_in_its_write_callback(Transport transport)
    {
        SocketPair pair = await SocketPair.Open(transport, Loop);
        TaskCompletionSource<bool> open = Waits.NewSource<bool>();
        await Loop.On(() => pair.Client.Write(
            new byte[1],
            (socket, _, _, _) =>
            {
                socket.Dispose();
                open.SetResult(socket.IsOpen);
            },
            null));

        Assert.False(await open.Task.Within());
        Assert.Equal(-1, pair.Client.Descriptor);
        await pair.Close();
    }

    // Its first write is to go out whole: under a fault plan it waits.
    [Theory]
    [ClassData(typeof(EveryTransport))]
    [Trait("Category", "ExactCalls")]
    public async Task Closing_tells_finished_writes_their_result_and_queued_ones_that_it_closed(Transport transport)
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
        List<string> told = [];
        byte[] large = new byte[32 * 1024 * 1024];
        await Loop.On(() =>
        {
            Write(ours, "A", told);
            ours.Write(large, (_, error, sent, _) => told.Add($"large {error.Code} {sent > 0 && sent < large.Length}"), null);
            Write(ours, "B", told);
            Write(ours, "", told);
            Assert.True(ours.QueuedBytes > 1);
            ours.Dispose();
            Assert.Equal(0, ours.QueuedBytes);

            // Everything is told before the call returns, and nothing later.
            Assert.Equal(["A Success 1", "large SocketClosed True", "B SocketClosed 0", " SocketClosed 0"], told);
        });
        await Loop.Ticks(3);

        Assert.Equal(4, told.Count);
        peer.Dispose();
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task Writes_against_a_full_peer_complete_in_order_and_once(Transport transport)
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
        const int writes = 200;
        const int size = 100_003;
        byte[] data = Data.Pattern(writes * size);
        List<int> told = [];
        TaskCompletionSource<bool> all = Waits.NewSource<bool>();
        await Loop.On(() =>
        {
            for (int i = 0; i < writes; i++)
            {
                int number = i;
                Assert.Equal(IoError.None, ours.Write(
                    data.AsMemory(i * size, size),
                    (_, error, sent, _) =>
                    {
                        Assert.Equal(IoError.None, error);
                        Assert.Equal(size, sent);
                        told.Add(number);
                        if (number == writes - 1)
                        {
                            all.SetResult(true);
                        }
                    },
                    null));
            }

            Assert.True(ours.QueuedBytes > 0, "The peer took everything at once: the test proves nothing.");
            Assert.Equal(IoErrorCode.InvalidState, ours.ShutdownWrite().Code);
        });

        byte[] received = await Task.Run(() => ReadExactly(peer, data.Length));

        await all.Task.Within();
        Data.AssertPattern(received, data.Length);
        await Loop.On(() =>
        {
            Assert.Equal(Enumerable.Range(0, writes), told);
            Assert.Equal(0, ours.QueuedBytes);
            ours.Dispose();
        });
        peer.Dispose();
    }

    [Fact]
    public async Task An_empty_write_completes_as_any_other()
    {
        SocketPair pair = await SocketPair.Open(Transport.Tcp4, Loop);
        List<string> told = [];
        await Loop.On(() => Write(pair.Client, "", told));
        await Loop.Ticks(2);

        Assert.Equal([" Success 0"], told);
        await pair.Close();
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task When_the_peer_is_gone_each_queued_write_fails_once(Transport transport)
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
        List<string> told = [];
        TaskCompletionSource<bool> all = Waits.NewSource<bool>();
        await Loop.On(() =>
        {
            ours.Write(new byte[32 * 1024 * 1024], (_, error, _, _) => told.Add($"large {error.Code}"), null);
            Write(ours, "A", told);
            Write(ours, "B", told, _ => all.SetResult(true));
        });

        if (transport != Transport.Unix)
        {
            peer.LingerState = new LingerOption(true, 0);
        }

        peer.Dispose();
        await all.Task.Within();
        await Loop.Ticks(3);

        await Loop.On(() =>
        {
            Assert.Equal(["large SocketClosed", "A SocketClosed 0", "B SocketClosed 0"], told);
            Assert.Equal(0, ours.QueuedBytes);
            ours.Dispose();
        });
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task A_write_that_fails_at_once_says_so_and_is_not_told_again(Transport transport)
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
        peer.Dispose();
        List<string> told = [];

        // TCP answers the first write after a close with a reset; from then on writes fail.
        TaskCompletionSource<IoError> failed = Waits.NewSource<IoError>();
        int refused = 0;
        int taken = 0;
        IoTask again = null!;
        again = IoTask.Create(
            (_, _) =>
            {
                IoError error = Write(ours, "x", told);
                if (error.IsError)
                {
                    refused++;
                    failed.SetResult(error);
                }
                else
                {
                    taken++;
                    Loop.Schedule(again);
                }
            },
            0);
        Loop.Schedule(again);

        Assert.Equal(IoErrorCode.SocketClosed, (await failed.Task.Within()).Code);
        await Loop.Ticks(3);
        await Loop.On(() =>
        {
            Assert.Equal(1, refused);
            Assert.Equal(taken, told.Count);
            ours.Dispose();
        });
    }

    // Its first write is to go out whole: under a fault plan it waits.
    [Fact]
    [Trait("Category", "ExactCalls")]
    public async Task A_write_callback_that_throws_takes_no_other_callback_with_it()
    {
        SocketPair pair = await SocketPair.Open(Transport.Tcp4, Loop);
        List<string> told = [];
        int logged = Fixture.Logs.Count(3);
        await Loop.On(() =>
        {
            Write(pair.Client, "A", told, _ => throw new InvalidOperationException("on purpose"));
            Write(pair.Client, "B", told);
        });
        await Loop.Ticks(3);

        Assert.Equal(["A Success 1", "B Success 1"], told);
        Assert.Equal(logged + 1, Fixture.Logs.Count(3));

        // Nor does one that throws while the socket closes.
        await Loop.On(() =>
        {
            Write(pair.Server, "C", told, _ => throw new InvalidOperationException("on purpose"));
            Write(pair.Server, "D", told);
            pair.Server.Dispose();
        });
        Assert.Equal(["A Success 1", "B Success 1", "C Success 1", "D Success 1"], told);
        await pair.Close();
    }

    [Fact]
    public async Task A_callback_that_always_writes_again_starves_nobody()
    {
        SocketPair pair = await SocketPair.Open(Transport.Unix, Loop);
        int rounds = 0;
        bool stop = false;
        void Again(IoSocket socket, IoError error, long sent, object? state)
        {
            rounds++;
            if (!stop && socket.IsOpen)
            {
                socket.Write(ReadOnlyMemory<byte>.Empty, Again, null);
            }
        }

        await Loop.On(() => Again(pair.Client, IoError.None, 0, null));
        await Loop.Ticks(10);
        await Loop.On(() => stop = true);

        Assert.True(rounds >= 10);
        await pair.Close();
    }

    private static IoError Write(IoSocket socket, string text, List<string> told, Action<IoSocket>? then = null) => socket.Write(
        System.Text.Encoding.ASCII.GetBytes(text),
        (same, error, sent, _) =>
        {
            told.Add($"{text} {error.Code} {sent}");
            then?.Invoke(same);
        },
        null);

    private static byte[] ReadExactly(Socket peer, int size)
    {
        byte[] bytes = new byte[size];
        for (int total = 0; total < size;)
        {
            int count = peer.Receive(bytes.AsSpan(total));
            Assert.NotEqual(0, count);
            total += count;
        }

        return bytes;
    }
}

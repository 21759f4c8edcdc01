using System.Net.Sockets;
using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Channels;

public sealed class SocketChannelFairnessTests(LoopFixture fixture) : TransportTest(fixture)
{
    private const int LargestTurn = 16 * SocketChannelHandler.DefaultMaxReadSize;

    // Counts turns: under a fault plan a connection misses one now and then.
    [Theory]
    [ClassData(typeof(EveryTransport))]
    [Trait("Category", "ExactCalls")]
    public async Task Between_two_turns_of_a_firehose_every_quiet_connection_has_its_own(Transport transport)
    {
        const int quietCount = 60;
        const int rounds = 20;
        List<(int Who, int Size)> order = [];
        (IoSocket fire, Socket hose) = await SocketPair.OpenWithPeer(transport, Loop);
        TestChannel firehose = await TestChannel.Over(fire, new SilentHandler(message => order.Add((-1, message.Length))));
        List<(TestChannel Channel, Socket Peer)> quiet = [];
        for (int i = 0; i < quietCount; i++)
        {
            int who = i;
            (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
            quiet.Add((await TestChannel.Over(ours, new SilentHandler(message => order.Add((who, message.Length)))), peer));
        }

        // The hose is never dry: its peer sends until it is told to stop.
        bool stop = false;
        Task pouring = Task.Run(() =>
        {
            byte[] buffer = new byte[1024 * 1024];
            while (!Volatile.Read(ref stop))
            {
                hose.Send(buffer);
            }
        });
        for (int round = 0; round < rounds; round++)
        {
            // While the loop is held, the firehose fills and every quiet peer says one byte: all have something to be read.
            using ManualResetEventSlim held = new();
            using ManualResetEventSlim go = new();
            Loop.Schedule(IoTask.Create(
                (_, _) =>
                {
                    held.Set();
                    Infrastructure.OnPurpose.Block(go.Wait);
                    order.Clear();
                },
                0));
            Assert.True(held.Wait(TimeSpan.FromSeconds(30)));
            foreach ((_, Socket peer) in quiet)
            {
                Assert.Equal(1, peer.Send(new byte[1]));
            }

            Task<bool> all = Until(() => order.Count(entry => entry.Who >= 0) == quietCount);
            go.Set();
            await all;
            List<(int Who, int Size)> seen = await Loop.On(() => order.ToList());

            // From the release on the firehose had the turn that was due, at most one by an event and one by its place in the line.
            int last = seen.FindLastIndex(entry => entry.Who >= 0);
            long between = seen.Take(last).Where(entry => entry.Who < 0).Sum(entry => (long)entry.Size);
            Assert.True(between <= 2 * LargestTurn, $"Round {round}: the quiet ones waited for {between} bytes of the firehose.");
            Assert.Equal(quietCount, seen.Where(entry => entry.Who >= 0).Select(entry => entry.Who).Distinct().Count());
        }

        Volatile.Write(ref stop, true);
        await pouring.Within();
        hose.Dispose();
        await firehose.End;
        foreach ((TestChannel channel, Socket peer) in quiet)
        {
            peer.Dispose();
            await channel.End;
        }

        Task<bool> Until(Func<bool> holds)
        {
            TaskCompletionSource<bool> source = Waits.NewSource<bool>();
            IoTask look = null!;
            look = IoTask.Create(
                (_, _) =>
                {
                    if (holds())
                    {
                        source.SetResult(true);
                    }
                    else
                    {
                        Loop.Schedule(look);
                    }
                },
                0);
            Loop.Schedule(look);
            return source.Task.Within();
        }
    }

    // Counts the bytes of single reads.
    [Fact]
    [Trait("Category", "ExactCalls")]
    public async Task A_turn_grows_with_a_full_connection_and_never_beyond_its_bound()
    {
        List<int> sizes = [];
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(Transport.Unix, Loop);
        TestChannel test = await TestChannel.Over(ours, new SilentHandler(message => sizes.Add(message.Length)), maxReadSize: 100);
        await Task.Run(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                peer.Send(new byte[10_000]);
            }
        });
        peer.Dispose();
        await test.End;

        Assert.Equal(1_000_000, sizes.Sum());
        Assert.Equal(1600, sizes.Max());
        Assert.Equal(100, sizes[0]);
    }

    /// <summary>Looks at messages and keeps nothing.</summary>
    private sealed class SilentHandler(Action<IoMessage> look) : AppHandler
    {
        protected internal override IoError OnRead(ChannelSlot slot, IoMessage message)
        {
            int size = message.Length;
            look(message);
            message.Release();
            slot.IncrementReadWindow(size);
            return IoError.None;
        }
    }
}

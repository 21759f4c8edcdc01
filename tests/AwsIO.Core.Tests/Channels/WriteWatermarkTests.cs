using System.Net.Sockets;
using AwsIO.Testing;
using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Channels;

/// <summary>Who writes is told when too much waits to be sent, and when no longer.</summary>
public sealed class WriteWatermarkTests(LoopFixture fixture) : TransportTest(fixture)
{
    // Fills the kernel's buffer until a call finds no room: under a fault plan one says so before that, and the rest goes out at once.
    [Theory]
    [ClassData(typeof(EveryTransport))]
    [Trait("Category", "ExactCalls")]
    public async Task A_peer_that_reads_nothing_makes_the_channel_unwritable_until_it_reads(Transport transport)
    {
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
        Told app = new();
        TestChannel test = await TestChannel.Over(ours, app);
        byte[] data = Data.Pattern(256 * 1024);
        long written = 0;
        await Loop.On(() =>
        {
            Assert.True(test.Channel.IsWritable);
            while (test.Channel.IsWritable)
            {
                Assert.Equal(IoError.None, app.Write(data));
                written += data.Length;
            }

            Assert.True(test.Channel.UnsentBytes > 64 * 1024);
            Assert.Empty(app.Changes);
        });
        await app.Conditions.Until(Loop, () => app.Changes is [false]);
        byte[] received = new byte[written];
        await Task.Run(() =>
        {
            for (int count = 0; count < received.Length;)
            {
                count += peer.ReceiveSome(received.AsSpan(count));
            }
        }).Within();
        await app.Conditions.Until(Loop, () => app.Changes is [false, true]);
        await Loop.On(() => Assert.Equal((true, 0), (test.Channel.IsWritable, test.Channel.UnsentBytes)));
        peer.Dispose();
        await test.End;
        Assert.Equal([false, true], app.Changes);
    }

    [Fact]
    public void The_marks_are_passed_and_not_just_reached_and_told_once_each_by_a_task()
    {
        using TestingChannel channel = new(new TestingChannelOptions { WriteHighWatermark = 100, WriteLowWatermark = 40 });
        channel.CompletesWrites = false;
        TestingApplication app = channel.AddApplication();
        for (int i = 0; i < 10; i++)
        {
            app.PushWrite("0123456789");
        }

        channel.RunUntilIdle();
        Assert.Empty(app.WritabilityChanges);
        channel.Invoke(() =>
        {
            app.PushWrite("x");
            Assert.False(channel.Channel.IsWritable);
            Assert.Empty(app.WritabilityChanges);
        });
        app.PushWrite("more of it");
        channel.RunUntilIdle();
        Assert.Equal([false], app.WritabilityChanges);

        channel.CompleteWrites(7);
        channel.RunUntilIdle();
        Assert.Equal([false], app.WritabilityChanges);
        channel.CompleteWrites(1);
        channel.RunUntilIdle();
        Assert.Equal([false, true], app.WritabilityChanges);
    }

    [Fact]
    public void A_change_that_is_undone_before_it_could_be_told_is_not_told()
    {
        using TestingChannel channel = new(new TestingChannelOptions { WriteHighWatermark = 3, WriteLowWatermark = 0 });
        TestingApplication app = channel.AddApplication();
        channel.CompletesWrites = false;
        app.PushWrite("1234");
        channel.CompleteWrites();
        channel.RunUntilIdle();
        Assert.Empty(app.WritabilityChanges);
    }

    [Theory]
    [InlineData(-1, 10)]
    [InlineData(11, 10)]
    public void Marks_that_make_no_sense_are_refused(long low, long high) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => IoChannel.Create(
            new IoChannelOptions { EventLoop = Loop, OnSetup = (_, _, _) => { }, WriteLowWatermark = low, WriteHighWatermark = high }));

    private sealed class Told : AppHandler
    {
        internal List<bool> Changes { get; } = [];

        protected internal override void OnWritabilityChanged(ChannelSlot slot, bool isWritable)
        {
            Changes.Add(isWritable);
            Conditions.Changed();
        }
    }
}

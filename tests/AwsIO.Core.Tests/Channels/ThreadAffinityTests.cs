using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Channels;

/// <summary>What belongs to a loop's thread refuses other threads, in every build, and nothing is lost by it.</summary>
public sealed class ThreadAffinityTests(LoopFixture fixture) : TransportTest(fixture)
{
    [Fact]
    public async Task A_message_that_is_sent_from_another_thread_is_refused_and_stays_the_senders()
    {
        (TestChannel client, TestChannel server) = await TestChannel.Pair(Transport.Tcp4, Fixture);
        IoMessage message = await client.Loop.On(() => client.Channel.RentMessage(5));
        message.Append("hello"u8);

        foreach (ChannelDirection direction in Enum.GetValues<ChannelDirection>())
        {
            IoError refused = client.App.Slot!.Send(message, direction);
            Assert.Equal(IoErrorCode.EventLoopThreadOnly, refused.Code);
            Assert.Contains(client.Loop.Name, refused.Detail, StringComparison.Ordinal);
        }

        // The channel is as good as before, and so is the message.
        Assert.Equal(IoError.None, await client.Loop.On(() => client.App.SendOrRelease(message)));
        await server.App.UntilReceived(5);
        await client.Close();
        await server.End;
    }

    [Fact]
    public async Task Members_of_a_channel_that_change_it_name_the_thread_that_they_belong_to()
    {
        (TestChannel client, TestChannel server) = await TestChannel.Pair(Transport.Tcp4, Fixture);
        ChannelSlot slot = client.App.Slot!;
        ChannelSlot fresh = await client.Loop.On(client.Channel.AddSlot);
        Action[] calls =
        [
            () => client.Channel.AddSlot(),
            () => client.Channel.AddLast(new AppHandler()),
            () => client.Channel.RentMessage(1),
            () => slot.InsertLeft(fresh),
            () => slot.InsertRight(fresh),
            () => slot.Replace(fresh),
            slot.Remove,
            () => fresh.SetHandler(new AppHandler()),
            () => slot.IncrementReadWindow(1),
            () => slot.SendReadEnd(IoError.None),
            () => slot.CompleteShutdown(ChannelDirection.Read, IoError.None, ShutdownMode.Graceful),
        ];

        foreach (Action call in calls)
        {
            InvalidOperationException refused = Assert.Throws<InvalidOperationException>(call);
            Assert.Contains($"must be called on the thread of {client.Loop.Name}", refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal(IoErrorCode.InvalidState, client.Channel.TriggerRead().Code);
        await client.App.WriteAsync(new byte[3]);
        await server.App.UntilReceived(3);
        await client.Close();
        await server.End;
    }
}

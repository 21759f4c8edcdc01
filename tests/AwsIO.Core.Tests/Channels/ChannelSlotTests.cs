using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Channels;

public sealed class ChannelSlotTests(LoopFixture fixture) : TransportTest(fixture)
{
    [Fact]
    [Trait("Upstream", "channel_slots_clean_up")]
    public async Task Slots_are_inserted_replaced_and_removed_between_the_right_neighbours()
    {
        AppHandler removed = new();
        AppHandler replaced = new();
        TestChannel test = await TestChannel.Make(Loop, null, test =>
        {
            IoChannel channel = test.Channel;
            ChannelSlot a = channel.AddSlot();
            Assert.Same(a, channel.First);
            ChannelSlot b = channel.AddSlot();
            a.InsertRight(b);
            ChannelSlot c = channel.AddSlot();
            Assert.Equal(IoError.None, channel.InsertEnd(c));
            ChannelSlot between = channel.AddSlot();
            c.InsertLeft(between);
            ChannelSlot front = channel.AddSlot();
            a.InsertLeft(front);
            AssertChain(channel, front, a, b, between, c);

            b.SetHandler(removed);
            b.Remove();
            AssertChain(channel, front, a, between, c);
            Assert.Equal(["destroyed"], removed.Events);

            c.SetHandler(replaced);
            ChannelSlot d = channel.AddSlot();
            c.Replace(d);
            AssertChain(channel, front, a, between, d);
            Assert.Equal(["destroyed"], replaced.Events);

            ChannelSlot first = channel.AddSlot();
            front.Replace(first);
            AssertChain(channel, first, a, between, d);
            first.Remove();
            d.Remove();
            AssertChain(channel, a, between);
        });

        await test.Close();
        Assert.Equal(["destroyed"], removed.Events);
        Assert.Equal(["destroyed"], replaced.Events);
    }

    [Fact]
    public async Task A_chain_without_a_start_has_no_end()
    {
        TestChannel test = await TestChannel.Make(Loop, null, test =>
        {
            ChannelSlot only = test.Channel.AddSlot();
            Assert.Equal(IoErrorCode.InvalidState, test.Channel.InsertEnd(only).Code);
            only.Remove();
            Assert.Null(test.Channel.First);
            Assert.Equal(IoErrorCode.InvalidState, test.Channel.InsertEnd(only).Code);
        });
        await test.Close();
    }

    [Fact]
    public async Task A_slot_stands_in_one_place_and_holds_one_handler()
    {
        TestChannel other = await TestChannel.Make(Loop, null, test => test.Channel.AddSlot());
        TestChannel test = await TestChannel.Make(Loop, null, test =>
        {
            ChannelSlot first = test.Channel.AddSlot();
            ChannelSlot loose = test.Channel.AddSlot();
            AppHandler handler = new();
            Assert.Throws<InvalidOperationException>(() => loose.SetHandler(handler));
            first.InsertRight(loose);
            Assert.Throws<InvalidOperationException>(() => first.InsertRight(loose));
            Assert.Throws<InvalidOperationException>(() => first.InsertRight(other.Channel.AddSlot()));
            Assert.Equal(IoError.None, loose.SetHandler(handler));
            Assert.Same(loose, handler.Slot);
            Assert.Throws<InvalidOperationException>(() => loose.SetHandler(new AppHandler()));
            Assert.Throws<InvalidOperationException>(() => first.SetHandler(handler));
        });
        await test.Close();
        await other.Close();
    }

    [Fact]
    public async Task Every_slot_knows_what_the_handlers_to_its_left_add()
    {
        TestChannel test = await TestChannel.Make(Loop, null, test =>
        {
            ChannelSlot a = test.Channel.AddLast(new Overhead(5));
            ChannelSlot b = test.Channel.AddLast(new Overhead(0));
            ChannelSlot c = test.Channel.AddLast(new Overhead(17));
            ChannelSlot d = test.Channel.AddLast(test.App);
            Assert.Equal([0, 5, 5, 22], Overheads(a, b, c, d));

            ChannelSlot between = test.Channel.AddSlot();
            b.InsertRight(between);
            between.SetHandler(new Overhead(100));
            Assert.Equal([0, 5, 5, 105, 122], Overheads(a, b, between, c, d));

            a.Remove();
            Assert.Equal([0, 0, 100, 117], Overheads(b, between, c, d));
        });
        await test.Close();

        static int[] Overheads(params ChannelSlot[] slots) => [.. slots.Select(slot => slot.UpstreamMessageOverhead)];
    }

    [Fact]
    public async Task A_message_that_nobody_takes_stays_its_senders()
    {
        TestChannel test = await TestChannel.Make(Loop, null, test =>
        {
            ChannelSlot only = test.Channel.AddLast(test.App);
            IoMessage message = test.Channel.RentMessage(10);
            Assert.Equal(IoErrorCode.InvalidState, only.Send(message, ChannelDirection.Read).Code);
            Assert.Equal(IoErrorCode.InvalidState, only.Send(message, ChannelDirection.Write).Code);
            Assert.Equal(0, only.DownstreamWindow);
            message.Release();

            // A place without a handler takes nothing either.
            Assert.Equal(IoError.None, test.Channel.InsertEnd(test.Channel.AddSlot()));
            message = test.Channel.RentMessage(10);
            Assert.Equal(IoErrorCode.InvalidState, only.Send(message, ChannelDirection.Read).Code);
            message.Release();
        });
        await test.Close();
    }

    [Fact]
    public async Task Messages_pass_over_places_without_a_handler_and_through_handlers_that_override_nothing()
    {
        AppHandler left = new();
        TestChannel test = await TestChannel.Make(Loop, null, test =>
        {
            test.Channel.AddLast(left);
            Assert.Equal(IoError.None, test.Channel.InsertEnd(test.Channel.AddSlot()));
            test.Channel.AddLast(new Overhead(0));
            test.Channel.AddLast(test.App);
            IoMessage message = test.Channel.RentMessage(10);
            message.Append("abc"u8);
            Assert.Equal(IoError.None, left.Slot!.Send(message, ChannelDirection.Read));
            Assert.Equal("abc"u8.ToArray(), test.App.Received);

            left.Slot.SendReadEnd(IoErrorCode.SocketClosed);
        });

        Assert.Equal(IoErrorCode.SocketClosed, (await test.End).Code);
        Assert.Equal([IoErrorCode.SocketClosed], test.App.ReadEnds.Select(error => error.Code));
    }

    [Fact]
    public async Task A_handler_that_fails_to_install_ends_the_channel()
    {
        TestChannel test = await TestChannel.Make(Loop, null, test =>
        {
            ChannelSlot slot = test.Channel.AddSlot();
            Assert.Equal(IoErrorCode.InvalidArgument, slot.SetHandler(new Refusing()).Code);
        });

        Assert.Equal(IoErrorCode.InvalidArgument, (await test.End).Code);
    }

    [Fact]
    public async Task A_handler_that_throws_while_it_is_installed_ends_the_channel()
    {
        TestChannel test = await TestChannel.Make(Loop, null, _ => { });
        Loop.Schedule(IoTask.Create((_, _) => test.Channel.AddLast(new Throwing()), 0));

        Assert.Equal(IoErrorCode.Unknown, (await test.End).Code);
    }

    [Fact]
    public async Task Triggering_a_read_needs_the_loop_and_a_first_handler()
    {
        Triggered first = new();
        TestChannel test = await TestChannel.Make(Loop, null, test =>
        {
            Assert.Equal(IoErrorCode.InvalidState, test.Channel.TriggerRead().Code);
            ChannelSlot slot = test.Channel.AddSlot();
            Assert.Equal(IoErrorCode.InvalidState, test.Channel.TriggerRead().Code);
            slot.SetHandler(first);
            test.Channel.AddLast(test.App);
            Assert.Equal(IoError.None, test.Channel.TriggerRead());
            Assert.Equal(1, first.Count);
        });
        Assert.Equal(IoErrorCode.InvalidState, test.Channel.TriggerRead().Code);
        Assert.Equal(1, first.Count);
        await test.Close();
    }

    private static void AssertChain(IoChannel channel, params ChannelSlot[] slots)
    {
        Assert.Same(slots[0], channel.First);
        for (int i = 0; i < slots.Length; i++)
        {
            Assert.Same(i == 0 ? null : slots[i - 1], slots[i].Left);
            Assert.Same(i == slots.Length - 1 ? null : slots[i + 1], slots[i].Right);
        }
    }

    private sealed class Overhead(int size) : ChannelHandler
    {
        protected internal override int MessageOverhead => size;
    }

    private sealed class Refusing : ChannelHandler
    {
        protected internal override IoError OnInstalled(ChannelSlot slot) => IoErrorCode.InvalidArgument;
    }

    private sealed class Throwing : ChannelHandler
    {
        protected internal override IoError OnInstalled(ChannelSlot slot) => throw new InvalidOperationException("on purpose");
    }

    private sealed class Triggered : ChannelHandler
    {
        internal int Count { get; private set; }

        protected internal override void OnTriggerRead(ChannelSlot slot) => Count++;
    }
}

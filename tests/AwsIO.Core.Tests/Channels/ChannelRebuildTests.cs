using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Channels;

/// <summary>Slots and handlers that come and go while data flows.</summary>
public sealed class ChannelRebuildTests(LoopFixture fixture) : TransportTest(fixture)
{
    [Fact]
    public async Task Who_waited_for_a_closed_window_learns_that_the_handler_which_kept_it_closed_is_gone()
    {
        Source source = new();
        Firm closed = new(0);
        TestChannel test = await TestChannel.Make(Loop, new AppHandler { FirstWindow = 1000 }, test =>
        {
            test.Channel.AddLast(source);
            test.Channel.AddLast(closed);
            test.Channel.AddLast(test.App);
        });
        await Loop.On(() =>
        {
            source.Push("waits for room"u8);
            Assert.Equal(0, test.App.ReceivedCount);
            closed.Slot!.Remove();
        });
        await Loop.Ticks(2);

        Assert.Equal("waits for room"u8.ToArray(), test.App.Received);
        await test.Close();
    }

    [Fact]
    public async Task Who_waited_for_a_closed_window_learns_that_the_handler_which_kept_it_closed_is_replaced()
    {
        Source source = new();
        Firm closed = new(0);
        AppHandler open = new() { FirstWindow = 1000 };
        TestChannel test = await TestChannel.Make(Loop, null, test =>
        {
            test.Channel.AddLast(source);
            test.Channel.AddLast(closed);
        });
        await Loop.On(() =>
        {
            source.Push("waits for room"u8);
            ChannelSlot slot = test.Channel.AddSlot();
            closed.Slot!.Replace(slot);
            Assert.Equal(IoError.None, slot.SetHandler(open));
        });
        await Loop.Ticks(2);

        Assert.Equal("waits for room"u8.ToArray(), open.Received);
        await test.Close();
    }

    [Fact]
    public async Task A_removal_grants_the_left_neighbour_what_it_may_send_more_and_nothing_otherwise()
    {
        Counting left = new();
        Firm narrow = new(30);
        Firm wide = new(500);
        TestChannel test = await TestChannel.Make(Loop, new AppHandler { FirstWindow = 100 }, test =>
        {
            test.Channel.AddLast(left);
            test.Channel.AddLast(narrow);
            test.Channel.AddLast(wide);
            test.Channel.AddLast(test.App);
        });
        await Loop.On(() =>
        {
            Assert.Equal([30], left.Increments);
            narrow.Slot!.Remove();
            Assert.Equal([30, 470], left.Increments);
            wide.Slot!.Remove();
            Assert.Equal([30, 470], left.Increments);
            Assert.Equal(100, left.Slot!.DownstreamWindow);
        });
        await test.Close();
    }

    [Fact]
    public async Task No_data_reaches_a_handler_before_it_is_installed()
    {
        Source source = new();
        List<string> order = [];
        TestChannel test = await TestChannel.Make(Loop, null, test =>
        {
            test.Channel.AddLast(source);
            source.Push("early"u8);
            test.Channel.AddLast(new Telling(order));
        });

        Assert.Equal(["installed", "read 5"], order);
        await test.Close();
    }

    [Fact]
    public async Task A_handler_that_refuses_to_be_installed_is_given_no_data()
    {
        Source source = new();
        List<string> order = [];
        TestChannel test = await TestChannel.Make(Loop, null, test =>
        {
            test.Channel.AddLast(source);
            source.Push("early"u8);
            test.Channel.AddLast(new Telling(order) { Refuses = true });
        });

        Assert.Equal(IoErrorCode.InvalidArgument, (await test.End).Code);
        Assert.Equal(["installed"], order);
        await Loop.On(source.Drop);
    }

    [Fact]
    public async Task A_handler_set_between_others_is_told_what_the_one_to_its_right_takes()
    {
        Source source = new();
        Passing between = new();
        TestChannel test = await TestChannel.Make(Loop, new AppHandler { FirstWindow = 64, Refill = false }, test =>
        {
            test.Channel.AddLast(source);
            test.Channel.AddLast(test.App);
            ChannelSlot slot = test.Channel.AddSlot();
            source.Slot!.InsertRight(slot);
            Assert.Equal(IoError.None, slot.SetHandler(between));
        });
        await Loop.Ticks(2);
        await Loop.On(() => source.Push(new byte[100]));
        Assert.Equal(64, test.App.ReceivedCount);
        await test.App.Grant(36);
        await Loop.Ticks(2);

        Assert.Equal(100, test.App.ReceivedCount);
        await test.Close();
    }

    [Fact]
    public async Task A_handler_that_adds_another_while_it_is_installed_is_told_of_its_window_once()
    {
        Counting adding = new() { Add = new AppHandler { FirstWindow = 20 } };
        TestChannel test = await TestChannel.Make(Loop, null, test => test.Channel.AddLast(adding));
        Assert.Equal([20], adding.Increments);
        await test.Close();
    }

    [Fact]
    public async Task Nothing_is_put_beside_a_slot_that_is_in_no_channel()
    {
        TestChannel test = await TestChannel.Make(Loop, null, test =>
        {
            ChannelSlot first = test.Channel.AddSlot();
            ChannelSlot loose = test.Channel.AddSlot();
            ChannelSlot other = test.Channel.AddSlot();
            Assert.Throws<InvalidOperationException>(() => loose.InsertRight(other));
            Assert.Throws<InvalidOperationException>(() => loose.InsertLeft(other));
            Assert.Throws<InvalidOperationException>(() => loose.Replace(other));
            Assert.Null(loose.Left);
            Assert.Null(loose.Right);

            // None of them is taken for a part of the chain.
            Assert.Same(first, test.Channel.First);
            first.InsertRight(other);
            first.InsertRight(loose);
            Assert.Same(other, loose.Right);
        });
        await test.Close();
    }

    [Fact]
    public async Task A_slot_that_was_removed_can_be_removed_again_without_harm()
    {
        AppHandler left = new();
        TestChannel test = await TestChannel.Make(Loop, null, test =>
        {
            test.Channel.AddLast(left);
            ChannelSlot removed = test.Channel.AddLast(test.App);
            removed.Remove();
            removed.Remove();
            Assert.Same(left.Slot, test.Channel.First);
        });
        await test.Close();
        Assert.Equal(["Read Graceful", "Write Graceful", "destroyed"], left.Events);
        Assert.Equal(["destroyed"], test.App.Events);
    }

    [Fact]
    public async Task A_handler_that_was_removed_does_not_shut_down_for_another()
    {
        Slow removed = new();
        Slow waited = new();
        TestChannel test = await TestChannel.Make(Loop, null, test =>
        {
            test.Channel.AddLast(removed);
            test.Channel.AddLast(waited);
            test.Channel.AddLast(test.App);
        });
        test.Channel.Shutdown(IoError.None);
        await Loop.Ticks(2);
        await Loop.On(() =>
        {
            removed.Slot!.Remove();
            removed.Slot!.CompleteShutdown(ChannelDirection.Read, IoError.None, ShutdownMode.Graceful);
            removed.Slot!.CompleteShutdown(ChannelDirection.Write, IoError.None, ShutdownMode.Graceful);
        });
        await Loop.Ticks(3);
        Assert.Empty(test.App.Events);

        await Loop.On(() => waited.Slot!.CompleteShutdown(ChannelDirection.Read, IoError.None, ShutdownMode.Graceful));
        await Loop.Ticks(3);
        Assert.Equal(["Read Graceful", "Write Graceful"], test.App.Events);
        await Loop.On(() => waited.Slot!.CompleteShutdown(ChannelDirection.Write, IoError.None, ShutdownMode.Graceful));
        Assert.Equal(IoError.None, await test.End);
    }

    [Fact]
    public async Task A_handler_that_reports_a_shutdown_nobody_asked_for_shuts_nothing_down()
    {
        AppHandler left = new();
        TestChannel test = await TestChannel.Make(Loop, null, test =>
        {
            test.Channel.AddLast(left);
            test.Channel.AddLast(test.App);
            left.Slot!.CompleteShutdown(ChannelDirection.Read, IoError.None, ShutdownMode.Graceful);
        });
        await Loop.Ticks(3);
        Assert.Equal(ChannelState.Active, test.Channel.State);
        await test.Close();
        Assert.Equal(["Read Graceful", "Write Graceful", "destroyed"], test.App.Events);
    }

    [Fact]
    public async Task A_handler_that_throws_while_it_is_destroyed_is_out_all_the_same()
    {
        TestChannel test = await TestChannel.Make(Loop, null, test =>
        {
            test.Channel.AddLast(new AppHandler());
            ChannelSlot bad = test.Channel.AddLast(new BadEnd());
            test.Channel.AddLast(test.App);
            bad.Remove();
            Assert.Equal(0, test.App.Slot!.UpstreamMessageOverhead);
            Assert.Null(bad.Handler);
        });
        Assert.Equal(IoErrorCode.Unknown, (await test.End).Code);
        Assert.Equal(["Read Graceful", "Write Graceful", "destroyed"], test.App.Events);
    }

    [Fact]
    public async Task A_channel_that_has_ended_takes_no_handler()
    {
        TestChannel test = await TestChannel.Make(Loop, null, test => test.Channel.AddSlot());
        await test.Close();
        await Loop.On(() =>
        {
            AppHandler late = new();
            Assert.Equal(IoErrorCode.InvalidState, test.Channel.First!.SetHandler(late).Code);
            Assert.Null(late.Slot);
        });
    }

    [Fact]
    public async Task A_handler_that_has_done_its_part_passes_the_rest_on_and_takes_itself_out()
    {
        Source source = new();
        Greeting greeting = new();
        TestChannel test = await TestChannel.Make(Loop, new AppHandler { FirstWindow = 5, Refill = false }, test =>
        {
            test.Channel.AddLast(source);
            test.Channel.AddLast(greeting);
            test.Channel.AddLast(test.App);
        });
        await Loop.On(() => source.Push("hello\nthe rest"u8));
        await test.App.UntilReceived(5);
        await Loop.On(() =>
        {
            Assert.Null(greeting.Slot!.Handler);
            Assert.Same(test.App.Slot, source.Slot!.Right);
        });
        await test.App.Grant(100);
        await Loop.Ticks(2);
        Assert.Equal("the rest"u8.ToArray(), test.App.Received);
        await Loop.On(() => source.Push(", and more"u8));
        Assert.Equal("the rest, and more"u8.ToArray(), test.App.Received);
        await test.Close();
    }

    /// <summary>Sends what there is as far as the window to its right allows, even from inside a grant.</summary>
    private sealed class Source : ChannelHandler
    {
        private readonly Queue<byte> _kept = new();

        internal void Push(ReadOnlySpan<byte> data)
        {
            foreach (byte value in data)
            {
                _kept.Enqueue(value);
            }

            Send();
        }

        internal void Drop() => _kept.Clear();

        protected internal override void OnWindowIncrement(ChannelSlot slot, long size) => Send();

        private void Send()
        {
            while (_kept.Count > 0 && Slot!.DownstreamWindow > 0)
            {
                int size = (int)Math.Min(_kept.Count, Slot.DownstreamWindow);
                IoMessage message = Slot.Channel.RentMessage(size);
                for (int i = 0; i < size; i++)
                {
                    message.Append([_kept.Dequeue()]);
                }

                Assert.Equal(IoError.None, Slot.Send(message, ChannelDirection.Read));
            }
        }
    }

    /// <summary>Takes so much and never more.</summary>
    private sealed class Firm(long window) : ChannelHandler
    {
        protected internal override long InitialWindow => window;

        protected internal override void OnWindowIncrement(ChannelSlot slot, long size)
        {
        }
    }

    private sealed class Telling(List<string> order) : ChannelHandler
    {
        internal bool Refuses { get; init; }

        protected internal override IoError OnInstalled(ChannelSlot slot)
        {
            order.Add("installed");
            return Refuses ? IoErrorCode.InvalidArgument : IoError.None;
        }

        protected internal override IoError OnRead(ChannelSlot slot, IoMessage message)
        {
            order.Add($"read {message.Length}");
            message.Release();
            return IoError.None;
        }
    }

    private sealed class Counting : ChannelHandler
    {
        internal List<long> Increments { get; } = [];

        internal ChannelHandler? Add { get; init; }

        protected internal override IoError OnInstalled(ChannelSlot slot)
        {
            if (Add is not null)
            {
                slot.Channel.AddLast(Add);
            }

            return IoError.None;
        }

        protected internal override void OnWindowIncrement(ChannelSlot slot, long size) => Increments.Add(size);
    }

    /// <summary>Takes a line byte by byte, and is gone behind it.</summary>
    private sealed class Greeting : ChannelHandler
    {
        protected internal override long InitialWindow => 1;

        protected internal override IoError OnRead(ChannelSlot slot, IoMessage message)
        {
            bool isOver = message.Data[0] == '\n';
            message.Release();
            if (isOver)
            {
                slot.Remove();
            }
            else
            {
                slot.IncrementReadWindow(1);
            }

            return IoError.None;
        }

        protected internal override void OnWindowIncrement(ChannelSlot slot, long size)
        {
        }
    }

    private sealed class Passing : ChannelHandler
    {
        protected internal override long InitialWindow => 0;
    }

    private sealed class Slow : ChannelHandler
    {
        protected internal override void OnShutdown(ChannelSlot slot, ChannelDirection direction, IoError reason, ShutdownMode mode)
        {
        }
    }

    private sealed class BadEnd : ChannelHandler
    {
        protected internal override int MessageOverhead => 7;

        protected internal override void OnDestroyed() => throw new InvalidOperationException("on purpose");
    }
}

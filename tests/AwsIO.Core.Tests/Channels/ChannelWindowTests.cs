using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Channels;

public sealed class ChannelWindowTests(LoopFixture fixture) : TransportTest(fixture)
{
    private const long Threshold = 4 * SocketChannelHandler.DefaultMaxReadSize;

    [Fact]
    [Trait("Upstream", "channel_window_update_batches_while_all_slots_roomy")]
    public async Task Small_grants_are_gathered_while_every_slot_has_room()
    {
        Chain chain = await Chain.Make(Loop, Threshold * 2, Threshold * 2);
        for (int i = 0; i < 50; i++)
        {
            await Loop.On(() => chain.Right.Slot!.IncrementReadWindow(10));
        }

        await Loop.Ticks(3);
        Assert.Empty(chain.Middle.Increments);
        Assert.Empty(chain.Left.Increments);
        Assert.Equal(Threshold * 2, await chain.Window(chain.Right));
        await chain.Test.Close();
    }

    [Fact]
    [Trait("Upstream", "channel_window_update_gates_on_scarcest_slot")]
    public async Task A_gathered_grant_is_passed_on_when_any_slot_is_scarce_wherever_it_was_made()
    {
        // The right slot has room, the middle one starves: what the right one grants must not wait.
        Chain chain = await Chain.Make(Loop, middle: Threshold + 1, right: Threshold * 4);
        await Loop.On(() => chain.Right.Slot!.IncrementReadWindow(100));
        await Loop.Ticks(3);
        Assert.Empty(chain.Middle.Increments);

        await Loop.On(() =>
        {
            chain.Deliver(chain.Left, 1);
            chain.Right.Slot!.IncrementReadWindow(7);
        });
        await Loop.Ticks(3);
        Assert.Equal([107], chain.Middle.Increments);
        Assert.Equal([107], chain.Left.Increments);
        Assert.Equal(Threshold + 107, await chain.Window(chain.Middle));
        Assert.Equal((Threshold * 4) + 107 - 1, await chain.Window(chain.Right));
        await chain.Test.Close();
    }

    [Fact]
    [Trait("Upstream", "channel_window_update_emitted_when_debit_starves_slot")]
    public async Task Data_that_makes_a_slot_scarce_passes_on_what_was_gathered()
    {
        Chain chain = await Chain.Make(Loop, Threshold * 2, Threshold * 2);
        await Loop.On(() => chain.Right.Slot!.IncrementReadWindow(33));
        await Loop.Ticks(3);
        Assert.Empty(chain.Left.Increments);

        await Loop.On(() =>
        {
            for (long left = Threshold; left > 0; left -= 1024)
            {
                chain.Deliver(chain.Left, 1024);
            }
        });
        await Loop.Ticks(3);
        Assert.Equal([33], chain.Middle.Increments);
        Assert.Equal([33], chain.Left.Increments);
        await chain.Test.Close();
    }

    [Fact]
    public async Task Grants_of_one_tick_are_one_update()
    {
        Chain chain = await Chain.Make(Loop, 10, 10);
        await Loop.On(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                chain.Right.Slot!.IncrementReadWindow(1);
            }
        });
        await Loop.Ticks(3);

        Assert.Equal([100], chain.Middle.Increments);
        Assert.Equal([100], chain.Left.Increments);
        await chain.Test.Close();
    }

    [Fact]
    public async Task A_message_larger_than_the_window_is_refused_and_nothing_is_counted()
    {
        Chain chain = await Chain.Make(Loop, 100, 10);
        await Loop.On(() =>
        {
            IoMessage message = chain.Test.Channel.RentMessage(11);
            message.Advance(11);
            Assert.Equal(10, chain.Middle.Slot!.DownstreamWindow);
            Assert.Equal(IoErrorCode.ChannelReadWouldExceedWindow, chain.Middle.Slot.Send(message, ChannelDirection.Read).Code);
            Assert.Equal(10, chain.Middle.Slot.DownstreamWindow);
            message.Release();
            chain.Deliver(chain.Middle, 10);
            Assert.Equal(0, chain.Middle.Slot.DownstreamWindow);

            // Nothing fits into nothing.
            message = chain.Test.Channel.RentMessage(1);
            Assert.Equal(IoError.None, chain.Middle.Slot.Send(message, ChannelDirection.Read));
        });
        Assert.Equal(10, chain.Right.ReceivedCount);
        await chain.Test.Close();
    }

    [Fact]
    public async Task Grants_stop_at_the_largest_number_there_is()
    {
        Chain chain = await Chain.Make(Loop, 5, 5);
        await Loop.On(() =>
        {
            chain.Right.Slot!.IncrementReadWindow(long.MaxValue);
            chain.Right.Slot.IncrementReadWindow(long.MaxValue);
            Assert.Throws<ArgumentOutOfRangeException>(() => chain.Right.Slot.IncrementReadWindow(-1));
        });
        await Loop.Ticks(3);
        Assert.Equal(long.MaxValue, await chain.Window(chain.Right));
        Assert.Equal([long.MaxValue], chain.Left.Increments);

        await Loop.On(() =>
        {
            chain.Deliver(chain.Left, 100);
            chain.Right.Slot!.IncrementReadWindow(long.MaxValue);
        });
        await Loop.Ticks(3);
        Assert.InRange(await chain.Window(chain.Right), long.MaxValue - 100, long.MaxValue);
        await chain.Test.Close();
    }

    [Fact]
    public async Task Without_back_pressure_windows_have_no_end()
    {
        Chain chain = await Chain.Make(Loop, 5, 5, backPressure: false);
        await Loop.On(() =>
        {
            Assert.Equal(long.MaxValue, chain.Left.Slot!.DownstreamWindow);
            chain.Deliver(chain.Left, 10_000);
            Assert.Equal(long.MaxValue, chain.Left.Slot.DownstreamWindow);
            chain.Right.Slot!.IncrementReadWindow(1);
        });
        await Loop.Ticks(2);
        Assert.Empty(chain.Left.Increments);
        await chain.Test.Close();
    }

    [Fact]
    public async Task Grants_count_while_the_channel_shuts_down_and_no_longer()
    {
        Chain? made = null;
        bool granted = false;
        TaskCompletionSource<bool> passedOn = Waits.NewSource<bool>();
        Chain chain = made = await Chain.Make(Loop, 5, 5);
        chain.Right.ShuttingDown = (right, _) =>
        {
            if (!granted)
            {
                granted = true;
                right.Slot!.IncrementReadWindow(3);
            }
        };
        chain.Left.Passed = () => passedOn.TrySetResult(chain.Test.Channel.State == ChannelState.ShuttingDown);
        await chain.Test.Close();
        Assert.True(await passedOn.Task.Within());

        await Loop.On(() => chain.Right.Slot!.IncrementReadWindow(3));
        await Loop.Ticks(2);
        Assert.Equal([3], chain.Left.Increments);
    }

    [Fact]
    public async Task A_handler_that_removes_itself_at_a_grant_loses_nobody_elses()
    {
        Counting far = new() { FirstWindow = 5 };
        Chain chain = await Chain.Make(Loop, 5, 5);
        chain.Middle.Passed = () => chain.Middle.Slot!.Remove();
        await Loop.On(() =>
        {
            chain.Test.Channel.AddLast(far);
            chain.Left.Increments.Clear();
            chain.Middle.Slot!.IncrementReadWindow(70);
            chain.Right.Slot!.IncrementReadWindow(3);
            far.Slot!.IncrementReadWindow(2);
        });
        await Loop.Ticks(3);

        // The middle one is gone with what it had not granted; what the right one takes is told.
        Assert.Equal([3], chain.Left.Increments);
        Assert.Equal(8, await Loop.On(() => chain.Left.Slot!.DownstreamWindow));
        Assert.Contains(2, chain.Right.Increments);
        await chain.Test.Close();
    }

    [Theory]
    [InlineData(256, 100, 156)]
    [InlineData(256, 0, 256)]
    [InlineData(16 * 1024, 53, (16 * 1024) - 53)]
    public async Task A_message_of_the_largest_size_fits_a_fragment_with_all_overheads(int fragment, int overhead, int capacity)
    {
        IoChannel channel = await Channel(fragment);
        await Loop.On(() =>
        {
            channel.AddLast(new Overhead(overhead));
            ChannelSlot slot = channel.AddLast(new AppHandler());
            IoMessage message = slot.RentMaxWriteMessage();
            Assert.Equal(capacity, message.Capacity);
            message.Release();
            channel.Shutdown(IoError.None);
        });
    }

    [Fact]
    public async Task Overheads_that_leave_nothing_of_a_fragment_are_refused()
    {
        IoChannel channel = await Channel(256);
        await Loop.On(() =>
        {
            channel.AddLast(new Overhead(200));
            channel.AddLast(new Overhead(56));
            ChannelSlot slot = channel.AddLast(new AppHandler());
            Assert.Contains(
                "256", Assert.Throws<InvalidOperationException>(slot.RentMaxWriteMessage).Message, StringComparison.Ordinal);
            channel.Shutdown(IoError.None);
        });
    }

    [Fact]
    public async Task Smaller_fragments_are_granted_in_smaller_batches()
    {
        IoChannel channel = await Channel(256);
        Counting left = new();
        AppHandler right = new() { FirstWindow = 1025 };
        await Loop.On(() =>
        {
            channel.AddLast(left);
            channel.AddLast(right);
            left.Increments.Clear();
            right.Slot!.IncrementReadWindow(1);
        });
        await Loop.Ticks(2);
        Assert.Empty(left.Increments);
        await Loop.On(() =>
        {
            IoMessage message = channel.RentMessage(1);
            message.Advance(1);
            Assert.Equal(IoError.None, left.Slot!.Send(message, ChannelDirection.Read));
        });
        await Loop.Ticks(2);
        Assert.Equal(2, left.Increments.Sum());
        channel.Shutdown(IoError.None);
        await Loop.Ticks(4);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(255)]
    [InlineData((256 * 1024) + 1)]
    public void A_fragment_of_a_size_that_makes_no_sense_is_refused(int fragment) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => IoChannel.Create(
            new IoChannelOptions { EventLoop = Loop, OnSetup = (_, _, _) => { }, FragmentSize = fragment }));

    private async Task<IoChannel> Channel(int fragment)
    {
        TaskCompletionSource<IoChannel> made = Waits.NewSource<IoChannel>();
        IoChannel.Create(new IoChannelOptions
        {
            EventLoop = Loop,
            OnSetup = (channel, _, _) => made.SetResult(channel),
            FragmentSize = fragment,
        });
        IoChannel channel = await made.Task.Within();
        Assert.Equal(fragment, channel.FragmentSize);
        return channel;
    }

    [Fact]
    public async Task A_handler_that_throws_at_a_grant_ends_the_channel()
    {
        Chain chain = await Chain.Make(Loop, 5, 5);
        chain.Middle.Passed = () => throw new InvalidOperationException("on purpose");
        await Loop.On(() => chain.Right.Slot!.IncrementReadWindow(3));

        Assert.Equal(IoErrorCode.Unknown, (await chain.Test.End).Code);
    }

    private sealed class Chain
    {
        internal TestChannel Test = null!;
        internal Counting Left = new();
        internal Counting Middle = new();
        internal Counting Right = new();

        internal static async Task<Chain> Make(EventLoop loop, long middle, long right, bool backPressure = true)
        {
            Chain chain = new()
            {
                Middle = new Counting { FirstWindow = middle, PassesOn = true },
                Right = new Counting { FirstWindow = right },
            };
            chain.Test = await TestChannel.Make(
                loop,
                chain.Right,
                test =>
                {
                    test.Channel.AddLast(chain.Left);
                    test.Channel.AddLast(chain.Middle);
                    test.Channel.AddLast(chain.Right);
                    if (backPressure)
                    {
                        // What a handler takes at first is granted when it is installed.
                        Assert.Equal([middle], chain.Left.Increments);
                        Assert.Equal([right], chain.Middle.Increments);
                    }

                    chain.Left.Increments.Clear();
                    chain.Middle.Increments.Clear();
                    chain.Middle.Passes = true;
                },
                backPressure);
            return chain;
        }

        internal void Deliver(Counting from, int size)
        {
            IoMessage message = Test.Channel.RentMessage(size);
            message.Advance(size);
            Assert.Equal(IoError.None, from.Slot!.Send(message, ChannelDirection.Read));
        }

        internal Task<long> Window(Counting handler) => Test.Loop.On(() => handler.Slot!.Window);
    }

    private sealed class Overhead(int size) : ChannelHandler
    {
        protected internal override int MessageOverhead => size;
    }

    /// <summary>Counts the grants that it is told of; one in the middle passes data and grants on.</summary>
    private sealed class Counting : AppHandler
    {
        public Counting() => Refill = false;

        internal List<long> Increments { get; } = [];

        internal bool PassesOn { get; init; }

        internal bool Passes { get; set; }

        internal Action? Passed { get; set; }

        protected internal override void OnWindowIncrement(ChannelSlot slot, long size)
        {
            Increments.Add(size);
            Passed?.Invoke();
            if (Passes)
            {
                base.OnWindowIncrement(slot, size);
            }
        }

        protected internal override IoError OnRead(ChannelSlot slot, IoMessage message) =>
            PassesOn ? slot.Send(message, ChannelDirection.Read) : base.OnRead(slot, message);
    }
}

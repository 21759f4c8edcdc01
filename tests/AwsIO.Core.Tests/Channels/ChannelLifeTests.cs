using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Channels;

public sealed class ChannelLifeTests(LoopFixture fixture) : TransportTest(fixture)
{
    [Fact]
    [Trait("Upstream", "channel_setup")]
    public async Task Two_channels_of_a_loop_are_set_up_later_and_share_its_messages()
    {
        List<int> order = [];
        List<IoMessage> rented = [];
        TaskCompletionSource<bool> both = Waits.NewSource<bool>();
        await Loop.On(() =>
        {
            IoChannel.Create(Options(1));
            IoChannel.Create(Options(2));
            Assert.Empty(order);
        });
        await both.Task.Within();

        Assert.Equal([1, 2], order);

        // What the one gave back the other is given.
        Assert.Same(rented[0], rented[1]);

        IoChannelOptions Options(int number) => new()
        {
            EventLoop = Loop,
            OnSetup = (channel, error, state) =>
            {
                Assert.Equal(IoError.None, error);
                Assert.Equal("state", state);
                Assert.True(Loop.IsOnLoop);
                Assert.Equal(ChannelState.Active, channel.State);
                order.Add(number);
                IoMessage message = channel.RentMessage(100);
                rented.Add(message);

                // While it is out it names its channel, and then keeps none alive.
                Assert.Same(channel, message.Owner());
                message.Release();
                Assert.Null(message.Owner());
                channel.Shutdown(IoError.None);
                if (number == 2)
                {
                    both.SetResult(true);
                }
            },
            State = "state",
        };
    }

    [Fact]
    [Trait("Upstream", "channel_single_slot_cleans_up")]
    public async Task A_channel_with_one_slot_without_a_handler_shuts_down()
    {
        TestChannel test = await TestChannel.Make(Loop, null, test => test.Channel.AddSlot());
        Assert.Equal(IoError.None, await test.Close());
        Assert.Equal(ChannelState.ShutDown, test.Channel.State);
        Assert.Equal(1, test.Shutdowns);
    }

    [Fact]
    public async Task A_channel_without_slots_shuts_down()
    {
        TestChannel test = await TestChannel.Make(Loop, null, _ => { });
        Assert.Equal(IoError.None, await test.Close());
        Assert.Equal(1, test.Shutdowns);
    }

    [Fact]
    [Trait("Upstream", "channel_duplicate_shutdown")]
    public async Task The_first_of_many_shutdowns_counts()
    {
        TestChannel test = await TestChannel.Make(Loop, null, test => test.Channel.AddLast(test.App));
        test.Channel.Shutdown(IoErrorCode.SocketTimeout);
        test.Channel.Shutdown(IoErrorCode.SocketClosed);
        test.Channel.Shutdown(IoError.None);
        Assert.Equal(IoErrorCode.SocketTimeout, (await test.End).Code);
        test.Channel.Shutdown(IoErrorCode.SocketNotConnected);
        test.Channel.Abort(IoErrorCode.SocketNotConnected);
        await Loop.Ticks(3);

        Assert.Equal(1, test.Shutdowns);
        Assert.Equal(["Read Graceful", "Write Graceful", "destroyed"], test.App.Events);
    }

    [Fact]
    public async Task Shutdowns_from_many_threads_end_the_channel_once_with_one_of_their_reasons()
    {
        IoErrorCode[] reasons = [IoErrorCode.SocketTimeout, IoErrorCode.SocketClosed, IoErrorCode.SocketNotConnected, IoErrorCode.NoPermission];
        for (int round = 0; round < 200; round++)
        {
            TestChannel test = await TestChannel.Make(Loop, null, test => test.Channel.AddLast(test.App));
            using Barrier barrier = new(reasons.Length);
            Task[] threads = [.. reasons.Select((reason, i) => Task.Factory.StartNew(
                () =>
                {
                    barrier.SignalAndWait();
                    if (i == 0)
                    {
                        test.Channel.Abort(reason);
                    }
                    else
                    {
                        test.Channel.Shutdown(reason);
                    }
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default))];
            await Task.WhenAll(threads).Within();

            Assert.Contains((await test.End).Code, reasons);
            Assert.Equal(1, test.Shutdowns);
            Assert.Equal(3, test.App.Events.Count);
        }
    }

    [Fact]
    public async Task A_shutdown_before_the_set_up_comes_after_it()
    {
        List<string> order = [];
        TaskCompletionSource<IoError> end = Waits.NewSource<IoError>();
        using HeldLoop busy = await Loop.Hold();
        IoChannel channel = IoChannel.Create(new IoChannelOptions
        {
            EventLoop = Loop,
            OnSetup = (channel, error, _) => order.Add($"setup {error.Code}"),
            OnShutdown = (_, error, _) =>
            {
                order.Add($"shutdown {error.Code}");
                end.SetResult(error);
            },
        });
        Assert.Equal(ChannelState.SettingUp, channel.State);
        channel.Shutdown(IoErrorCode.SocketTimeout);
        busy.Dispose();

        Assert.Equal(IoErrorCode.SocketTimeout, (await end.Task.Within()).Code);
        Assert.Equal(["setup Success", "shutdown SocketTimeout"], order);
    }

    [Fact]
    public async Task A_set_up_callback_that_throws_ends_its_channel_only()
    {
        TaskCompletionSource<IoError> end = Waits.NewSource<IoError>();
        TestChannel other = await TestChannel.Make(Loop, null, _ => { });
        IoChannel.Create(new IoChannelOptions
        {
            EventLoop = Loop,
            OnSetup = (_, _, _) => throw new InvalidOperationException("on purpose"),
            OnShutdown = (_, error, _) => end.SetResult(error),
        });
        IoError error = await end.Task.Within();

        Assert.Equal(IoErrorCode.Unknown, error.Code);
        Assert.Contains("on purpose", error.Detail, StringComparison.Ordinal);
        Assert.Equal(ChannelState.Active, other.Channel.State);
        await other.Close();
    }

    [Fact]
    public async Task Reading_goes_down_from_left_to_right_then_writing_from_right_to_left_on_a_fresh_stack()
    {
        List<string> order = [];
        int depth = 0;
        TestChannel test = await TestChannel.Make(Loop, null, test =>
        {
            foreach (string name in new[] { "a", "b", "c" })
            {
                AppHandler handler = new()
                {
                    ShuttingDown = (_, direction) =>
                    {
                        order.Add($"{name} {direction}");
                        if (direction == ChannelDirection.Read && name == "a")
                        {
                            // Runs in the next tick: the other direction must wait for that.
                            Loop.Schedule(IoTask.Create((_, _) => depth = 1, 0));
                        }

                        Assert.Equal(direction == ChannelDirection.Read ? 0 : 1, depth);
                    },
                };
                test.Channel.AddLast(handler);
                if (name == "b")
                {
                    // A place without a handler is passed over, in both directions.
                    Assert.Equal(IoError.None, test.Channel.InsertEnd(test.Channel.AddSlot()));
                }
            }

            Assert.Equal(IoError.None, test.Channel.InsertEnd(test.Channel.AddSlot()));
        });
        await test.Close();

        Assert.Equal(["a Read", "b Read", "c Read", "c Write", "b Write", "a Write"], order);
    }

    [Fact]
    public async Task A_first_slot_without_a_handler_counts_as_none()
    {
        TestChannel test = await TestChannel.Make(Loop, null, test =>
        {
            test.Channel.AddSlot();
            test.Channel.AddLast(test.App);
        });
        await test.Close();

        Assert.Equal(["Read Graceful", "Write Graceful", "destroyed"], test.App.Events);
    }

    [Fact]
    public async Task Handlers_are_destroyed_after_the_shutdown_callback()
    {
        AppHandler app = new();
        TaskCompletionSource<List<string>> atEnd = Waits.NewSource<List<string>>();
        IoChannel.Create(new IoChannelOptions
        {
            EventLoop = Loop,
            OnSetup = (channel, _, _) =>
            {
                channel.AddLast(app);
                channel.Shutdown(IoError.None);
            },
            OnShutdown = (channel, _, _) =>
            {
                Assert.Equal(ChannelState.ShutDown, channel.State);
                atEnd.SetResult([.. app.Events]);
            },
        });

        Assert.Equal(["Read Graceful", "Write Graceful"], await atEnd.Task.Within());
        await Loop.Ticks(1);
        Assert.Equal(["Read Graceful", "Write Graceful", "destroyed"], app.Events);
    }

    [Fact]
    public async Task A_handler_may_take_its_time_and_find_the_reason()
    {
        SlowHandler slow = new();
        TestChannel test = await TestChannel.Make(Loop, null, test =>
        {
            test.Channel.AddLast(slow);
            test.Channel.AddLast(test.App);
        });
        test.Channel.Shutdown(IoError.None);
        await Loop.Ticks(5);
        Assert.Equal((ChannelState.ShuttingDown, 0), (test.Channel.State, test.Shutdowns));
        Assert.Empty(test.App.Events);

        await Loop.On(() =>
        {
            slow.Slot!.CompleteShutdown(ChannelDirection.Read, IoErrorCode.TlsAlertNotGraceful, ShutdownMode.Immediate);

            // Once is enough.
            slow.Slot.CompleteShutdown(ChannelDirection.Read, IoErrorCode.SocketClosed, ShutdownMode.Graceful);
        });
        await Loop.Ticks(5);
        Assert.Equal(["Read Immediate", "Write Immediate"], test.App.Events);
        await Loop.On(() => slow.Slot!.CompleteShutdown(ChannelDirection.Write, IoErrorCode.SocketClosed, ShutdownMode.Graceful));

        Assert.Equal(IoErrorCode.TlsAlertNotGraceful, (await test.End).Code);
        Assert.Equal(1, test.Shutdowns);
    }

    [Fact]
    public async Task An_abort_reaches_a_handler_that_a_graceful_shutdown_waits_for()
    {
        SlowHandler slow = new();
        TestChannel test = await TestChannel.Make(Loop, null, test => test.Channel.AddLast(slow));
        test.Channel.Shutdown(IoErrorCode.SocketTimeout);
        await Loop.Ticks(2);
        test.Channel.Abort(IoErrorCode.SocketClosed);
        await Loop.Ticks(2);
        Assert.Equal(1, slow.Aborts);
        await Loop.On(() => slow.Slot!.CompleteShutdown(ChannelDirection.Read, IoErrorCode.SocketTimeout, ShutdownMode.Graceful));
        await Loop.Ticks(2);
        Assert.Equal([ShutdownMode.Graceful, ShutdownMode.Immediate], slow.Modes);
        await Loop.On(() => slow.Slot!.CompleteShutdown(ChannelDirection.Write, IoErrorCode.SocketTimeout, ShutdownMode.Immediate));

        Assert.Equal(IoErrorCode.SocketTimeout, (await test.End).Code);
    }

    [Fact]
    public async Task Handlers_that_throw_while_they_shut_down_hold_nothing_up()
    {
        TestChannel test = await TestChannel.Make(Loop, null, test =>
        {
            test.Channel.AddLast(new AppHandler { ShuttingDown = (_, _) => throw new InvalidOperationException("on purpose") });
            test.Channel.AddLast(test.App);
        });

        Assert.Equal(IoErrorCode.SocketTimeout, (await Shutdown(test, IoErrorCode.SocketTimeout)).Code);
        Assert.Equal(["Read Graceful", "Write Graceful", "destroyed"], test.App.Events);
    }

    [Fact]
    public async Task A_loop_that_ends_before_the_set_up_says_so()
    {
        EventLoopGroup group = Infrastructure.LoopBackend.Platform.NewGroup();
        EventLoop loop = group[0];
        TaskCompletionSource<IoError> setUp = Waits.NewSource<IoError>();
        await loop.On(() =>
        {
            IoChannel.Create(new IoChannelOptions { EventLoop = loop, OnSetup = (_, error, _) => setUp.SetResult(error) });
            _ = group.DisposeAsync().AsTask();
        });

        // The loop may still have had its tick.
        Assert.True((await setUp.Task.Within()).Code is IoErrorCode.Success or IoErrorCode.EventLoopShutdown);
        await group.Completion.Within();
    }

    private static async Task<IoError> Shutdown(TestChannel test, IoError reason)
    {
        test.Channel.Shutdown(reason);
        return await test.End;
    }

    private sealed class SlowHandler : ChannelHandler
    {
        internal int Aborts { get; private set; }

        internal List<ShutdownMode> Modes { get; } = [];

        protected internal override void OnShutdown(ChannelSlot slot, ChannelDirection direction, IoError reason, ShutdownMode mode) =>
            Modes.Add(mode);

        protected internal override void OnAbort(ChannelSlot slot) => Aborts++;
    }
}

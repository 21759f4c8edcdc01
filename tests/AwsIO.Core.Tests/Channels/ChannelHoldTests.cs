using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Channels;

/// <summary>Who keeps a channel, and who waits for its end.</summary>
public sealed class ChannelHoldTests(LoopFixture fixture) : TransportTest(fixture)
{
    [Fact]
    [Trait("Upstream", "channel_refcount_delays_clean_up")]
    public async Task Handlers_live_until_the_last_hold_is_released()
    {
        TestChannel test = await TestChannel.Make(Loop, null, test => test.Channel.AddLast(test.App));
        ChannelHold first = test.Channel.AcquireHold();
        ChannelHold second = first.Channel.AcquireHold();
        await test.Close();
        await Loop.Ticks(2);
        Assert.Equal(["Read Graceful", "Write Graceful"], test.App.Events);

        first.Dispose();
        first.Dispose();
        await Loop.Ticks(2);
        Assert.Equal(["Read Graceful", "Write Graceful"], test.App.Events);
        second.Dispose();
        await Loop.Ticks(2);

        Assert.Equal(["Read Graceful", "Write Graceful", "destroyed"], test.App.Events);
        Assert.Throws<InvalidOperationException>(() => test.Channel.AcquireHold());
    }

    [Fact]
    public async Task A_hold_that_is_released_before_the_end_changes_nothing()
    {
        TestChannel test = await TestChannel.Make(Loop, null, test => test.Channel.AddLast(test.App));
        using (test.Channel.AcquireHold())
        {
            Assert.Equal(ChannelState.Active, test.Channel.State);
        }

        await test.Close();
        Assert.Equal(["Read Graceful", "Write Graceful", "destroyed"], test.App.Events);
    }

    [Fact]
    public async Task Holds_taken_and_released_by_many_threads_end_in_one_destruction()
    {
        for (int round = 0; round < 100; round++)
        {
            TestChannel test = await TestChannel.Make(Loop, null, test => test.Channel.AddLast(test.App));
            using Barrier barrier = new(4);
            Task[] threads = [.. Enumerable.Range(0, 4).Select(number => Task.Factory.StartNew(
                () =>
                {
                    using ChannelHold hold = test.Channel.AcquireHold();
                    barrier.SignalAndWait();
                    if (number == 0)
                    {
                        test.Channel.Shutdown(IoError.None);
                    }

                    for (int i = 0; i < 20; i++)
                    {
                        hold.Channel.AcquireHold().Dispose();
                    }
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default))];
            await Task.WhenAll(threads).Within();
            await test.End;
            await Loop.Ticks(2);
            Assert.Equal(["Read Graceful", "Write Graceful", "destroyed"], test.App.Events);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Upstream", "channel_keeps_event_loop_group_alive")]
    public async Task A_channel_keeps_its_group_until_it_has_ended_and_nobody_holds_it(bool hold)
    {
        EventLoopGroup group = Infrastructure.LoopBackend.Platform.NewGroup(2);
        TestChannel one = await TestChannel.Make(group[0], null, test => test.Channel.AddLast(test.App));
        TestChannel two = await TestChannel.Make(group[1], null, test => test.Channel.AddLast(test.App));
        ChannelHold? held = hold ? two.Channel.AcquireHold() : null;
        group.Release();

        // Both still work.
        await one.Loop.Ticks(2);
        await two.Loop.Ticks(2);
        await one.Close();
        await two.Loop.Ticks(2);
        Assert.False(group.Completion.IsCompleted);
        Task<IoError> end = two.Close();
        if (held is not null)
        {
            await end;
            Assert.False(group.Completion.IsCompleted);
            held.Dispose();
        }

        await group.Completion.Within();
        Assert.Contains("destroyed", one.App.Events);
        Assert.Contains("destroyed", two.App.Events);
    }

    [Fact]
    public async Task Everybody_who_waits_for_the_end_learns_of_it_with_its_reason()
    {
        TestChannel test = await TestChannel.Make(Loop, null, test => test.Channel.AddLast(test.App));
        using Future<IoError> early = test.Channel.WhenShutDown();
        using Future<IoError> another = test.Channel.WhenShutDown();
        using Future<IoError> throwing = test.Channel.WhenShutDown();
        bool told = false;
        throwing.OnComplete(_ => throw new InvalidOperationException("on purpose"));
        another.OnComplete(future => told = test.Shutdowns == 1 && future.Result.Code == IoErrorCode.SocketTimeout && Loop.IsOnLoop);
        Assert.False(early.IsDone);
        test.Channel.Shutdown(IoErrorCode.SocketTimeout);

        Assert.True(early.Wait(TimeSpan.FromSeconds(30)));
        await test.End;
        using Future<IoError> late = test.Channel.WhenShutDown();
        Assert.Equal(IoErrorCode.SocketTimeout, early.Result.Code);
        Assert.Equal(IoErrorCode.SocketTimeout, late.Result.Code);
        Assert.True(told);
        Assert.Contains("destroyed", test.App.Events);
    }

    [Fact]
    public async Task A_channel_keeps_nobody_who_has_given_up_waiting_for_its_end()
    {
        TestChannel test = await TestChannel.Make(Loop, null, test => test.Channel.AddLast(test.App));
        using Future<IoError> first = test.Channel.WhenShutDown();
        WeakReference[] gone = [.. Enumerable.Range(0, 100).Select(_ => GiveUp(test.Channel))];
        using Future<IoError> last = test.Channel.WhenShutDown();
        for (int i = 0; i < 5 && gone.Any(static future => future.IsAlive); i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Equal(0, gone.Count(static future => future.IsAlive));
        Assert.False(first.IsDone || last.IsDone);
        await test.Close();
        Assert.True(first.IsDone && last.IsDone);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static WeakReference GiveUp(IoChannel channel)
        {
            Future<IoError> future = channel.WhenShutDown();
            future.Dispose();
            return new WeakReference(future);
        }
    }

    [Fact]
    public async Task Objects_are_kept_with_the_loop_of_the_channel()
    {
        object key = new();
        List<string> removed = [];
        TestChannel one = await TestChannel.Make(Loop, null, test => test.Channel.SetLocal(key, "shared", removed.Add));
        TestChannel two = await TestChannel.Make(Loop, null, test =>
        {
            Assert.True(test.Channel.TryGetLocal(key, out string? value));
            Assert.Equal("shared", value);
        });
        Assert.Throws<InvalidOperationException>(() => one.Channel.TryGetLocal(key, out string? _));
        await one.Close();
        await Loop.On(() =>
        {
            Assert.True(two.Channel.RemoveLocal(key));
            Assert.False(two.Channel.RemoveLocal(key));
        });
        Assert.Equal(["shared"], removed);
        await two.Close();
    }
}

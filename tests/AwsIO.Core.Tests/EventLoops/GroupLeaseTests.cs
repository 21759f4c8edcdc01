using AwsIO.Tests.Infrastructure;
using Microsoft.Extensions.Logging;

namespace AwsIO.Tests.EventLoops;

/// <summary>Who holds a group, and what follows when nobody does any more.</summary>
public class GroupLeaseTests : LoopTest
{
    [Fact]
    [Trait("Upstream", "event_loop_group_setup_and_shutdown_async")]
    public async Task The_last_hold_given_up_on_a_loop_of_the_group_ends_it_with_one_callback_on_no_loops_thread()
    {
        HashSet<string> before = Descriptors.Open();
        Ending ending = new();
        EventLoopGroup group = ending.NewGroup(Backend, 2);
        EventLoopGroupLease lease = group.Acquire();
        RecordingTask pending = new();
        group[1].ScheduleAfter(pending, TimeSpan.FromHours(1));
        group.Release();
        Assert.Equal("alive", await group[1].Call(static () => "alive"));

        await group[0].Call(lease.Dispose);
        await group.Completion.Within();

        Assert.Equal(1, ending.Calls);
        Assert.Null(ending.CalledOn);
        Assert.Equal(IoTaskStatus.Canceled, await pending.Called.Within());
        Assert.Same(group[1], pending.CalledOn);
        Assert.Empty(Descriptors.Left(before));
    }

    [Fact]
    public async Task A_release_without_other_holders_ends_the_group_and_a_second_one_does_nothing()
    {
        Ending ending = new();
        EventLoopGroup group = ending.NewGroup(Backend);
        await group[0].Call(() =>
        {
            group.Release();
            group.Release();
        });
        await group.Completion.Within();
        group.Release();
        Assert.Equal(1, ending.Calls);
    }

    [Fact]
    public async Task A_second_release_does_not_stand_for_a_leases()
    {
        Ending ending = new();
        EventLoopGroup group = ending.NewGroup(Backend);
        EventLoopGroupLease lease = group.Acquire();
        Assert.Same(group, lease.Group);
        group.Release();
        group.Release();
        await group[0].Turn();
        Assert.False(group.Completion.IsCompleted);

        lease.Dispose();
        await group.Completion.Within();
        Assert.Equal(1, ending.Calls);
    }

    [Fact]
    public async Task A_lease_that_is_disposed_twice_gives_up_one_hold()
    {
        EventLoopGroup group = Backend.NewGroup();
        EventLoopGroupLease first = group.Acquire();
        EventLoopGroupLease second = group.Acquire();
        first.Dispose();
        first.Dispose();
        group.Release();
        await group[0].Turn();
        Assert.False(group.Completion.IsCompleted);

        second.Dispose();
        await group.Completion.Within();
    }

    [Fact]
    public async Task A_group_that_nobody_holds_or_that_was_disposed_of_cannot_be_held_again()
    {
        EventLoopGroup released = Backend.NewGroup();
        released.Release();
        Assert.Throws<ObjectDisposedException>(released.Acquire);
        await released.Completion.Within();
        Assert.Throws<ObjectDisposedException>(released.Acquire);

        EventLoopGroup disposed = Backend.NewGroup();
        disposed.Dispose();
        Assert.Throws<ObjectDisposedException>(disposed.Acquire);
    }

    [Fact]
    public async Task Dispose_ends_the_group_whoever_holds_it_and_the_leases_end_then_does_nothing()
    {
        Ending ending = new();
        EventLoopGroup group = ending.NewGroup(Backend);
        EventLoopGroupLease lease = group.Acquire();
        group.Dispose();
        Assert.True(group.Completion.IsCompleted);

        lease.Dispose();
        group.Release();
        await group.DisposeAsync().Within();
        Assert.Equal(1, ending.Calls);
    }

    [Fact]
    public async Task A_channel_keeps_its_group_until_it_has_shut_down()
    {
        Ending ending = new();
        EventLoopGroup group = ending.NewGroup(Backend);
        TaskCompletionSource<IoChannel> made = new(TaskCreationOptions.RunContinuationsAsynchronously);
        IoError? reason = null;
        IoChannel.Create(new IoChannelOptions
        {
            EventLoop = group[0],
            OnSetup = (channel, _, _) => made.SetResult(channel),
            OnShutdown = (_, error, _) => reason = error,
        });
        IoChannel channel = await made.Task.Within();
        group.Release();
        await group[0].Turn();
        Assert.False(group.Completion.IsCompleted);

        channel.Shutdown(IoError.None);
        await group.Completion.Within();

        // It ended politely first: its loop did not end under it.
        Assert.Equal(IoError.None, reason);
        Assert.Equal(1, ending.Calls);
    }

    [Fact]
    public async Task Eight_threads_that_hold_and_let_go_end_the_group_once()
    {
        Ending ending = new();
        EventLoopGroup group = ending.NewGroup(Backend, 2);
        using EventLoopGroupLease mine = group.Acquire();
        group.Release();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < 2000; i++)
            {
                using EventLoopGroupLease lease = group.Acquire();
                Assert.False(group.Completion.IsCompleted);
            }
        }))).Within();
        Assert.Equal(0, ending.Calls);

        mine.Dispose();
        await group.Completion.Within();
        Assert.Equal(1, ending.Calls);
        Assert.Throws<ObjectDisposedException>(group.Acquire);
    }

    [Fact]
    public async Task A_callback_that_throws_is_logged_and_the_group_has_ended_all_the_same()
    {
        using RecordingLoggerFactory logs = new(LogLevel.Error);
        EventLoopGroup group = Backend.NewGroup(new EventLoopGroupOptions
        {
            LoopCount = 1,
            LoggerFactory = logs,
            OnShutdownComplete = static () => throw new FormatException("on purpose"),
        });
        await group.DisposeAsync().Within();
        Assert.IsType<FormatException>(Assert.Single(logs.Lines).Exception);
    }

    [Fact]
    public async Task The_callback_may_dispose_of_the_group_that_it_is_told_of()
    {
        EventLoopGroup? group = null;
        TaskCompletionSource disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        group = Backend.NewGroup(new EventLoopGroupOptions
        {
            LoopCount = 1,
            OnShutdownComplete = () =>
            {
                group!.Dispose();
                disposed.SetResult();
            },
        });
        group.Release();
        await disposed.Task.Within();
        await group.Completion.Within();
    }

    [Fact]
    public void When_a_loop_cannot_be_made_the_others_end_and_no_callback_comes()
    {
        HashSet<string> before = Descriptors.Open();
        HashSet<string> threads = Descriptors.Threads();
        int calls = 0;
        EventLoopGroupOptions options = new() { LoopCount = 3, MaxLoops = 3, OnShutdownComplete = () => calls++ };

        InvalidOperationException refused = Assert.Throws<InvalidOperationException>(() => new EventLoopGroup(
            options,
            static settings => settings.Index == 2
                ? new(new IoError(IoErrorCode.SystemCallFailure, "on purpose"))
                : EventLoopGroup.PlatformFactory(settings),
            EventLoopType.Epoll));
        Assert.Contains("3 of 3", refused.Message, StringComparison.Ordinal);
        Assert.Contains("on purpose", refused.Message, StringComparison.Ordinal);

        options.Clock = new FailingClock(2);
        Assert.Equal("no third timer", Assert.Throws<FormatException>(() => new EventLoopGroup(options)).Message);

        Assert.Equal(0, calls);
        Assert.Empty(Descriptors.Left(before));
        Waiting.Until(() => !Descriptors.Threads().Except(threads).Any(), "The threads have left");
    }

    [Fact]
    public void Loops_are_found_by_their_place_and_no_place_is_a_mistake()
    {
        using EventLoopGroup group = Backend.NewGroup(2);
        for (int i = 0; i < 2; i++)
        {
            Assert.True(group.TryGetLoop(i, out EventLoop? loop));
            Assert.Same(group[i], loop);
        }

        foreach (int nowhere in new[] { 2, -1, int.MaxValue, int.MinValue })
        {
            Assert.False(group.TryGetLoop(nowhere, out EventLoop? none));
            Assert.Null(none);
        }
    }

    private sealed class Ending
    {
        private int _calls;

        internal int Calls => Volatile.Read(ref _calls);

        internal EventLoop? CalledOn { get; private set; }

        internal EventLoopGroup NewGroup(LoopBackend backend, int loops = 1) => backend.NewGroup(new EventLoopGroupOptions
        {
            LoopCount = loops,
            MaxLoops = loops,
            OnShutdownComplete = () =>
            {
                CalledOn = EventLoop.Current;
                Interlocked.Increment(ref _calls);
            },
        });
    }

    private sealed class FailingClock(int timers) : TimeProvider
    {
        private int _made;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            _made++ < timers ? base.CreateTimer(callback, state, dueTime, period) : throw new FormatException("no third timer");
    }
}

using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops;

/// <summary>How groups are made and ended. How many loops a group has by default, <see cref="DefaultGroupTests"/> tell.</summary>
public class EventLoopGroupTests : LoopTest
{
    [Fact]
    [Trait("Upstream", "event_loop_group_setup_and_shutdown")]
    public async Task A_group_has_the_loops_that_it_was_asked_for_and_ends_cleanly()
    {
        HashSet<string> before = Descriptors.Open();
        EventLoopGroup group = Backend.NewGroup(3);
        Assert.Equal(3, group.Count);
        Assert.Equal(Backend.Type, group.Type);
        await HandsOutItsLoopsAndEnds(group);
        Assert.Empty(Descriptors.Left(before));
    }

    internal static async Task HandsOutItsLoopsAndEnds(EventLoopGroup group)
    {
        for (int i = 0; i < 100; i++)
        {
            Assert.True(group.Contains(group.GetNextLoop()));
        }

        Assert.False(group.Completion.IsCompleted);
        await group.DisposeAsync().Within();
        Assert.True(group.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    [Trait("Upstream", "event_loop_group_setup_and_shutdown_async")]
    public async Task A_group_disposed_by_a_task_of_its_own_loop_ends_once_without_blocking()
    {
        EventLoopGroup group = Backend.NewGroup(2);
        Task disposed = await group[0].Call(() =>
        {
            ValueTask first = group.DisposeAsync();
            ValueTask second = group.DisposeAsync();
            Assert.Same(first.AsTask(), second.AsTask());
            return first.AsTask();
        });

        await disposed.Within();
        Assert.Same(group.Completion, disposed);
    }

    [Fact]
    public async Task Dispose_on_an_own_loop_is_refused_and_the_group_lives_on()
    {
        await using EventLoopGroup group = Backend.NewGroup(2);
        InvalidOperationException refused = await group[1].Call(() => Assert.Throws<InvalidOperationException>(group.Dispose));

        Assert.Contains("awsio-2", refused.Message, StringComparison.Ordinal);
        await group[0].Turn();
        await group[1].Turn();
        Assert.False(group.Completion.IsCompleted);
    }

    [Fact]
    public async Task Dispose_on_another_groups_loop_is_refused_too_and_neither_group_ends()
    {
        EventLoopGroup group = Backend.NewGroup();
        EventLoopGroup other = Backend.NewGroup(3);
        InvalidOperationException refused = await other[2].Call(() => Assert.Throws<InvalidOperationException>(group.Dispose));

        // The loop that was not to be blocked is named: to end a group from there is another method's work.
        Assert.Contains("awsio-3 cannot dispose a group", refused.Message, StringComparison.Ordinal);
        await other[2].Turn();
        await group[0].Turn();
        using (group.Acquire())
        {
            Assert.False(group.Completion.IsCompleted || other.Completion.IsCompleted);
        }

        Task ended = await other[2].Call(() => group.DisposeAsync().AsTask());
        await ended.Within();
        await other.DisposeAsync().Within();
    }

    [Fact]
    [NeedsThreads("It is threads that have left.")]
    public async Task Dispose_waits_until_the_threads_have_left_and_may_be_repeated()
    {
        EventLoopGroup group = Backend.NewGroup(2);
        Thread thread = await group[0].Call(() => Thread.CurrentThread);
        group.Dispose();
        Assert.False(thread.IsAlive);
        group.Dispose();
        await group.DisposeAsync().Within();
    }

    [Fact]
    public async Task Dispose_from_eight_threads_ends_the_group_once()
    {
        EventLoopGroup group = Backend.NewGroup(2);
        RecordingTask task = new();
        group[1].ScheduleAfter(task, TimeSpan.FromHours(1));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(group.Dispose))).Within();
        Assert.Equal(1, task.Calls);
    }

    [Fact]
    public void Loops_know_their_group_place_and_name()
    {
        using EventLoopGroup group = Backend.NewGroup(3);
        using EventLoopGroup stranger = Backend.NewGroup();
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(i, group[i].Index);
            Assert.Equal($"awsio-{i + 1}", group[i].Name);
            Assert.Same(group, group[i].Group);
            Assert.False(group[i].IsOnLoop);
        }

        Assert.Null(EventLoop.Current);
        Assert.False(group.Contains(stranger[0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => group[3]);
        Assert.Throws<ArgumentOutOfRangeException>(() => group[-1]);
    }

    [Fact]
    [NeedsThreads("Work takes no time by a virtual clock.")]
    public async Task New_work_goes_to_every_loop_and_less_to_a_busy_one()
    {
        await using EventLoopGroup group = Backend.NewGroup(2);
        HashSet<EventLoop> chosen = [];
        for (int i = 0; i < 200; i++)
        {
            chosen.Add(group.GetNextLoop());
        }

        Assert.Equal(2, chosen.Count);

        // Work for as long as the load is measured over; the loops' own clock says when that is.
        await group[0].Call(() =>
        {
            long end = group[0].CurrentTime + 1_100_000_000;
            while (group[0].CurrentTime < end)
            {
                Thread.SpinWait(1000);
            }
        });
        await group[0].Turn();
        Assert.True(group[0].LoadFactor > 1_000_000_000);
        int busy = Enumerable.Range(0, 400).Count(_ => group.GetNextLoop() == group[0]);
        Assert.InRange(busy, 1, 199);
    }
}

using AwsIO.Testing;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops.Manual;

/// <summary>How a test drives loops without threads.</summary>
[Collection(LoopTestCollection.Name)]
public sealed class ManualDriveTests
{
    [Fact]
    public void Nothing_happens_until_the_loops_are_let_run()
    {
        using ManualLoopGroup loops = new(2);
        RecordingTask second = new();
        RecordingTask first = new((_, _) => loops[1].Schedule(second));
        loops[0].Schedule(first);
        Assert.Equal(0, first.Calls);

        Assert.Equal(2, loops.RunUntilIdle());
        Assert.Same(loops[0], first.CalledOn);
        Assert.Same(loops[1], second.CalledOn);
        Assert.Same(Thread.CurrentThread, second.Thread);
        Assert.Null(EventLoop.Current);
        Assert.Equal(0, loops.RunUntilIdle());
    }

    [Fact]
    public void A_step_is_one_turn_of_one_loop()
    {
        using ManualLoopGroup loops = new(2);
        int count = 0;
        foreach (int loop in new[] { 0, 1 })
        {
            loops[loop].Schedule(new RecordingTask((_, _) => loops[loop].Schedule(new RecordingTask((_, _) => count++))));
        }

        Assert.True(loops.Step());
        Assert.True(loops.Step());
        Assert.Equal(0, count);
        Assert.True(loops.Step());
        Assert.Equal(1, count);
        Assert.True(loops.Step());
        Assert.Equal(2, count);
        Assert.False(loops.Step());
    }

    [Fact]
    public void Invoke_runs_as_on_the_loop_and_at_once()
    {
        using ManualLoopGroup loops = new(2);
        EventLoop? on = null;
        RecordingTask task = new();
        loops[1].Invoke(() =>
        {
            on = EventLoop.Current;
            loops[1].Schedule(task);
        });
        Assert.Same(loops[1], on);
        Assert.Equal(0, task.Calls);
        Assert.Throws<FormatException>(() => loops[0].Invoke(static () => throw new FormatException("on purpose")));
        Assert.Null(EventLoop.Current);
        Assert.Equal(1, loops.RunUntilIdle());
    }

    [Fact]
    public void A_callback_cannot_drive()
    {
        using ManualLoopGroup loops = new(2);
        using ManualLoopGroup others = new();
        Action[] drives =
        [
            () => loops.RunUntilIdle(), () => loops.Step(), () => loops.Advance(TimeSpan.FromSeconds(1)),
            () => loops.RunUntil(static () => true, TimeSpan.Zero), () => loops[1].Invoke(static () => { }),
            () => others.RunUntilIdle(), () => others.Step(), () => others.Advance(TimeSpan.FromSeconds(1)),
            () => others.RunUntil(static () => true, TimeSpan.Zero), () => others[0].Invoke(static () => { }),
        ];
        long before = loops.CurrentTime;
        List<Exception?> refused = [];
        loops[0].Schedule(new RecordingTask((_, _) => refused.AddRange(drives.Select(Record.Exception))));
        loops.RunUntilIdle();
        loops[1].Invoke(() => refused.AddRange(drives.Select(Record.Exception)));

        Assert.Equal(2 * drives.Length, refused.Count);
        Assert.All(refused, static exception => Assert.IsType<InvalidOperationException>(exception));
        Assert.Equal(before, loops.CurrentTime);
    }

    [Fact]
    public void What_schedules_itself_without_end_is_found_out()
    {
        using ManualLoopGroup loops = new(2) { MaxTurns = 1000 };
        RecordingTask endless = new((task, status) =>
        {
            if (status == IoTaskStatus.Run)
            {
                loops[1].Schedule(task);
            }
        });
        loops[1].Schedule(endless);
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => loops.RunUntilIdle());
        Assert.Contains("rest", error.Message, StringComparison.Ordinal);
        Assert.InRange(endless.Calls, 1000, 1001);
    }

    [Fact]
    public void Each_seed_gets_a_group_and_a_failure_names_its_seed_which_can_be_replayed()
    {
        List<int?> seeds = [];
        List<ManualLoopGroup> groups = [];
        ManualLoopGroup.ForSeeds(
            4,
            loops =>
            {
                Assert.Equal(3, loops.Count);
                seeds.Add(loops.Seed);
                groups.Add(loops);
            },
            loopCount: 3);
        Assert.Equal([0, 1, 2, 3], seeds);
        Assert.All(groups, static loops => Assert.True(loops.Group.Completion.IsCompleted));

        InvalidOperationException failed = Assert.Throws<InvalidOperationException>(() => ManualLoopGroup.ForSeeds(
            9, static loops => Assert.NotEqual(5, loops.Seed)));
        Assert.Contains("AWSIO_SEED=5", failed.Message, StringComparison.Ordinal);
        Assert.IsType<Xunit.Sdk.NotEqualException>(failed.InnerException);

        try
        {
            Environment.SetEnvironmentVariable("AWSIO_SEED", "-77");
            seeds.Clear();
            ManualLoopGroup.ForSeeds(9, loops => seeds.Add(loops.Seed));
            Assert.Equal([-77], seeds);
        }
        finally
        {
            Environment.SetEnvironmentVariable("AWSIO_SEED", null);
        }
    }

    [Fact]
    public void A_stopped_loop_with_timers_keeps_no_driver_busy()
    {
        using ManualLoopGroup loops = new(2);
        RecordingTask timer = new();
        loops[0].ScheduleAfter(timer, TimeSpan.FromSeconds(1));
        loops.RunUntilIdle();
        loops[0].Stop();
        loops.RunUntilIdle();

        loops.Advance(TimeSpan.FromSeconds(2));
        Assert.False(loops.RunUntil(static () => false, TimeSpan.FromHours(1)));
        Assert.Equal(0, timer.Calls);
    }
}

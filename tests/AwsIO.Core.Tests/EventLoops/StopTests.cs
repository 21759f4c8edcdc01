using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops;

public class StopTests : LoopTest
{
    [Fact]
    [Trait("Upstream", "event_loop_stop_then_restart")]
    public async Task A_stopped_loop_that_is_started_again_runs_tasks()
    {
        RecordingTask before = new();
        Loop.Schedule(before);
        await before.Called.Within();

        Loop.Stop();
        Loop.WaitForStop();
        RecordingTask meanwhile = new();
        Loop.Schedule(meanwhile);
        Loop.Start();
        RecordingTask after = new();
        Loop.Schedule(after);

        Assert.Equal(IoTaskStatus.Run, await meanwhile.Called.Within());
        Assert.Equal(IoTaskStatus.Run, await after.Called.Within());
        Assert.Same(Loop, after.CalledOn);
    }

    [Fact]
    [Trait("Upstream", "event_loop_multiple_stops")]
    public async Task Stopping_eight_times_in_a_row_is_harmless()
    {
        for (int i = 0; i < 8; i++)
        {
            Loop.Stop();
        }

        Loop.WaitForStop();
        Loop.Start();
        await Loop.Turn();
        Assert.Throws<InvalidOperationException>(Loop.Start);
    }

    [Fact]
    public async Task A_loop_refuses_to_wait_for_its_own_stop()
    {
        InvalidOperationException refused = await Loop.Call(() => Assert.Throws<InvalidOperationException>(Loop.WaitForStop));
        Assert.Contains(Loop.Name, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_from_the_loop_itself_ends_the_loop_after_its_tick()
    {
        RecordingTask stop = new((_, _) => Loop.Stop());
        Loop.Schedule(stop);
        await stop.Called.Within();
        Loop.WaitForStop();
        Loop.Start();
        await Loop.Turn();
        Assert.Equal(1, stop.Calls);
    }

    [Fact]
    public async Task A_group_with_a_stopped_loop_ends_and_cancels_what_waited_there()
    {
        Loop.Stop();
        Loop.WaitForStop();
        RecordingTask task = new();
        Loop.Schedule(task);

        await Group.DisposeAsync().Within();

        Assert.Equal(IoTaskStatus.Canceled, await task.Called.Within());
        Assert.Equal(1, task.Calls);
        Assert.Same(Loop, task.CalledOn);
    }
}

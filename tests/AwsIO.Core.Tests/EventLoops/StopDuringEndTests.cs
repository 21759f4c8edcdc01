using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops;

public class StopDuringEndTests : LoopTest
{
    [Fact]
    public async Task A_stop_that_races_with_the_end_leaves_no_loop_that_has_not_ended()
    {
        for (int i = 0; i < 300; i++)
        {
            EventLoopGroup group = Backend.NewGroup();
            RecordingTask task = new();
            group[0].ScheduleAfter(task, TimeSpan.FromHours(1));
            group[0].Stop();
            await group.DisposeAsync().Within();
            Assert.Equal(1, task.Calls);
        }
    }

    [Fact]
    public async Task A_start_that_races_with_the_end_does_neither_harm_nor_bring_the_loop_back()
    {
        for (int i = 0; i < 300; i++)
        {
            EventLoopGroup group = Backend.NewGroup();
            EventLoop loop = group[0];
            RecordingTask task = new();
            loop.ScheduleAfter(task, TimeSpan.FromHours(1));
            loop.Stop();
            loop.WaitForStop();
            Task<Exception?> start = Task.Run(() => Record.Exception(loop.Start));
            await group.DisposeAsync().Within();
            Assert.True(await start.Within() is null or InvalidOperationException);
            Assert.Equal(1, task.Calls);
        }
    }

    /// <remarks>It ended once more, and closed what had another owner by then.</remarks>
    [Fact]
    public async Task A_loop_that_has_ended_is_not_started_again()
    {
        await Group.DisposeAsync().Within();
        InvalidOperationException refused = Assert.Throws<InvalidOperationException>(Loop.Start);
        Assert.Contains("has ended", refused.Message, StringComparison.Ordinal);
    }
}

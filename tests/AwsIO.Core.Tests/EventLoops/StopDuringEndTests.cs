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
}

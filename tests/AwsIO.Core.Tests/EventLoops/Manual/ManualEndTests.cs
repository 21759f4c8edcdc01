using AwsIO.Testing;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops.Manual;

[Collection(LoopTestCollection.Name)]
public sealed class ManualEndTests
{
    [Fact]
    public async Task After_its_end_a_group_can_be_driven_and_does_nothing()
    {
        ManualLoopGroup loops = new(2);
        RecordingTask pending = new();
        loops[1].ScheduleAfter(pending, TimeSpan.FromHours(1));
        loops.RunUntilIdle();
        await loops.DisposeAsync();

        Assert.Equal(IoTaskStatus.Canceled, await pending.Called);
        Assert.Same(loops[1], pending.CalledOn);
        Assert.Equal(0, loops.RunUntilIdle());
        Assert.False(loops.Step());
        loops.Advance(TimeSpan.FromHours(2));
        Assert.False(loops.RunUntil(static () => false, TimeSpan.FromHours(1)));
        Assert.Throws<InvalidOperationException>(() => loops[0].Invoke(static () => Assert.Fail("It ran.")));
        Assert.Equal(1, pending.Calls);
    }
}

using AwsIO.Native.Platform;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Kqueue;

namespace AwsIO.Tests.EventLoops;

/// <summary>Timers below a millisecond: a loop that waits in whole milliseconds would turn round and round until they are due.</summary>
public class TimerTicksTests : LoopTest
{
    // An interrupted wait is a tick more.
    [Theory]
    [InlineData(300_000)]
    [InlineData(600_000)]
    [InlineData(900_000)]
    [Trait("Category", "ExactCalls")]
    public async Task A_timer_below_a_millisecond_costs_a_few_ticks_and_no_spin(long nanoseconds)
    {
        const int timers = 100;
        const int ticksOfEach = 3;
        TaskCompletionSource<long> ticks = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int left = timers;
        long before = 0;
        RecordingTask timer = null!;
        timer = new RecordingTask((_, status) =>
        {
            if (status == IoTaskStatus.Run && left-- > 0)
            {
                Loop.ScheduleAt(timer, Loop.CurrentTime + nanoseconds);
            }
            else
            {
                ticks.TrySetResult(Loop.Ticks - before);
            }
        });
        await Loop.Call(() =>
        {
            before = Loop.Ticks;
            Loop.Schedule(timer);
        });

        Assert.InRange(await ticks.Task.Within(), timers, (timers * ticksOfEach) + 1);
        Assert.Equal(timers + 1, timer.Calls);
    }

    protected override void ConfigureLoops(EventLoopGroupOptions options) => options.Spin = SpinMode.Off;
}

public sealed class TimerTicksOnDarwin : TimerTicksTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

public sealed class TimerTicksOnFreeBsd : TimerTicksTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.FreeBsd);
}

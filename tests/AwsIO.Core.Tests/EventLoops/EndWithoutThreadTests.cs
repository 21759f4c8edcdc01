using AwsIO.Testing;
using AwsIO.Tests.Infrastructure;
using Microsoft.Extensions.Logging;

namespace AwsIO.Tests.EventLoops;

/// <summary>
/// A loop that has stopped needs a thread once more to end, and the system may have none then. The exception ended the process.
/// </summary>
/// <remarks><see cref="GroupFailureTests"/> runs these in a process of their own.</remarks>
public class EndWithoutThreadTests : LoopTest
{
    private readonly RecordingLoggerFactory _logs = new(LogLevel.Error);

    protected override ILoggerFactory LoggerFactory => _logs;

    protected override int LoopCount => 2;

    // First the thread that ends the group is started, then the loop's.
    [Theory(Explicit = true)]
    [InlineData("pthread_create:2=EAGAIN")]
    [InlineData("pthread_create:*=EAGAIN")]
    public async Task Child_a_stopped_loop_ends_though_there_is_no_thread_for_it(string faults)
    {
        using TestPipe pipe = new();
        Leftovers left = await Leave(pipe);
        Loop.Stop();
        Loop.WaitForStop();
        RecordingTask late = new();
        Loop.Schedule(late);
        using (FaultPlan plan = FaultPlan.Start(faults))
        {
            await Group.DisposeAsync().Within();
            Assert.NotEqual(0, plan.TakenCount);
        }

        await left.AreAnswered(Loop);
        Assert.Equal(IoTaskStatus.Canceled, await late.Called.Within());
        Assert.Same(Loop, late.CalledOn);
        Assert.Equal(1, late.Calls);
        LogLine line = Assert.Single(_logs.Lines, static line => line.Level == LogLevel.Error);
        Assert.Contains(Loop.Name, line.Text, StringComparison.Ordinal);
        Assert.IsType<OutOfMemoryException>(line.Exception);

        // What comes now is cancelled as ever.
        RecordingTask later = new();
        Loop.Schedule(later);
        Assert.Equal(IoTaskStatus.Canceled, await later.Called.Within());
    }

    [Fact(Explicit = true)]
    public async Task Child_a_loop_that_stops_just_when_it_is_to_end_ends_though_there_is_no_thread_for_it()
    {
        for (int round = 0; round < 100; round++)
        {
            EventLoopGroup group = Backend.NewGroup();
            RecordingTask task = new();
            group[0].ScheduleAfter(task, TimeSpan.FromHours(1));
            using (FaultPlan.Start("pthread_create:2-=EAGAIN"))
            {
                group[0].Stop();
                await group.DisposeAsync().Within();
            }

            Assert.Equal(IoTaskStatus.Canceled, await task.Called.Within());
            Assert.Equal(1, task.Calls);
        }
    }

    [Fact(Explicit = true)]
    public async Task Child_no_other_loop_is_held_by_that_end()
    {
        EventLoop other = Group[1];
        using TestPipe pipe = new();
        Leftovers left = await Leave(pipe);
        Loop.Stop();
        Loop.WaitForStop();
        using (FaultPlan.Start("pthread_create:1=EAGAIN"))
        {
            Thread caller = await other.Call(() =>
            {
                Loop.BeginEnd();
                Assert.Same(other, EventLoop.Current);
                return Thread.CurrentThread;
            });
            await left.AreAnswered(Loop);
            Assert.NotSame(caller, left.Timer.Thread);
        }

        await other.Turn();
        await Group.DisposeAsync().Within();
        Assert.Single(_logs.Lines);
    }

    /// <summary>Leaves on the loop whatever an end has to answer.</summary>
    private async Task<Leftovers> Leave(TestPipe pipe)
    {
        Leftovers left = new();
        Loop.ScheduleAfter(left.Timer, TimeSpan.FromHours(1));
        Assert.Equal(IoError.None, Loop.Subscribe(pipe.Reader, IoEvents.Readable, left.Handler));
        await Loop.Call(() => Loop.SetLocal(left, left, static left => left.Removed.SetResult(EventLoop.Current)));
        return left;
    }

    private sealed class Leftovers
    {
        internal RecordingTask Timer { get; } = new();

        internal RecordingHandler Handler { get; } = new();

        internal TaskCompletionSource<EventLoop?> Removed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal async Task AreAnswered(EventLoop loop)
        {
            Assert.Equal(IoTaskStatus.Canceled, await Timer.Called.Within());
            Assert.Same(loop, Timer.CalledOn);
            Assert.True(await Handler.Ending.Within());
            Assert.Same(loop, await Removed.Task.Within());
            Assert.Equal(1, Timer.Calls);
            Assert.Equal(0, Handler.Count);
        }
    }
}

using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Shared.Counting;

namespace AwsIO.Tests.EventLoops;

[Collection(LoopTestCollection.Name)]
public sealed class ProcessExitTests
{
    [Fact]
    public async Task A_process_that_disposes_of_nothing_exits()
    {
        await ChildTest.Passes(typeof(ProcessExitChild), nameof(ProcessExitChild.Child_leaves_everything_running));
    }
}

/// <summary>Its process is to end with all this left: nothing looks for it.</summary>
[LeavesThings("The process is to end all the same.")]
public sealed class ProcessExitChild
{
    [Fact(Explicit = true)]
    public async Task Child_leaves_everything_running()
    {
        // Loops, a timer, a subscription, a look-up that hangs: none of them may keep the process.
        EventLoopGroup group = LoopBackend.Platform.NewGroup(2);
        group[0].ScheduleAfter(new RecordingTask(), TimeSpan.FromHours(1));
        Assert.Equal(IoError.None, group[1].Subscribe(new TestPipe().Reader, IoEvents.Readable, new RecordingHandler()));
        TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        DefaultHostResolver resolver = new(group)
        {
            Lookup = _ =>
            {
                begun.SetResult();
                new ManualResetEventSlim().Wait();
                throw new InvalidOperationException();
            },
        };
        _ = resolver.Ask("hang.example", group[0]);
        await begun.Task.Within();
    }
}

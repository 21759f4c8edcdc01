using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops;

public class SubscriptionEndTests : LoopTest
{
    protected override int LoopCount => 2;

    [Fact]
    public async Task An_ended_loop_takes_no_subscription()
    {
        using TestPipe pipe = new();
        RecordingHandler handler = new();
        await Group.DisposeAsync().Within();

        IoError error = Loop.Subscribe(pipe.Reader, IoEvents.Readable, handler);

        Assert.Equal(IoErrorCode.EventLoopShutdown, error.Code);
        Assert.Equal(-1, pipe.Reader.SubscriptionSlot);
    }

    [Fact]
    public async Task A_subscription_made_while_the_loop_ends_is_refused()
    {
        using TestPipe pipe = new();
        IoError error = default;
        Loop.ScheduleAfter(
            new RecordingTask((_, _) => error = Loop.Subscribe(pipe.Reader, IoEvents.Readable, new RecordingHandler())),
            TimeSpan.FromHours(1));

        await Group.DisposeAsync().Within();

        Assert.Equal(IoErrorCode.EventLoopShutdown, error.Code);
    }

    [Fact]
    public async Task Unsubscribing_on_the_wrong_loop_is_refused_and_harms_nobody()
    {
        EventLoop other = Group[1];
        using TestPipe mine = new();
        using TestPipe theirs = new();
        RecordingHandler onMine = new();
        RecordingHandler onTheirs = new();
        Assert.Equal(IoError.None, Loop.Subscribe(mine.Reader, IoEvents.Readable, onMine));
        Assert.Equal(IoError.None, other.Subscribe(theirs.Reader, IoEvents.Readable, onTheirs));

        Assert.Equal(IoErrorCode.NotSubscribed, (await other.Call(() => other.Unsubscribe(mine.Reader))).Code);

        mine.Write();
        theirs.Write();
        Assert.Equal(IoEvents.Readable, await onMine.Next());
        Assert.Equal(IoEvents.Readable, await onTheirs.Next());
        Assert.Equal(IoError.None, await Loop.Call(() => Loop.Unsubscribe(mine.Reader)));
        Assert.Equal(IoError.None, await other.Call(() => other.Unsubscribe(theirs.Reader)));
    }
}

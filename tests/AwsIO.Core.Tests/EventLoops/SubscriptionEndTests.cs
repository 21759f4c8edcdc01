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

    [Fact]
    public async Task A_handle_that_is_subscribed_is_refused_on_another_loop_too()
    {
        EventLoop other = Group[1];
        using TestPipe pipe = new();
        RecordingHandler first = new();
        RecordingHandler second = new();
        Assert.Equal(IoError.None, Loop.Subscribe(pipe.Reader, IoEvents.Readable, first));

        IoError refused = other.Subscribe(pipe.Reader, IoEvents.Readable, second);

        Assert.Equal(IoErrorCode.AlreadySubscribed, refused.Code);
        Assert.Contains($"{pipe.Reader.Descriptor} is subscribed already", refused.Detail, StringComparison.Ordinal);
        pipe.Write();
        Assert.Equal(IoEvents.Readable, await first.Next());
        Assert.Equal(IoError.None, await Loop.Call(() => Loop.Unsubscribe(pipe.Reader)));

        // From then on it is anybody's.
        Assert.Equal(IoError.None, other.Subscribe(pipe.Reader, IoEvents.Readable, second));
        Assert.Equal(IoEvents.Readable, await second.Next());
        Assert.Equal(IoError.None, await other.Call(() => other.Unsubscribe(pipe.Reader)));
        Assert.Equal(1, first.Count);
    }

    [Fact]
    public async Task Of_two_loops_that_subscribe_a_handle_at_once_one_is_refused()
    {
        using TestPipe pipe = new();
        using Barrier start = new(2);
        RecordingHandler handler = new();
        for (int round = 0; round < 500; round++)
        {
            Task<IoError> theirs = Task.Run(() => SubscribeAtOnce(Group[1]));
            IoError mine = SubscribeAtOnce(Loop);
            IoError[] errors = [mine, await theirs];

            Assert.Single(errors, static error => error.IsNone);
            Assert.Single(errors, static error => error.Code == IoErrorCode.AlreadySubscribed);
            EventLoop winner = mine.IsNone ? Loop : Group[1];
            EventLoop loser = mine.IsNone ? Group[1] : Loop;
            Assert.Equal(IoErrorCode.NotSubscribed, (await loser.Call(() => loser.Unsubscribe(pipe.Reader))).Code);
            Assert.Equal(IoError.None, await winner.Call(() => winner.Unsubscribe(pipe.Reader)));
        }

        IoError SubscribeAtOnce(EventLoop loop)
        {
            start.SignalAndWait();
            return loop.Subscribe(pipe.Reader, IoEvents.Readable, handler);
        }
    }
}

using AwsIO.Tests.Infrastructure;
using Microsoft.Extensions.Logging;

namespace AwsIO.Tests.Sockets.Pipes;

public class PipeSubscriptionTests : PipeTest
{
    private readonly RecordingLoggerFactory _log = new(LogLevel.Error);

    protected override ILoggerFactory LoggerFactory => _log;

    [Fact]
    public async Task A_second_subscription_is_refused_and_the_first_one_stands()
    {
        using IoPipe pipe = NewPipe();
        ReadableEvents first = new();
        ReadableEvents second = new();
        await ReadLoop.Call(() =>
        {
            Assert.Equal(IoErrorCode.NotSubscribed, pipe.ReadEnd.UnsubscribeReadable().Code);
            Assert.Equal(IoError.None, first.SubscribeTo(pipe.ReadEnd));
            Assert.Equal(IoErrorCode.AlreadySubscribed, second.SubscribeTo(pipe.ReadEnd).Code);
        });
        await Write(pipe);
        Assert.Equal(IoErrorCode.Success, await first.Next());
        await ReadLoop.Call(() =>
        {
            Assert.Equal(IoError.None, pipe.ReadEnd.UnsubscribeReadable());
            Assert.Equal(IoErrorCode.NotSubscribed, pipe.ReadEnd.UnsubscribeReadable().Code);
        });
        Assert.Equal(0, second.Readable);
    }

    [Fact]
    public async Task A_subscription_is_never_told_inside_the_call_and_not_after_its_end()
    {
        using IoPipe pipe = NewPipe();
        await Write(pipe);
        ReadableEvents events = new();
        await ReadLoop.Call(() =>
        {
            Assert.Equal(IoError.None, events.SubscribeTo(pipe.ReadEnd));
            Assert.Equal(0, events.Readable);
            Assert.Equal(IoError.None, pipe.ReadEnd.UnsubscribeReadable());
        });
        await Write(pipe);
        await WriteLoop.Call(pipe.WriteEnd.Close);
        await Turns();
        Assert.Equal((0, 0), (events.Readable, events.Broken));
    }

    [Fact]
    public async Task Unread_bytes_of_a_closed_writer_come_first_and_then_the_broken_pipe()
    {
        using IoPipe pipe = NewPipe();
        await Write(pipe);
        await WriteLoop.Call(pipe.WriteEnd.Close);
        ReadableEvents events = new();
        await ReadLoop.Call(() => events.SubscribeTo(pipe.ReadEnd));

        Assert.Equal(IoErrorCode.Success, await events.Next());
        Assert.Equal(IoErrorCode.BrokenPipe, await events.Next());
        await Turns();
        Assert.Equal((1, 1), (events.Readable, events.Broken));
    }

    // kqueue may tell of each direction of a pipe by an event of its own; here they are told as a loop tells them.
    [Fact]
    public async Task An_end_that_events_tell_twice_is_told_once_to_each_subscription()
    {
        using IoPipe pipe = NewPipe();
        ReadableEvents events = new();
        for (int subscription = 1; subscription <= 2; subscription++)
        {
            await ReadLoop.Call(() =>
            {
                Assert.Equal(IoError.None, events.SubscribeTo(pipe.ReadEnd));
                IIoEventHandler end = pipe.ReadEnd;
                end.OnEvents(ReadLoop, pipe.ReadEnd.Handle, IoEvents.RemoteHangUp);
                end.OnEvents(ReadLoop, pipe.ReadEnd.Handle, IoEvents.Closed);
                Assert.Equal((0, subscription), (events.Readable, events.Broken));
                Assert.Equal(IoError.None, pipe.ReadEnd.UnsubscribeReadable());
            });
        }
    }

    [Fact]
    public async Task Whoever_unsubscribes_when_told_of_bytes_is_not_told_of_the_broken_pipe()
    {
        using IoPipe pipe = NewPipe();
        await Write(pipe);
        await WriteLoop.Call(pipe.WriteEnd.Close);
        ReadableEvents events = new(static (end, _) => end.UnsubscribeReadable());
        await ReadLoop.Call(() => events.SubscribeTo(pipe.ReadEnd));

        Assert.Equal(IoErrorCode.Success, await events.Next());
        await Turns();
        Assert.Equal((1, 0), (events.Readable, events.Broken));
    }

    [Fact]
    public async Task A_subscription_made_when_told_of_bytes_is_told_of_both_in_their_order()
    {
        using IoPipe pipe = NewPipe();
        await Write(pipe);
        await WriteLoop.Call(pipe.WriteEnd.Close);
        ReadableEvents second = new();
        ReadableEvents first = new((end, _) =>
        {
            _ = end.UnsubscribeReadable();
            _ = second.SubscribeTo(end);
        });
        await ReadLoop.Call(() => first.SubscribeTo(pipe.ReadEnd));

        Assert.Equal(IoErrorCode.Success, await second.Next());
        Assert.Equal(IoErrorCode.BrokenPipe, await second.Next());
        await Turns();
        Assert.Equal((1, 0), (first.Readable, first.Broken));
        Assert.Equal((1, 1), (second.Readable, second.Broken));
    }

    [Theory]
    [InlineData(IoErrorCode.Success)]
    [InlineData(IoErrorCode.BrokenPipe)]
    public async Task The_end_may_be_closed_by_its_own_callback(IoErrorCode when)
    {
        using IoPipe pipe = NewPipe();
        Func<int> openEnds = OpenEnds(pipe.ReadEnd);
        await Write(pipe);
        await WriteLoop.Call(pipe.WriteEnd.Close);
        IoError closed = IoErrorCode.Unknown;
        ReadableEvents events = new((end, error) =>
        {
            if (error.Code == when)
            {
                closed = end.Close();
            }
        });
        await ReadLoop.Call(() => events.SubscribeTo(pipe.ReadEnd));

        await events.Until(when);
        await Turns();
        Assert.Equal(IoError.None, closed);
        Assert.False(pipe.ReadEnd.IsOpen);
        Assert.Equal((1, when == IoErrorCode.Success ? 0 : 1), (events.Readable, events.Broken));
        Assert.Equal(0, openEnds());
    }

    [Fact]
    public async Task A_callback_that_throws_is_logged_and_told_of_the_broken_pipe_all_the_same()
    {
        using IoPipe pipe = NewPipe();
        await Write(pipe);
        await WriteLoop.Call(pipe.WriteEnd.Close);
        FormatException thrown = new("on purpose");
        ReadableEvents events = new((_, _) => throw thrown);
        await ReadLoop.Call(() => events.SubscribeTo(pipe.ReadEnd));

        Assert.Equal(IoErrorCode.Success, await events.Next());
        Assert.Equal(IoErrorCode.BrokenPipe, await events.Next());
        await Turns();
        Assert.Equal([thrown, thrown], _log.Lines.Select(static line => line.Exception));
        Assert.True(pipe.ReadEnd.IsOpen);
    }

    [Fact]
    public async Task The_state_is_let_go_with_the_subscription()
    {
        using IoPipe pipe = NewPipe();
        WeakReference state = await ReadLoop.Call(() => SubscribeAndUnsubscribe(pipe.ReadEnd));
        for (int i = 0; i < 5 && state.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(state.IsAlive);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static WeakReference SubscribeAndUnsubscribe(IoPipeReadEnd end)
        {
            object state = new();
            Assert.Equal(IoError.None, end.SubscribeReadable(static (_, _, _) => { }, state));
            Assert.Equal(IoError.None, end.UnsubscribeReadable());
            return new WeakReference(state);
        }
    }

    private Task Write(IoPipe pipe) =>
        WriteLoop.Call(() => Assert.Equal(IoError.None, pipe.WriteEnd.Write(new byte[5], null, null)));
}

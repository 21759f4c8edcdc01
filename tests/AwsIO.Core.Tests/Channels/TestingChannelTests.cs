using System.Text;
using AwsIO.Testing;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Channels;

/// <summary>A channel without sockets, threads and time, for authors of handlers.</summary>
[Collection(LoopTestCollection.Name)]
public sealed class TestingChannelTests
{
    [Fact]
    [Trait("Upstream", "io_testing_channel")]
    public void Data_goes_through_two_handlers_both_ways_and_the_channel_ends_in_order()
    {
        using TestingChannel channel = new();
        Framing framing = channel.Add(new Framing());
        TestingApplication app = channel.AddApplication(window: 16 * 1024);
        channel.RunUntilIdle();

        Assert.Equal(IoError.None, channel.PushRead([5, .. "hello"u8, 2, .. "yo"u8]));
        Assert.Equal(["hello", "yo"], app.ReadMessages.Select(Encoding.ASCII.GetString));
        List<IoError> completed = [];
        Assert.Equal(IoError.None, app.PushWrite("answer", completed.Add));
        Assert.Equal([6, .. "answer"u8], channel.TakeWritten());
        Assert.Equal((1, 0), (channel.PendingWrites, completed.Count));
        channel.RunUntilIdle();
        Assert.Equal([IoError.None], completed);

        Assert.Equal(IoError.None, channel.Shutdown());
        Assert.Equal([ChannelDirection.Read, ChannelDirection.Write], channel.ShutDownDirections);
        Assert.Equal([ChannelDirection.Read, ChannelDirection.Write], app.ShutDownDirections);
        Assert.True(app.IsDestroyed && framing.IsDestroyed);
        Assert.Equal((0, 0), (channel.PendingWrites, channel.MessagesHeld));
    }

    [Fact]
    public void A_protocol_gets_the_same_frames_however_they_are_cut()
    {
        byte[] stream = [3, .. "one"u8, 0, 5, .. "three"u8, 1, .. "x"u8];
        for (int cut = 0; cut <= stream.Length; cut++)
        {
            using TestingChannel channel = new();
            channel.Add(new Framing());
            TestingApplication app = channel.AddApplication();
            channel.RunUntilIdle();
            channel.Feed(stream.AsSpan(0, cut));
            channel.Feed(stream.AsSpan(cut));
            channel.RunUntilIdle();
            Assert.Equal(["one", "", "three", "x"], app.ReadMessages.Select(Encoding.ASCII.GetString));
            channel.Shutdown();
            Assert.Equal(0, channel.MessagesHeld);
        }
    }

    [Fact]
    public void What_is_pushed_must_fit_the_window_and_what_is_fed_waits_for_it()
    {
        using TestingChannel channel = new();
        TestingApplication app = channel.AddApplication(window: 10);
        Assert.Equal([10], channel.WindowUpdates);
        Assert.Equal((10, 10), (channel.LastWindowUpdate, channel.ReadWindow));
        Assert.Equal(IoErrorCode.ChannelReadWouldExceedWindow, channel.PushRead("12345678901").Code);
        Assert.Equal(IoError.None, channel.PushRead("123456"));
        channel.Feed("789012345"u8);
        Assert.Equal((5, 0), (channel.WaitingBytes, channel.ReadWindow));
        Assert.Equal("1234567890"u8.ToArray(), app.TakeRead());

        app.IncrementReadWindow(3);
        Assert.Empty(app.TakeRead());
        channel.RunUntilIdle();
        Assert.Equal((3, 2), (channel.LastWindowUpdate, channel.WaitingBytes));
        channel.EndRead();
        channel.RunUntilIdle();
        Assert.Null(app.ReadEnd);
        app.IncrementReadWindow(2);
        channel.RunUntilIdle();

        // The end comes behind the last byte.
        Assert.Equal("12345"u8.ToArray(), app.TakeRead());
        Assert.Equal(IoErrorCode.SocketClosed, app.ReadEnd!.Value.Code);
        Assert.Equal(IoErrorCode.SocketClosed, channel.ShutdownReason!.Value.Code);
    }

    [Fact]
    public void Writes_are_completed_when_the_test_says_so_and_as_it_says()
    {
        using TestingChannel channel = new();
        channel.CompletesWrites = false;
        TestingApplication app = channel.AddApplication();
        List<string> completed = [];
        foreach (string text in new[] { "a", "bb", "ccc" })
        {
            app.PushWrite(text, error => completed.Add($"{text} {error.Code}"));
        }

        channel.RunUntilIdle();
        Assert.Empty(completed);
        Assert.Equal(1, channel.CompleteWrites(1));
        Assert.Equal(["a Success"], completed);
        Assert.Equal(2, channel.CompleteWrites(error: IoErrorCode.SocketClosed));
        channel.RunUntilIdle();

        Assert.Equal(["a Success", "bb SocketClosed", "ccc SocketClosed"], completed);
        Assert.Equal(IoErrorCode.SocketClosed, channel.ShutdownReason!.Value.Code);
        Assert.Equal("abbccc"u8.ToArray(), channel.TakeWritten());
        Assert.Equal(IoErrorCode.SocketClosed, app.PushWrite("late").Code);
        Assert.Equal(0, channel.MessagesHeld);
    }

    [Fact]
    public void A_connection_whose_writes_fail_ends_with_that_error()
    {
        using TestingChannel channel = new();
        channel.WriteError = IoErrorCode.BrokenPipe;
        TestingApplication app = channel.AddApplication();
        app.PushWrite("lost");
        channel.RunUntilIdle();
        Assert.Equal(IoErrorCode.BrokenPipe, channel.ShutdownReason!.Value.Code);
    }

    [Fact]
    public void A_shutdown_waits_for_writes_until_its_limit_and_an_abort_does_not()
    {
        using TestingChannel channel = new();
        channel.CompletesWrites = false;
        TestingApplication app = channel.AddApplication();
        IoError? written = null;
        app.PushWrite("held", error => written = error);
        Assert.Null(channel.Shutdown());
        channel.Advance(TimeSpan.FromSeconds(9));
        Assert.Null(channel.ShutdownReason);
        channel.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(IoError.None, channel.ShutdownReason);
        Assert.Equal(IoErrorCode.SocketClosed, written!.Value.Code);

        using TestingChannel aborted = new();
        aborted.CompletesWrites = false;
        aborted.AddApplication().PushWrite("held");
        aborted.Channel.Abort(IoErrorCode.SocketTimeout);
        aborted.RunUntilIdle();
        Assert.Equal(IoErrorCode.SocketTimeout, aborted.ShutdownReason!.Value.Code);
        Assert.Equal((0, 0), (aborted.PendingWrites, aborted.MessagesHeld));
    }

    [Fact]
    public void Each_direction_shuts_down_when_its_handler_is_ready()
    {
        using TestingChannel channel = new();
        TestingApplication app = channel.AddApplication();
        app.HoldsShutdown = true;
        Assert.False(app.ReleaseShutdown());
        Assert.Null(channel.Shutdown());
        Assert.Equal([ChannelDirection.Read], channel.ShutDownDirections);
        Assert.Equal([ChannelDirection.Read], app.ShutDownDirections);
        Assert.True(app.ReleaseShutdown());
        channel.RunUntilIdle();
        Assert.Equal([ChannelDirection.Read, ChannelDirection.Write], app.ShutDownDirections);
        Assert.Equal([ChannelDirection.Read], channel.ShutDownDirections);
        Assert.True(app.ReleaseShutdown());
        channel.RunUntilIdle();
        Assert.Equal(IoError.None, channel.ShutdownReason);
    }

    [Fact]
    public void The_end_of_the_writing_direction_is_seen()
    {
        using TestingChannel channel = new();
        TestingApplication app = channel.AddApplication();
        app.PushWrite("goodbye", isLast: true);
        Assert.False(channel.HasWriteEnded);
        channel.RunUntilIdle();
        Assert.True(channel.HasWriteEnded);
    }

    [Fact]
    public void A_message_that_is_kept_too_long_shows()
    {
        using TestingChannel channel = new();
        Keeper keeper = channel.Add(new Keeper());
        channel.PushRead("x");
        Assert.Equal(1, channel.MessagesHeld);
        keeper.Kept!.Release();
        Assert.Equal(0, channel.MessagesHeld);
    }

    [Fact]
    public void Channels_may_share_loops_and_the_seed_of_them()
    {
        using ManualLoopGroup loops = new(1, seed: 3);
        using TestingChannel one = new(new TestingChannelOptions { Loops = loops });
        using TestingChannel two = new(new TestingChannelOptions { Loops = loops, EnableReadBackPressure = false });
        Assert.Same(one.Loop, two.Loop);
        TestingApplication app = two.AddApplication(window: 0);
        two.PushRead("without back-pressure");
        Assert.Equal(21, app.TakeRead().Length);
        two.Dispose();
        Assert.Equal(IoError.None, two.ShutdownReason);
        Assert.Null(one.ShutdownReason);
    }

    [Fact]
    public void The_application_is_for_tests_of_manual_loops()
    {
        TestingApplication loose = new();
        Assert.Throws<InvalidOperationException>(() => loose.PushWrite("nowhere"));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TestingApplication(-1));
    }

    /// <summary>A byte that says how long a frame is, and the frame: the protocol of a page that docs/channels.md speaks of.</summary>
    private sealed class Framing : ChannelHandler
    {
        private readonly List<byte> _gathered = [];

        internal bool IsDestroyed { get; private set; }

        protected internal override long InitialWindow => 256;

        protected internal override int MessageOverhead => 1;

        protected internal override IoError OnRead(ChannelSlot slot, IoMessage message)
        {
            int count = message.Length;
            _gathered.AddRange(message.Data);
            message.Release();
            slot.IncrementReadWindow(count);
            while (_gathered.Count > 0 && _gathered.Count > _gathered[0])
            {
                IoMessage frame = slot.Channel.RentMessage(_gathered[0]);
                frame.Append([.. _gathered.Skip(1).Take(_gathered[0])]);
                _gathered.RemoveRange(0, _gathered[0] + 1);
                IoError error = slot.Send(frame, ChannelDirection.Read);
                if (error.IsError)
                {
                    frame.Release();
                    slot.Channel.Shutdown(error);
                    break;
                }
            }

            return IoError.None;
        }

        protected internal override IoError OnWrite(ChannelSlot slot, IoMessage message)
        {
            IoMessage frame = slot.Channel.RentMessage(message.Length + 1);
            frame.Append([(byte)message.Length]);
            frame.Append(message.Data);
            frame.IsLast = message.IsLast;
            message.MoveCompletionTo(frame);
            IoError error = slot.Send(frame, ChannelDirection.Write);
            if (error.IsError)
            {
                frame.MoveCompletionTo(message);
                frame.Release();
                return error;
            }

            message.Release();
            return IoError.None;
        }

        protected internal override void OnWindowIncrement(ChannelSlot slot, long size)
        {
            // What comes from the left is gathered here, whatever the right one takes.
        }

        protected internal override void OnDestroyed() => IsDestroyed = true;
    }

    private sealed class Keeper : ChannelHandler
    {
        internal IoMessage? Kept { get; private set; }

        protected internal override IoError OnRead(ChannelSlot slot, IoMessage message)
        {
            Kept = message;
            return IoError.None;
        }
    }
}

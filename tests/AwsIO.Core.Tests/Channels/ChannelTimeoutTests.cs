using AwsIO.Testing;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Channels;

/// <summary>Channels that are quiet for too long, by a virtual clock.</summary>
[Collection(LoopTestCollection.Name)]
public sealed class ChannelTimeoutTests
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_instant = TimeSpan.FromTicks(1);

    [Fact]
    public void A_peer_that_says_nothing_is_given_up_at_the_very_moment()
    {
        using TestingChannel channel = new();
        channel.Add(new ChannelTimeoutHandler(new ChannelTimeoutOptions { ReadTimeout = s_minute }));
        TestingApplication app = channel.AddApplication();
        channel.RunUntilIdle();
        channel.Advance(s_minute - s_instant);
        channel.Feed("late but not too late"u8);
        Assert.Equal(21, app.TakeRead().Length);

        channel.Advance(s_minute - s_instant);
        app.PushWrite("what is written does not count");
        channel.RunUntilIdle();
        Assert.Null(channel.ShutdownReason);
        channel.Advance(s_instant);
        Assert.Equal(IoErrorCode.SocketTimeout, channel.ShutdownReason!.Value.Code);
        Assert.Contains("60000 ms", channel.ShutdownReason.Value.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Time_in_which_the_application_takes_nothing_does_not_count_against_the_peer()
    {
        using TestingChannel channel = new();
        channel.Add(new ChannelTimeoutHandler(new ChannelTimeoutOptions { ReadTimeout = s_minute }));
        TestingApplication app = channel.AddApplication(window: 4);
        channel.RunUntilIdle();
        channel.Feed("1234"u8);
        channel.Advance(10 * s_minute);
        Assert.Null(channel.ShutdownReason);

        app.IncrementReadWindow(4);
        channel.RunUntilIdle();
        channel.Advance(s_minute - s_instant);
        Assert.Null(channel.ShutdownReason);
        channel.Advance(s_instant);
        Assert.Equal(IoErrorCode.SocketTimeout, channel.ShutdownReason!.Value.Code);
    }

    [Fact]
    public void After_the_peers_end_nothing_is_waited_for()
    {
        using TestingChannel channel = new();
        channel.Add(new ChannelTimeoutHandler(new ChannelTimeoutOptions { ReadTimeout = s_minute }));
        TestingApplication app = channel.AddApplication();
        app.OutlivesReadEnd = true;
        channel.EndRead();
        channel.Advance(10 * s_minute);

        Assert.NotNull(app.ReadEnd);
        Assert.Null(channel.ShutdownReason);
    }

    [Fact]
    public void An_idle_channel_is_ended_and_one_that_reads_or_writes_is_not()
    {
        using TestingChannel channel = new();
        channel.Add(new ChannelTimeoutHandler(new ChannelTimeoutOptions { IdleTimeout = s_minute }));
        TestingApplication app = channel.AddApplication();
        channel.RunUntilIdle();
        for (int i = 0; i < 10; i++)
        {
            channel.Advance(0.75 * s_minute);
            if (i % 2 == 0)
            {
                channel.Feed("x"u8);
            }
            else
            {
                app.PushWrite("x");
            }
        }

        Assert.Null(channel.ShutdownReason);
        channel.Advance(s_minute);
        Assert.Equal(IoErrorCode.SocketTimeout, channel.ShutdownReason!.Value.Code);
        Assert.Equal(0, channel.MessagesHeld);
    }

    [Fact]
    public void A_write_that_makes_no_progress_ends_the_channel_at_once_and_a_slow_one_does_not()
    {
        using TestingChannel channel = new(new TestingChannelOptions { ShutdownTimeout = TimeSpan.FromDays(1) });
        channel.CompletesWrites = false;
        channel.Add(new ChannelTimeoutHandler(new ChannelTimeoutOptions { WriteTimeout = s_minute }));
        TestingApplication app = channel.AddApplication();
        channel.RunUntilIdle();
        IoError? last = null;
        for (int i = 0; i < 10; i++)
        {
            app.PushWrite("0123456789", error => last = error);
        }

        for (int i = 0; i < 9; i++)
        {
            channel.Advance(0.9 * s_minute);
            Assert.Equal(1, channel.CompleteWrites(1));
        }

        Assert.Null(channel.ShutdownReason);
        Assert.Equal(10, Unsent(channel));

        // However much is written meanwhile.
        channel.Advance(0.5 * s_minute);
        app.PushWrite("more");
        channel.Advance(0.8 * s_minute);
        Assert.Equal(IoErrorCode.SocketTimeout, channel.ShutdownReason!.Value.Code);
        Assert.True(last!.Value.IsError);
        Assert.Equal(0, channel.PendingWrites);
    }

    [Fact]
    public void A_channel_that_writes_nothing_is_not_stuck()
    {
        using TestingChannel channel = new();
        channel.Add(new ChannelTimeoutHandler(new ChannelTimeoutOptions { WriteTimeout = s_minute }));
        TestingApplication app = channel.AddApplication();
        channel.RunUntilIdle();
        app.PushWrite("taken at once");
        channel.Advance(10 * s_minute);
        Assert.Null(channel.ShutdownReason);
    }

    [Fact]
    public void A_callback_decides_and_is_told_again()
    {
        List<ChannelTimeoutKind> told = [];
        using TestingChannel channel = new();
        channel.Add(new ChannelTimeoutHandler(new ChannelTimeoutOptions
        {
            ReadTimeout = s_minute,
            IdleTimeout = 3 * s_minute,
            OnTimeout = (timedOut, kind) =>
            {
                Assert.Same(channel.Channel, timedOut);
                told.Add(kind);
            },
        }));
        channel.AddApplication();
        channel.RunUntilIdle();
        channel.Advance(4 * s_minute);

        Assert.Equal(
            [ChannelTimeoutKind.Read, ChannelTimeoutKind.Read, ChannelTimeoutKind.Read, ChannelTimeoutKind.Idle, ChannelTimeoutKind.Read], told);
        Assert.Equal(IoError.None, channel.Shutdown());
        channel.Advance(10 * s_minute);
        Assert.Equal(5, told.Count);
    }

    [Fact]
    public void It_passes_windows_on_exactly()
    {
        using TestingChannel channel = new();
        channel.Add(new ChannelTimeoutHandler(new ChannelTimeoutOptions { ReadTimeout = s_minute }));
        TestingApplication app = channel.AddApplication(window: 7);
        channel.RunUntilIdle();
        Assert.Equal(7, channel.ReadWindow);
        Assert.Equal(IoErrorCode.ChannelReadWouldExceedWindow, channel.PushRead("12345678").Code);
        channel.Feed("123456789"u8);
        Assert.Equal((7, 2), (app.TakeRead().Length, channel.WaitingBytes));
        app.IncrementReadWindow(1);
        channel.RunUntilIdle();
        Assert.Equal("8"u8.ToArray(), app.TakeRead());
    }

    [Fact]
    public void A_span_that_makes_no_sense_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChannelTimeoutHandler(new ChannelTimeoutOptions { ReadTimeout = TimeSpan.Zero }));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new ChannelTimeoutHandler(new ChannelTimeoutOptions { IdleTimeout = TimeSpan.FromSeconds(-3) }));
    }

    private static long Unsent(TestingChannel channel)
    {
        long unsent = 0;
        channel.Invoke(() => unsent = channel.Channel.UnsentBytes);
        return unsent;
    }
}

using System.Buffers.Binary;
using AwsIO.Samples;
using AwsIO.Testing;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Samples;

/// <summary>The sample protocol of frames behind their length, without sockets and time.</summary>
[Collection(LoopTestCollection.Name)]
public sealed class LengthPrefixHandlerTests
{
    private const int Longest = 1000;

    [Fact]
    public void Frames_are_the_same_wherever_they_are_cut()
    {
        byte[][] frames = [[1, 2, 3], [], [4], [], [.. Enumerable.Range(5, 20).Select(static value => (byte)value)]];
        byte[] stream = Framed(frames);
        for (int first = 0; first <= stream.Length; first++)
        {
            for (int second = first; second <= stream.Length; second++)
            {
                using TestingChannel channel = Open(out TestingApplication app);
                channel.Feed(stream.AsSpan(0, first));
                channel.Feed(stream.AsSpan(first, second - first));
                channel.Feed(stream.AsSpan(second));
                channel.RunUntilIdle();
                Assert.Equal(frames, app.ReadMessages);
                Ended(channel, IoErrorCode.Success);
            }
        }
    }

    [Fact]
    public void A_frame_waits_until_the_window_has_room_for_all_of_it()
    {
        using TestingChannel channel = Open(out TestingApplication app, window: 1);
        channel.Feed(Framed([[1], [2, 3, 4], [], [5]]));
        channel.RunUntilIdle();
        Assert.Equal([[1]], app.ReadMessages);

        for (int i = 0; i < 2; i++)
        {
            app.IncrementReadWindow(1);
            channel.RunUntilIdle();
            Assert.Single(app.ReadMessages);
        }

        app.IncrementReadWindow(1);
        channel.RunUntilIdle();
        Assert.Equal([[1], [2, 3, 4], []], app.ReadMessages);
        app.IncrementReadWindow(1);
        channel.RunUntilIdle();
        Assert.Equal([[1], [2, 3, 4], [], [5]], app.ReadMessages);
        Ended(channel, IoErrorCode.Success);
    }

    [Fact]
    public void A_receiver_that_takes_nothing_stops_the_peer_and_each_frame_that_is_taken_makes_room_for_another()
    {
        const int count = 50;
        using TestingChannel channel = Open(out TestingApplication app, window: 0);
        byte[][] frames = [.. Enumerable.Range(0, count).Select(static i => Payload.Of(Longest, i))];
        byte[] stream = Framed(frames);
        channel.Feed(stream);
        channel.RunUntilIdle();

        Assert.Empty(app.ReadMessages);
        Assert.Equal([2 * (4 + Longest)], channel.WindowUpdates);
        Assert.Equal(stream.Length - (2 * (4 + Longest)), channel.WaitingBytes);
        for (int i = 1; i <= count; i++)
        {
            app.IncrementReadWindow(Longest);
            channel.RunUntilIdle();
            Assert.Equal(i, app.ReadMessages.Count);
        }

        Assert.Equal(frames, app.ReadMessages);
        Assert.Equal((2 * (4 + Longest)) + stream.Length, channel.WindowUpdates.Sum());
        Ended(channel, IoErrorCode.Success);
    }

    [Fact]
    public void Random_frames_cuts_and_grants_lose_nothing_and_never_exceed_the_window()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            Random random = new(seed);
            byte[][] frames = [.. Enumerable.Range(0, 30).Select(i => Payload.Of(random.Next(3) == 0 ? random.Next(Longest + 1) : random.Next(5), i))];
            byte[] stream = Framed(frames);
            using TestingChannel channel = Open(out TestingApplication app, window: 0);
            long granted = 0;
            for (int at = 0; at < stream.Length || app.ReadMessages.Count < frames.Length;)
            {
                int size = random.Next(Math.Min(stream.Length - at, 700) + 1);
                channel.Feed(stream.AsSpan(at, size));
                at += size;
                int grant = random.Next(600);
                granted += grant;
                app.IncrementReadWindow(grant);
                channel.RunUntilIdle();
                Assert.True(app.ReadMessages.Sum(static message => message.Length) <= granted, $"seed {seed}");
            }

            Assert.Equal(frames, app.ReadMessages);
            Ended(channel, IoErrorCode.Success);
        }
    }

    [Theory]
    [InlineData(Longest + 1u)]
    [InlineData(uint.MaxValue)]
    [InlineData(0x80000000u)]
    public void A_frame_that_is_too_long_ends_the_channel_at_its_header_and_nothing_behind_it_counts(uint length)
    {
        byte[] stream = [.. Framed([[1]]), 0, 0, 0, 0, .. new byte[5000]];
        BinaryPrimitives.WriteUInt32BigEndian(stream.AsSpan(5), length);
        for (int cut = 0; cut < 20; cut++)
        {
            using TestingChannel channel = Open(out TestingApplication app);
            channel.Feed(stream.AsSpan(0, cut));
            channel.Feed(stream.AsSpan(cut));
            channel.RunUntilIdle();

            Assert.Equal([[1]], app.ReadMessages);
            IoError reason = Ended(channel, IoErrorCode.InvalidArgument);
            Assert.Contains($"{length} bytes; 1000 are allowed", reason.Detail, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_comes_behind_a_frame_that_is_too_long_is_dropped_and_room_is_made_for_more()
    {
        using TestingChannel channel = Open(out _);
        channel.Invoke(() =>
        {
            // Before the channel's end has begun.
            channel.Channel.First!.Right!.Handler!.OnRead(channel.Channel.First.Right, Message(channel, [255, 0, 0, 0]));
            channel.Channel.First.Right.Handler.OnRead(channel.Channel.First.Right, Message(channel, new byte[100]));
        });
        channel.RunUntilIdle();
        Assert.Equal((2 * (4 + Longest)) + 104, channel.WindowUpdates.Sum());
        Ended(channel, IoErrorCode.InvalidArgument);
    }

    [Fact]
    public void Each_message_that_is_written_is_a_frame_and_its_completion_goes_along()
    {
        using TestingChannel channel = Open(out TestingApplication app);
        channel.CompletesWrites = false;
        List<IoError> completed = [];
        Assert.Equal(IoError.None, app.PushWrite("one", completed.Add));
        Assert.Equal(IoError.None, app.PushWrite("", completed.Add));
        Assert.Equal(IoError.None, app.PushWrite("last", completed.Add, isLast: true));
        Assert.Equal(Framed([[.. "one"u8], [], [.. "last"u8]]), channel.TakeWritten());
        Assert.Empty(completed);

        channel.CompleteWrites();
        Assert.Equal([IoError.None, IoError.None, IoError.None], completed);
        Assert.True(channel.HasWriteEnded);
        Ended(channel, IoErrorCode.Success);
    }

    [Fact]
    public void The_end_of_the_writing_direction_is_no_frame()
    {
        using TestingChannel channel = Open(out TestingApplication app);
        Assert.Equal(IoError.None, app.PushWrite("", isLast: true));
        channel.RunUntilIdle();
        Assert.Empty(channel.TakeWritten());
        Assert.True(channel.HasWriteEnded);
    }

    [Fact]
    public void A_message_that_is_too_long_or_comes_too_late_stays_with_who_wrote_it()
    {
        using TestingChannel channel = Open(out TestingApplication app);
        List<IoError> completed = [];
        IoError refused = app.PushWrite(new byte[Longest + 1], completed.Add);
        Assert.Equal(IoErrorCode.InvalidArgument, refused.Code);
        Assert.Contains("1000", refused.Detail, StringComparison.Ordinal);
        Assert.Equal(0, channel.MessagesHeld);
        channel.Shutdown();
        Assert.Equal(IoErrorCode.SocketClosed, app.PushWrite("late", completed.Add).Code);
        Assert.Empty(completed);
        Assert.Equal(0, channel.MessagesHeld);
    }

    [Theory]
    [InlineData(0, "closed the connection")]
    [InlineData(1, "in the middle of a frame")]
    [InlineData(4, "in the middle of a frame")]
    [InlineData(6, "in the middle of a frame")]
    [InlineData(7, "closed the connection")]
    public void The_peers_end_comes_behind_the_frames_that_wait(int sent, string reason)
    {
        using TestingChannel channel = Open(out TestingApplication app, window: 0);
        channel.Feed([.. Framed([[9, 9]]), .. Framed([[1, 2, 3]]).AsSpan(0, sent)]);
        channel.EndRead();
        channel.RunUntilIdle();
        Assert.Null(app.ReadEnd);
        app.IncrementReadWindow(10);
        channel.RunUntilIdle();

        Assert.Equal(sent == 7 ? [[9, 9], [1, 2, 3]] : [[9, 9]], app.ReadMessages);
        Assert.Contains(reason, app.ReadEnd!.Value.Detail, StringComparison.Ordinal);
        Ended(channel, IoErrorCode.SocketClosed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_shutdown_with_whole_and_half_frames_at_hand_leaks_nothing(bool aborts)
    {
        using TestingChannel channel = Open(out TestingApplication app, window: 3);
        channel.Feed([.. Framed([[1, 2], [3, 4], [5]]), 0, 0, 0, 9, 1]);
        channel.RunUntilIdle();
        Assert.Equal([[1, 2]], app.ReadMessages);
        if (aborts)
        {
            channel.Channel.Abort(IoErrorCode.OperationCancelled);
        }
        else
        {
            channel.Channel.Shutdown(IoErrorCode.OperationCancelled);
        }

        channel.RunUntilIdle();
        Ended(channel, IoErrorCode.OperationCancelled);
        Assert.Single(app.ReadMessages);
    }

    [Fact]
    public void A_receiver_that_refuses_a_frame_ends_the_channel()
    {
        using TestingChannel channel = new();
        channel.Add(new LengthPrefixHandler(Longest));
        channel.Add(new PipelinedClient(1));
        channel.Feed(Framed([[1], [2]]));
        channel.RunUntilIdle();
        Ended(channel, IoErrorCode.InvalidState);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData((256 * 1024) + 1)]
    public void A_frame_has_to_fit_one_message(int longest)
    {
        ArgumentOutOfRangeException refused = Assert.Throws<ArgumentOutOfRangeException>(() => new LengthPrefixHandler(longest));
        Assert.Contains("262144", refused.Message, StringComparison.Ordinal);
    }

    internal static byte[] Framed(IEnumerable<byte[]> frames)
    {
        List<byte> stream = [];
        foreach (byte[] frame in frames)
        {
            stream.AddRange([0, 0, (byte)(frame.Length >> 8), (byte)frame.Length, .. frame]);
        }

        return [.. stream];
    }

    private static IoMessage Message(TestingChannel channel, byte[] data)
    {
        IoMessage message = channel.Channel.RentMessage(data.Length);
        message.Append(data);
        return message;
    }

    private static TestingChannel Open(out TestingApplication app, long window = long.MaxValue)
    {
        TestingChannel channel = new();
        channel.Add(new LengthPrefixHandler(Longest));
        app = channel.AddApplication(window);
        channel.RunUntilIdle();
        return channel;
    }

    private static IoError Ended(TestingChannel channel, IoErrorCode code)
    {
        IoError? reason = channel.ShutdownReason ?? channel.Shutdown();
        Assert.Equal(code, reason!.Value.Code);
        Assert.Equal((0, 0), (channel.MessagesHeld, channel.PendingWrites));
        return reason.Value;
    }
}

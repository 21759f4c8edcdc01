using System.Text;
using AwsIO.Samples;
using AwsIO.Testing;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Samples;

/// <summary>The sample protocol of lines, without sockets and time.</summary>
[Collection(LoopTestCollection.Name)]
public sealed class LineHandlerTests
{
    private const int Longest = 8;

    private readonly List<string> _lines = [];

    [Fact]
    public void Lines_are_the_same_wherever_they_are_cut()
    {
        byte[] stream = [.. "one\r\n\ntwo\r\nwith\rcr\n12345678\r\n\r\nlast\n"u8];
        string[] expected = ["one", "", "two", "with\rcr", "12345678", "", "last"];
        for (int first = 0; first <= stream.Length; first++)
        {
            for (int second = first; second <= stream.Length; second++)
            {
                using TestingChannel channel = Open();
                channel.Feed(stream.AsSpan(0, first));
                channel.Feed(stream.AsSpan(first, second - first));
                channel.Feed(stream.AsSpan(second));
                channel.RunUntilIdle();
                Assert.Equal(expected, _lines);
                Ended(channel, IoErrorCode.Success);
            }
        }
    }

    [Fact]
    public void Lines_are_the_same_byte_by_byte()
    {
        using TestingChannel channel = Open();
        foreach (byte value in "12345678\r\na\nbb\r\n"u8)
        {
            Assert.Equal(IoError.None, channel.PushRead([value]));
        }

        Assert.Equal(["12345678", "a", "bb"], _lines);
    }

    [Theory]
    [InlineData("123456789\n")]
    [InlineData("123456789\r\n")]
    [InlineData("12345678\r9\n")]
    [InlineData("123456789")]
    [InlineData("12345678\rx")]
    public void A_line_that_is_too_long_ends_the_channel_and_nothing_behind_it_counts(string line)
    {
        byte[] stream = Encoding.ASCII.GetBytes($"good\n{line}more\nlines\n");
        for (int cut = 0; cut <= stream.Length; cut++)
        {
            using TestingChannel channel = Open();
            channel.Feed(stream.AsSpan(0, cut));
            channel.Feed(stream.AsSpan(cut));
            channel.RunUntilIdle();

            Assert.Equal(["good"], _lines);
            Assert.Equal(0, channel.WaitingBytes);
            IoError reason = Ended(channel, IoErrorCode.InvalidArgument);
            Assert.Contains("more than 8 bytes", reason.Detail, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_line_that_is_too_long_is_found_before_its_end_comes()
    {
        using TestingChannel channel = Open();
        channel.Feed("12345678\r"u8);
        channel.RunUntilIdle();
        Assert.Null(channel.ShutdownReason);
        channel.Feed("x"u8);
        channel.RunUntilIdle();
        Ended(channel, IoErrorCode.InvalidArgument);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(254)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(1000)]
    public void A_line_is_written_in_as_many_messages_as_it_takes(int length)
    {
        using TestingChannel channel = new(new TestingChannelOptions { FragmentSize = 256 });
        LineHandler handler = channel.Add(new LineHandler(Longest, static (_, _) => { }));
        byte[] line = [.. Enumerable.Repeat((byte)'x', length)];

        channel.Invoke(() => Assert.Equal(IoError.None, handler.WriteLine(line)));

        Assert.All(channel.WrittenMessages, static message => Assert.InRange(message.Length, 1, 256));
        Assert.Equal((length / 256) + 1, channel.WrittenMessages.Count);
        Assert.Equal([.. line, (byte)'\n'], channel.TakeWritten());
        Ended(channel, IoErrorCode.Success);
    }

    [Fact]
    public void A_line_that_cannot_be_written_is_told_and_kept_by_nobody()
    {
        using TestingChannel channel = Open(out LineHandler handler);
        channel.Shutdown();
        channel.Invoke(() => Assert.Equal(IoErrorCode.SocketClosed, handler.WriteLine("late"u8).Code));
        Assert.Equal(0, channel.MessagesHeld);
    }

    [Fact]
    public void A_channel_that_is_closed_in_the_middle_of_a_message_takes_no_more_lines()
    {
        using TestingChannel channel = new();
        channel.Add(new LineHandler(Longest, (handler, line) =>
        {
            _lines.Add(Encoding.ASCII.GetString(line));
            handler.WriteLine(line);
            if (line.SequenceEqual("bye"u8))
            {
                handler.Close(IoError.None);
            }
        }));
        channel.Feed("hi\nbye\nlost\nbe"u8);
        channel.Feed("gun\n"u8);
        channel.RunUntilIdle();

        Assert.Equal(["hi", "bye"], _lines);
        Assert.Equal("hi\nbye\n"u8.ToArray(), channel.TakeWritten());
        Ended(channel, IoErrorCode.Success);
    }

    [Theory]
    [InlineData("whole\n", "closed the connection")]
    [InlineData("whole\npart", "in the middle of a line, after 4 bytes")]
    public void The_peers_end_is_told_from_a_line_that_it_has_cut(string stream, string reason)
    {
        using TestingChannel channel = Open();
        channel.Feed(Encoding.ASCII.GetBytes(stream));
        channel.EndRead();
        channel.RunUntilIdle();

        Assert.Equal(["whole"], _lines);
        Assert.Contains(reason, Ended(channel, IoErrorCode.SocketClosed).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_peer_that_does_not_take_its_answers_is_not_read_from()
    {
        using TestingChannel channel = new(new TestingChannelOptions { WriteHighWatermark = 100, WriteLowWatermark = 10 });
        channel.CompletesWrites = false;
        channel.Add(new LineHandler(Longest, (handler, line) => handler.WriteLine(line)));
        byte[] stream = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("1234567\n", 10_000)));
        channel.Feed(stream);
        channel.RunUntilIdle();

        // What it was allowed to send before anybody knew.
        int answered = channel.WrittenMessages.Sum(static message => message.Length);
        Assert.InRange(answered, 100, 2 * 16 * 1024);
        Assert.Equal(stream.Length - answered, channel.WaitingBytes);
        while (channel.CompleteWrites() > 0)
        {
            channel.RunUntilIdle();
        }

        Assert.Equal(stream, channel.TakeWritten());
        Ended(channel, IoErrorCode.Success);
    }

    [Fact]
    public void A_callback_that_throws_ends_the_channel()
    {
        using TestingChannel channel = new();
        channel.Add(new LineHandler(Longest, static (_, _) => throw new InvalidOperationException("on purpose")));
        Assert.Throws<InvalidOperationException>(() => channel.Feed("line\n"u8));
        channel.RunUntilIdle();
        Ended(channel, IoErrorCode.Unknown);
    }

    private static IoError Ended(TestingChannel channel, IoErrorCode code)
    {
        IoError? reason = channel.ShutdownReason ?? channel.Shutdown();
        Assert.Equal(code, reason!.Value.Code);
        Assert.Equal((0, 0), (channel.MessagesHeld, channel.PendingWrites));
        return reason.Value;
    }

    private TestingChannel Open() => Open(out _);

    private TestingChannel Open(out LineHandler handler)
    {
        _lines.Clear();
        TestingChannel channel = new();
        handler = channel.Add(new LineHandler(Longest, (_, line) => _lines.Add(Encoding.ASCII.GetString(line))));
        channel.RunUntilIdle();
        return channel;
    }
}

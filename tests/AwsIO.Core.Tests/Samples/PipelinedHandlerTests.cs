using System.Text;
using AwsIO.Samples;
using AwsIO.Testing;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Samples;

/// <summary>The sample server of pipelined requests, without sockets and time.</summary>
[Collection(LoopTestCollection.Name)]
public sealed class PipelinedHandlerTests
{
    private const int Longest = 10;

    private readonly List<(long Number, string Request)> _begun = [];

    [Fact]
    public void Answers_go_out_in_the_order_of_the_requests_in_whichever_they_are_ready()
    {
        foreach (int[] order in Orders(4))
        {
            using TestingChannel channel = Open(4, out PipelinedHandler handler);
            foreach (string request in new[] { "a", "b", "c", "d" })
            {
                channel.PushRead(request);
            }

            HashSet<int> answered = [];
            foreach (int number in order)
            {
                channel.Invoke(() => handler.Answer(number, Encoding.ASCII.GetBytes($"{number}")));
                answered.Add(number);
                int ready = Enumerable.Range(0, 4).TakeWhile(answered.Contains).Count();
                Assert.Equal(Enumerable.Range(0, ready).Select(static i => $"{i}"), channel.WrittenMessages.Select(Encoding.ASCII.GetString));
                Assert.Equal(4 - ready, handler.UnderWay);
            }

            Ended(channel, IoErrorCode.Success);
        }
    }

    [Fact]
    public void What_is_more_than_allowed_waits_and_its_room_is_not_given_again()
    {
        using TestingChannel channel = Open(2, out PipelinedHandler handler);
        for (int i = 0; i < 30; i++)
        {
            channel.Feed(Encoding.ASCII.GetBytes($"{i % 10}"));
        }

        channel.RunUntilIdle();
        Assert.Equal([(0, "0"), (1, "1")], _begun);
        Assert.Equal((0, 18), (channel.ReadWindow, channel.WaitingBytes));

        // Out of order, so that the second answer makes room for two.
        channel.Invoke(() => handler.Answer(1, "B"u8));
        Assert.Equal(2, _begun.Count);
        channel.Invoke(() => handler.Answer(0, "A"u8));
        Assert.Equal(4, _begun.Count);
        channel.RunUntilIdle();
        Assert.Equal(16, channel.WaitingBytes);
        for (int i = 2; i < 30; i++)
        {
            channel.Invoke(() => handler.Answer(i, "x"u8));
            channel.RunUntilIdle();
        }

        Assert.Equal(Enumerable.Range(0, 30).Select(static i => ((long)i, $"{i % 10}")), _begun);
        Assert.Equal([.. "AB"u8, .. Enumerable.Repeat((byte)'x', 28)], channel.TakeWritten());
        Assert.Equal(Longest, channel.ReadWindow);
        Ended(channel, IoErrorCode.Success);
    }

    [Fact]
    public void Requests_may_be_answered_at_once_however_many_wait()
    {
        using TestingChannel channel = new();
        bool isHeld = true;
        PipelinedHandler handler = channel.Add(new PipelinedHandler(1, 100_000, (handler, number, request) =>
        {
            if (!isHeld)
            {
                handler.Answer(number, request);
            }
        }));
        for (int i = 0; i < 20_000; i++)
        {
            channel.PushRead("x");
        }

        isHeld = false;
        channel.Invoke(() => handler.Answer(0, "x"u8));
        channel.RunUntilIdle();
        Assert.Equal(20_000, channel.TakeWritten().Length);
        Assert.Equal(0, handler.UnderWay);
        Ended(channel, IoErrorCode.Success);
    }

    [Fact]
    public void A_request_is_answered_once_and_only_when_it_has_come()
    {
        using TestingChannel channel = Open(2, out PipelinedHandler handler);
        channel.PushRead("a");
        channel.PushRead("b");
        channel.Invoke(() =>
        {
            handler.Answer(1, "B"u8);
            Assert.Throws<InvalidOperationException>(() => handler.Answer(1, "again"u8));
            Assert.Throws<InvalidOperationException>(() => handler.Answer(2, "early"u8));
            handler.Answer(0, "A"u8);
            Assert.Throws<InvalidOperationException>(() => handler.Answer(0, "again"u8));
        });
        Assert.Equal("AB"u8.ToArray(), channel.TakeWritten());
        Ended(channel, IoErrorCode.Success);
    }

    [Fact]
    public void A_peer_that_does_not_take_its_answers_gets_no_more_of_them()
    {
        using TestingChannel channel = new(new TestingChannelOptions { WriteHighWatermark = 5, WriteLowWatermark = 0 });
        channel.CompletesWrites = false;
        channel.Add(new PipelinedHandler(4, Longest, static (handler, number, request) => handler.Answer(number, request)));
        for (int i = 0; i < 100; i++)
        {
            channel.Feed("x"u8);
        }

        channel.RunUntilIdle();
        Assert.Equal(6, channel.WrittenMessages.Count);
        Assert.Equal(100 - 6 - Longest, channel.WaitingBytes);
        while (channel.CompleteWrites() > 0)
        {
            channel.RunUntilIdle();
        }

        Assert.Equal(100, channel.TakeWritten().Length);
        Ended(channel, IoErrorCode.Success);
    }

    [Fact]
    public void A_request_without_bytes_ends_the_channel()
    {
        using TestingChannel channel = Open(2, out _);
        Assert.Equal(IoErrorCode.InvalidArgument, channel.PushRead("").Code);
        Assert.Equal(0, channel.MessagesHeld);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_shutdown_with_answers_and_requests_at_hand_leaks_nothing(bool aborts)
    {
        using TestingChannel channel = Open(2, out PipelinedHandler handler);
        foreach (string request in new[] { "a", "b", "c", "d" })
        {
            channel.PushRead(request);
        }

        channel.Invoke(() => handler.Answer(1, "B"u8));
        if (aborts)
        {
            channel.Channel.Abort(IoErrorCode.OperationCancelled);
        }
        else
        {
            channel.Channel.Shutdown(IoErrorCode.OperationCancelled);
        }

        channel.RunUntilIdle();
        channel.Invoke(() => handler.Answer(0, "late"u8));
        Assert.Empty(channel.TakeWritten());
        Assert.Equal(2, _begun.Count);
        Ended(channel, IoErrorCode.OperationCancelled);
    }

    [Fact]
    public void What_is_answered_before_the_end_is_sent()
    {
        using TestingChannel channel = Open(2, out PipelinedHandler handler);
        channel.PushRead("a");
        channel.Invoke(() =>
        {
            channel.Channel.Shutdown(IoError.None);
            handler.Answer(0, "A"u8);
        });
        channel.RunUntilIdle();
        Assert.Equal("A"u8.ToArray(), channel.TakeWritten());
        Ended(channel, IoErrorCode.Success);
    }

    [Fact]
    public void An_answer_that_cannot_be_sent_ends_the_channel_and_room_is_made_for_what_comes()
    {
        using TestingChannel channel = Open(1, out PipelinedHandler handler);
        channel.Feed("abc"u8);
        channel.Feed("12345678"u8);
        channel.Invoke(() => handler.Answer(0, new byte[300_000]));
        channel.RunUntilIdle();
        Assert.Single(_begun);
        Assert.Contains("300000", Ended(channel, IoErrorCode.InvalidArgument).Detail, StringComparison.Ordinal);

        // The first was granted again when it was begun, and the seven bytes that had room when they were dropped.
        Assert.Equal(Longest + 3 + 7, channel.WindowUpdates.Sum());
    }

    private static IEnumerable<int[]> Orders(int count)
    {
        IEnumerable<int[]> orders = [[]];
        for (int i = 0; i < count; i++)
        {
            orders = orders.SelectMany(order => Enumerable.Range(0, count).Except(order).Select(next => (int[])[.. order, next]));
        }

        return orders;
    }

    private static IoError Ended(TestingChannel channel, IoErrorCode code)
    {
        IoError? reason = channel.ShutdownReason ?? channel.Shutdown();
        Assert.Equal(code, reason!.Value.Code);
        Assert.Equal((0, 0), (channel.MessagesHeld, channel.PendingWrites));
        return reason.Value;
    }

    private TestingChannel Open(int mostUnderWay, out PipelinedHandler handler)
    {
        _begun.Clear();
        TestingChannel channel = new();
        handler = channel.Add(new PipelinedHandler(
            mostUnderWay, Longest, (_, number, request) => _begun.Add((number, Encoding.ASCII.GetString(request)))));
        channel.RunUntilIdle();
        return channel;
    }
}

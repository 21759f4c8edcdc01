using System.Text;
using AwsIO.Samples;
using AwsIO.Testing;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Samples;

/// <summary>The sample client of pipelined requests, without sockets and time.</summary>
[Collection(LoopTestCollection.Name)]
public sealed class PipelinedClientTests
{
    private readonly List<string> _told = [];

    [Fact]
    public void Many_requests_are_under_way_and_answers_are_matched_in_order()
    {
        using TestingChannel channel = Open(5, out PipelinedClient client);
        for (int round = 0; round < 4; round++)
        {
            string[] requests = [.. Enumerable.Range(0, 5).Select(i => $"{round}.{i}")];
            Assert.All(requests, request => Assert.Equal(IoError.None, Request(channel, client, request)));
            Assert.Equal(requests, channel.WrittenMessages.Select(Encoding.ASCII.GetString));
            Assert.Equal((5, false), (client.UnderWay, client.HasRoom));
            channel.TakeWritten();
            Assert.Empty(_told);
            for (int i = 0; i < 5; i++)
            {
                channel.PushRead($"to {round}.{i}");
                Assert.Equal($"{round}.{i}: to {round}.{i}", _told[i]);
                Assert.Equal(4 - i, client.UnderWay);
            }

            _told.Clear();
        }

        Ended(channel, IoErrorCode.Success);
    }

    [Fact]
    public void No_more_are_under_way_than_allowed_and_each_answer_makes_room()
    {
        using TestingChannel channel = Open(2, out PipelinedClient client);
        Request(channel, client, "a");
        Request(channel, client, "b");
        IoError refused = Request(channel, client, "c");
        Assert.Equal(IoErrorCode.InvalidState, refused.Code);
        Assert.Contains("2 requests are under way", refused.Detail, StringComparison.Ordinal);

        channel.PushRead("1");
        Assert.Equal(IoError.None, Request(channel, client, "d"));
        channel.PushRead("2");
        channel.PushRead("3");
        Assert.Equal(["a: 1", "b: 2", "d: 3"], _told);
        Assert.Equal("abd"u8.ToArray(), channel.TakeWritten());
        Ended(channel, IoErrorCode.Success);
    }

    [Fact]
    public void The_next_request_may_be_sent_from_the_callback_of_the_last()
    {
        using TestingChannel channel = Open(1, out PipelinedClient client);
        int count = 0;
        AnswerCallback next = null!;
        next = (error, answer, _) =>
        {
            _told.Add($"{error.Code} {Encoding.ASCII.GetString(answer)}");
            if (++count < 100)
            {
                Assert.Equal(IoError.None, client.Request("again"u8, next, null));
            }
        };
        channel.Invoke(() => Assert.Equal(IoError.None, client.Request("first"u8, next, null)));
        for (int i = 0; i < 100; i++)
        {
            channel.PushRead($"{i}");
        }

        Assert.Equal(Enumerable.Range(0, 100).Select(static i => $"Success {i}"), _told);
        Assert.Equal(0, client.UnderWay);
        Ended(channel, IoErrorCode.Success);
    }

    [Theory]
    [InlineData(false, IoErrorCode.Success, IoErrorCode.SocketClosed)]
    [InlineData(false, IoErrorCode.SocketTimeout, IoErrorCode.SocketTimeout)]
    [InlineData(true, IoErrorCode.OperationCancelled, IoErrorCode.OperationCancelled)]
    public void At_the_end_each_pending_request_fails_once_with_the_reason(bool aborts, IoErrorCode reason, IoErrorCode told)
    {
        using TestingChannel channel = Open(4, out PipelinedClient client);
        foreach (string request in new[] { "a", "b", "c", "d" })
        {
            Request(channel, client, request);
        }

        channel.PushRead("1");
        if (aborts)
        {
            channel.Channel.Abort(reason);
        }
        else
        {
            channel.Channel.Shutdown(reason);
        }

        // The answer that comes now is too late, or not: one of both.
        channel.RunUntilIdle();
        channel.PushRead("2");

        Assert.Equal(["a: 1", $"b: {told}", $"c: {told}", $"d: {told}"], _told);
        Assert.Equal(told, Request(channel, client, "late").Code);
        Assert.Equal(0, client.UnderWay);
        channel.Dispose();
        Assert.Equal(4, _told.Count);
        Assert.Equal(reason, channel.ShutdownReason!.Value.Code);
        Assert.Equal(0, channel.PendingWrites);
    }

    [Fact]
    public void A_request_that_is_made_while_others_fail_is_refused()
    {
        using TestingChannel channel = Open(3, out PipelinedClient client);
        IoError refused = default;
        channel.Invoke(() => client.Request(
            "a"u8,
            (error, _, _) =>
            {
                _told.Add($"{error.Code}");
                refused = client.Request("again"u8, static (_, _, _) => Assert.Fail("It was refused."), null);
            },
            null));
        Request(channel, client, "b");
        channel.TakeWritten();
        channel.Shutdown(IoErrorCode.SocketTimeout);

        Assert.Equal(["SocketTimeout", "b: SocketTimeout"], _told);
        Assert.Equal(IoErrorCode.SocketTimeout, refused.Code);
        Assert.Empty(channel.TakeWritten());
        Ended(channel, IoErrorCode.SocketTimeout);
    }

    [Fact]
    public void The_peers_end_fails_what_it_has_not_answered()
    {
        using TestingChannel channel = Open(3, out PipelinedClient client);
        Request(channel, client, "a");
        Request(channel, client, "b");
        channel.Feed("1"u8);
        channel.EndRead();
        channel.RunUntilIdle();
        Assert.Equal(["a: 1", "b: SocketClosed"], _told);
        Ended(channel, IoErrorCode.SocketClosed);
    }

    [Fact]
    public void A_handler_that_is_taken_out_fails_what_is_pending()
    {
        using TestingChannel channel = Open(3, out PipelinedClient client);
        Request(channel, client, "a");
        channel.Invoke(client.Slot!.Remove);
        Assert.Equal(["a: SocketClosed"], _told);
    }

    [Fact]
    public void A_write_that_fails_is_told_to_each_request_once()
    {
        using TestingChannel channel = Open(3, out PipelinedClient client);
        channel.WriteError = IoErrorCode.BrokenPipe;
        Request(channel, client, "a");
        Request(channel, client, "b");
        channel.RunUntilIdle();
        Assert.Equal(["a: BrokenPipe", "b: BrokenPipe"], _told);
        Ended(channel, IoErrorCode.BrokenPipe);
    }

    [Fact]
    public void A_request_that_nobody_takes_is_not_pending()
    {
        using TestingChannel channel = Open(3, out PipelinedClient client);
        IoError tooLong = default;
        channel.Invoke(() => tooLong = client.Request(new byte[300_000], static (_, _, _) => Assert.Fail("It was refused."), null));
        Assert.Equal(IoErrorCode.InvalidArgument, tooLong.Code);
        Assert.Equal((0, 0), (client.UnderWay, channel.MessagesHeld));
        Ended(channel, IoErrorCode.Success);
    }

    [Fact]
    public void An_answer_that_nobody_asked_for_ends_the_channel()
    {
        using TestingChannel channel = Open(3, out PipelinedClient client);
        Request(channel, client, "a");
        channel.Feed("1"u8);
        channel.Feed("2"u8);
        channel.RunUntilIdle();
        Assert.Equal(["a: 1"], _told);
        Assert.Contains("nobody asked", Ended(channel, IoErrorCode.InvalidState).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_callback_that_throws_ends_the_channel_and_the_others_are_told()
    {
        using TestingChannel channel = Open(3, out PipelinedClient client);
        channel.Invoke(() => client.Request("a"u8, static (_, _, _) => throw new InvalidOperationException("on purpose"), null));
        Request(channel, client, "b");
        Assert.Throws<InvalidOperationException>(() => channel.Feed("1"u8));
        channel.RunUntilIdle();
        Assert.Equal(["b: Unknown"], _told);
        Ended(channel, IoErrorCode.Unknown);
    }

    private static IoError Ended(TestingChannel channel, IoErrorCode code)
    {
        IoError? reason = channel.ShutdownReason ?? channel.Shutdown();
        Assert.Equal(code, reason!.Value.Code);
        Assert.Equal((0, 0), (channel.MessagesHeld, channel.PendingWrites));
        return reason.Value;
    }

    private static TestingChannel Open(int mostUnderWay, out PipelinedClient client)
    {
        TestingChannel channel = new();
        client = channel.Add(new PipelinedClient(mostUnderWay));
        channel.RunUntilIdle();
        return channel;
    }

    private IoError Request(TestingChannel channel, PipelinedClient client, string request)
    {
        IoError result = default;
        channel.Invoke(() => result = client.Request(
            Encoding.ASCII.GetBytes(request),
            (error, answer, state) => _told.Add($"{state}: {(error.IsNone ? Encoding.ASCII.GetString(answer) : $"{error.Code}")}"),
            request));
        return result;
    }
}

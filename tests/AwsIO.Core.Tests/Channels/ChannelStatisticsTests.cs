using AwsIO.Testing;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Channels;

/// <summary>Reports of what a channel has moved, over sockets and real time.</summary>
public sealed class ChannelStatisticsTests(LoopFixture fixture) : TransportTest(fixture)
{
    [Theory]
    [ClassData(typeof(EveryTransport))]
    [Trait("Upstream", "open_channel_statistics_test")]
    public async Task The_reports_of_both_ends_add_up_to_what_was_sent(Transport transport)
    {
        const int size = 200_000;
        (TestChannel client, TestChannel server) = await TestChannel.Pair(transport, Fixture);
        Collecting ofClient = new();
        Collecting ofServer = new();
        await client.Loop.On(() => client.Channel.SetStatisticsHandler(ofClient));
        await server.Loop.On(() => server.Channel.SetStatisticsHandler(ofServer));
        byte[] data = Data.Pattern(size);
        await client.App.WriteAsync(data);
        await server.App.WriteAsync(data[..1000]);
        await server.App.UntilReceived(size);
        await client.App.UntilReceived(1000);
        await ofClient.Conditions.Until(client.Loop, () => ofClient is { Written: size, Read: 1000 });
        await ofServer.Conditions.Until(server.Loop, () => ofServer is { Written: 1000, Read: size });

        Assert.Equal((size, 1000), (ofClient.TotalWritten, ofClient.TotalRead));
        client.Channel.Shutdown(IoError.None);
        await client.End;
        await server.End;
        Assert.Equal((1, 1), (ofClient.Destroyed, ofServer.Destroyed));
        Assert.Equal(0, ofClient.AfterShutdown);
    }
}

/// <summary>Reports of what a channel has moved, by a virtual clock.</summary>
[Collection(LoopTestCollection.Name)]
public sealed class ChannelStatisticsClockTests
{
    [Fact]
    public void Intervals_follow_one_another_and_counters_start_anew_with_each()
    {
        using TestingChannel channel = new();
        Counter counter = channel.Add(new Counter());
        Collecting reports = new() { Interval = TimeSpan.FromSeconds(2) };
        channel.Invoke(() =>
        {
            counter.Count = 99;
            channel.Channel.SetStatisticsHandler(reports);
            counter.Count += 10;
        });
        long start = channel.Loop.CurrentTime;
        channel.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal([new StatisticsInterval(start, start + 2_000_000_000)], reports.Intervals);
        Assert.Equal([10], reports.Counts);
        Assert.Equal(5, reports.Intervals[0].PerSecond(10));
        Assert.Equal(TimeSpan.FromSeconds(2), reports.Intervals[0].Duration);

        counter.Count = 7;
        reports.Interval = TimeSpan.FromSeconds(1);
        channel.Advance(TimeSpan.FromSeconds(2.5));
        Assert.Equal([10, 7], reports.Counts);
        Assert.Equal(reports.Intervals[0].End, reports.Intervals[1].Begin);
        channel.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([10, 7, 0], reports.Counts);
        Assert.Equal(TimeSpan.FromSeconds(1), reports.Intervals[2].Duration);
    }

    [Fact]
    public void No_report_comes_once_the_channel_shuts_down_and_the_handler_goes_with_the_others()
    {
        using TestingChannel channel = new();
        TestingApplication app = channel.AddApplication();
        Collecting reports = new();
        channel.Invoke(() => channel.Channel.SetStatisticsHandler(reports));
        channel.Advance(TimeSpan.FromMilliseconds(3));
        int before = reports.Intervals.Count;
        Assert.Equal(3, before);

        app.HoldsShutdown = true;
        Assert.Null(channel.Shutdown());
        channel.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((before, 0), (reports.Intervals.Count, reports.Destroyed));
        app.HoldsShutdown = false;
        Assert.True(app.ReleaseShutdown());
        channel.RunUntilIdle();
        Assert.Equal((before, 1), (reports.Intervals.Count, reports.Destroyed));

        // Who comes too late is let go at once.
        Collecting late = new();
        channel.Invoke(() => channel.Channel.SetStatisticsHandler(late));
        channel.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((0, 1), (late.Intervals.Count, late.Destroyed));
    }

    [Fact]
    public void Another_handler_takes_the_place_of_the_first_at_once()
    {
        using TestingChannel channel = new();
        Collecting first = new();
        Collecting second = new();
        channel.Invoke(() => channel.Channel.SetStatisticsHandler(first));
        channel.Advance(TimeSpan.FromMilliseconds(1));
        channel.Invoke(() =>
        {
            channel.Channel.SetStatisticsHandler(second);
            Assert.Equal((1, 0), (first.Destroyed, second.Destroyed));
        });
        channel.Advance(TimeSpan.FromMilliseconds(2));
        channel.Invoke(() => channel.Channel.SetStatisticsHandler(null));
        channel.Advance(TimeSpan.FromMilliseconds(2));

        Assert.Equal((1, 2), (first.Intervals.Count, second.Intervals.Count));
        Assert.Equal((1, 1), (first.Destroyed, second.Destroyed));
        Assert.Throws<InvalidOperationException>(() => channel.Channel.SetStatisticsHandler(first));
    }

    [Fact]
    public void A_handler_may_end_a_channel_that_is_too_slow_or_give_way_to_another()
    {
        using TestingChannel channel = new();
        Collecting second = new();
        Collecting first = new()
        {
            Processing = channel =>
            {
                channel.SetStatisticsHandler(second);
            },
        };
        second.Processing = static channel => channel.Shutdown(IoErrorCode.SocketTimeout);
        channel.Invoke(() => channel.Channel.SetStatisticsHandler(first));
        channel.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal((1, 1), (first.Intervals.Count, second.Intervals.Count));
        Assert.Equal(IoErrorCode.SocketTimeout, channel.ShutdownReason!.Value.Code);
    }

    [Fact]
    public void A_handler_that_throws_ends_the_channel()
    {
        using TestingChannel channel = new();
        Collecting reports = new() { Processing = static _ => throw new InvalidOperationException("on purpose") };
        channel.Invoke(() => channel.Channel.SetStatisticsHandler(reports));
        channel.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(IoErrorCode.Unknown, channel.ShutdownReason!.Value.Code);
        Assert.Equal(1, reports.Destroyed);
    }

    /// <summary>Counts what a test says.</summary>
    private sealed class Counter : ChannelHandler
    {
        private readonly Counted _counted = new();

        internal long Count { get; set; }

        protected internal override void GatherStatistics(ICollection<ChannelStatistics> statistics)
        {
            _counted.Count = Count;
            statistics.Add(_counted);
        }

        protected internal override void ResetStatistics() => Count = 0;
    }
}

internal sealed class Counted() : ChannelStatistics(100_000)
{
    internal long Count { get; set; }
}

/// <summary>Keeps what is reported.</summary>
internal sealed class Collecting : ChannelStatisticsHandler
{
    internal Conditions Conditions { get; } = new();

    internal TimeSpan Interval { get; set; } = TimeSpan.FromMilliseconds(1);

    internal List<StatisticsInterval> Intervals { get; } = [];

    internal List<long> Counts { get; } = [];

    internal Action<IoChannel>? Processing { get; set; }

    internal long Read { get; private set; }

    internal long Written { get; private set; }

    internal long TotalRead { get; private set; }

    internal long TotalWritten { get; private set; }

    internal int Destroyed { get; private set; }

    internal int AfterShutdown { get; private set; }

    protected internal override TimeSpan ReportInterval => Interval;

    protected internal override void Process(in StatisticsInterval interval, IReadOnlyList<ChannelStatistics> statistics, IoChannel channel)
    {
        Assert.True(channel.EventLoop.IsOnLoop);
        AfterShutdown += channel.State > ChannelState.Active ? 1 : 0;
        Intervals.Add(interval);
        foreach (ChannelStatistics one in statistics)
        {
            if (one is SocketStatistics socket)
            {
                Assert.Equal(256, socket.Category);
                Read += socket.BytesRead;
                Written += socket.BytesWritten;
                TotalRead = socket.TotalBytesRead;
                TotalWritten = socket.TotalBytesWritten;
            }
            else if (one is Counted counted)
            {
                Counts.Add(counted.Count);
            }
        }

        Processing?.Invoke(channel);
        Conditions.Changed();
    }

    protected internal override void OnDestroyed() => Destroyed++;
}

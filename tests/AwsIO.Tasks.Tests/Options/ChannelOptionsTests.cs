using AwsIO.Tasks.Tests.Infrastructure;

namespace AwsIO.Tasks.Tests.Options;

/// <summary>What the options say of a connection's channel reaches it: fragments, marks, timeouts; and its statistics can be had.</summary>
public sealed class ChannelOptionsTests : RuntimeTest
{
    [Theory]
    [InlineData(100, 64, 32, "FragmentSize", "between 256 and 262144 bytes")]
    [InlineData(512, -1, 0, "WriteHighWatermark", "between 0 and 9223372036854775807 bytes")]
    [InlineData(512, 64, 65, "WriteLowWatermark", "between 0 and WriteHighWatermark, which is 64 bytes")]
    public async Task Figures_out_of_their_range_are_refused_with_the_range(int fragment, long high, long low, string name, string range)
    {
        ArgumentOutOfRangeException connecting = await Io.ConnectAsync(
            "localhost", 80, new() { FragmentSize = fragment, WriteHighWatermark = high, WriteLowWatermark = low }).Fails<ArgumentOutOfRangeException>();
        ArgumentOutOfRangeException listening = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Io.ListenAsync(
            SocketEndpoint.Tcp("127.0.0.1", 0), new() { FragmentSize = fragment, WriteHighWatermark = high, WriteLowWatermark = low }));
        foreach (ArgumentOutOfRangeException refused in new[] { connecting, listening })
        {
            Assert.Equal("options." + name, refused.ParamName);
            Assert.Contains(range, refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_timeout_of_a_channel_that_is_none_is_refused()
    {
        ChannelTimeoutOptions wrong = new() { IdleTimeout = TimeSpan.Zero };
        ArgumentOutOfRangeException connecting = await Io.ConnectAsync(
            "localhost", 80, new() { ChannelTimeouts = wrong }).Fails<ArgumentOutOfRangeException>();
        ArgumentOutOfRangeException listening = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Io.ListenAsync(
            SocketEndpoint.Tcp("127.0.0.1", 0), new() { ChannelTimeouts = wrong }));
        Assert.Equal("options.ChannelTimeouts.IdleTimeout", connecting.ParamName);
        Assert.Equal(connecting.Message, listening.Message);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_write_waits_at_the_mark_that_was_asked_for_and_handlers_are_told_at_both(bool tls)
    {
        const int more = 250_000;
        (IoConnection client, IoConnection server) = await MarkedPair(tls, high: 2_000_000, low: 500_000);
        foreach ((IoConnection from, IoConnection to) in new[] { (client, server), (server, client) })
        {
            Assert.Equal(512, from.Channel.FragmentSize);
            Marks marks = new();
            await from.EventLoop.Call(() => marks.StandBeforeTheLast(from.Channel));
            long written = 0;
            Task write = Task.CompletedTask;
            byte[] piece = new byte[50_000];
            while (write.IsCompleted)
            {
                await write;
                written += piece.Length;
                write = from.WriteAsync(piece).AsTask();
                await from.EventLoop.Call(() => { });
            }

            long waiting = await from.EventLoop.Call(() => from.Channel.UnsentBytes);
            Assert.InRange(waiting, 2_000_000 - (3 * piece.Length), 2_200_000);

            // A handler of one's own goes over the mark by itself.
            await from.EventLoop.Call(() => marks.Write(more));
            Assert.False(await marks.Next());
            for (long done = 0; done < written + more;)
            {
                done += (await to.Read((int)Math.Min(written + more - done, 1_000_000))).Length;
            }

            while (!await marks.Next())
            {
                // The kernel had taken a little more meanwhile.
            }

            Assert.InRange(marks.UnsentWhenWritable, 0, 500_000);
            await write.Within();
        }
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task With_a_mark_of_nothing_each_write_waits_for_the_kernel_and_all_of_it_arrives(bool tls)
    {
        (IoConnection client, IoConnection server) = await MarkedPair(tls, high: 0, low: 0);
        byte[] data = Bytes.Random(3_000_000);
        Task<byte[]> reading = server.ReadToEnd();
        for (int at = 0, size = 1; at < data.Length; at += size, size = Math.Min(data.Length - at, (size * 7 % 90_001) + 1))
        {
            await client.WriteAsync(data.AsMemory(at, size)).Within();
            Assert.Equal(0, await client.EventLoop.Call(() => client.Channel.UnsentBytes));
        }

        await client.ShutdownWriteAsync().Within();
        Assert.Equal(data, await reading);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_connection_that_is_quiet_for_too_long_is_ended(bool tls)
    {
        ChannelTimeoutOptions timeouts = new() { IdleTimeout = TimeSpan.FromMilliseconds(100) };
        await using IoListener listener = await Listen(tls, options => options.ChannelTimeouts = timeouts);
        IoConnection client = await Connect(listener, tls);
        IoConnection server = Own(await listener.AcceptAsync().Within());

        IoException failed = await server.ReadAsync(new byte[1]).Fails<IoException>();
        Assert.Equal(IoErrorCode.SocketTimeout, failed.ErrorCode);
        Assert.Contains("for 100 ms", failed.Message, StringComparison.Ordinal);
        Assert.Equal(0, await client.ReadAsync(new byte[1]).Within());
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Who_is_told_of_quiet_decides_and_the_connection_goes_on(bool tls)
    {
        TaskCompletionSource<ChannelTimeoutKind> told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ChannelTimeoutOptions timeouts = new() { ReadTimeout = TimeSpan.FromMilliseconds(20), OnTimeout = (_, kind) => told.TrySetResult(kind) };
        await using IoListener listener = await Listen(tls);
        IoConnection client = await Connect(listener, tls, options => options.ChannelTimeouts = timeouts);
        IoConnection server = Own(await listener.AcceptAsync().Within());

        Assert.Equal(ChannelTimeoutKind.Read, await told.Task.Within());
        byte[] data = Bytes.Random(300_000);
        Task writing = server.WriteAsync(data).AsTask();
        Assert.Equal(data, await client.Read(data.Length));
        await writing.Within();
        await client.WriteAsync(data.AsMemory(0, 10)).Within();
        Assert.Equal(data[..10], await server.Read(10));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Bytes_and_rates_are_told_by_intervals(bool tls, bool onLoop)
    {
        (IoConnection client, IoConnection server) = await Pair(tls);
        Reports reports = new();
        if (onLoop)
        {
            await client.EventLoop.Call(() => client.SetStatisticsHandler(reports));
        }
        else
        {
            client.SetStatisticsHandler(reports);
        }

        await client.WriteAsync(new byte[50_000]).Within();
        await server.Read(50_000);
        await server.WriteAsync(new byte[70_000]).Within();
        await client.Read(70_000);
        await reports.Reached.Task.Within();

        Assert.True(reports.Rate > 0);
        Assert.Equal(tls, reports.HasTls);
        client.SetStatisticsHandler(null);
        await reports.Destroyed.Task.Within();
        client.SetStatisticsHandler(new Reports());
    }

    [Fact]
    public async Task Statistics_that_are_asked_for_too_late_are_let_go_of()
    {
        (IoConnection client, _) = await Pair();
        await client.DisposeAsync();
        Reports reports = new();
        client.SetStatisticsHandler(reports);
        await reports.Destroyed.Task.Within();

        Reports later = new();
        await Io.DisposeAsync();
        client.SetStatisticsHandler(later);
        await later.Destroyed.Task.Within();
    }

    private async Task<(IoConnection Client, IoConnection Server)> MarkedPair(bool tls, long high, long low)
    {
        await using IoListener listener = await Listen(tls, options =>
        {
            options.FragmentSize = 512;
            options.WriteHighWatermark = high;
            options.WriteLowWatermark = low;
        });
        IoConnection client = await Connect(listener, tls, options =>
        {
            options.FragmentSize = 512;
            options.WriteHighWatermark = high;
            options.WriteLowWatermark = low;
        });
        return (client, Own(await listener.AcceptAsync().Within()));
    }

    /// <summary>Stands before the connection's own handler, and notes what it is told of writability.</summary>
    private sealed class Marks : ChannelHandler
    {
        private readonly System.Threading.Channels.Channel<bool> _told = System.Threading.Channels.Channel.CreateUnbounded<bool>();

        internal long UnsentWhenWritable { get; private set; }

        protected internal override long InitialWindow => 0;

        internal Task<bool> Next() => _told.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().Within();

        internal void StandBeforeTheLast(IoChannel channel)
        {
            ChannelSlot last = channel.First!;
            while (last.Right is { } right)
            {
                last = right;
            }

            ChannelSlot slot = channel.AddSlot();
            last.InsertLeft(slot);
            Assert.Equal(IoError.None, slot.SetHandler(this));
        }

        internal void Write(int size)
        {
            IoMessage message = Slot!.Channel.RentMessage(size);
            message.Advance(size);
            Assert.Equal(IoError.None, Slot.Send(message, ChannelDirection.Write));
        }

        protected internal override void OnWritabilityChanged(ChannelSlot slot, bool isWritable)
        {
            UnsentWhenWritable = isWritable ? slot.Channel.UnsentBytes : UnsentWhenWritable;
            _told.Writer.TryWrite(isWritable);
            base.OnWritabilityChanged(slot, isWritable);
        }
    }

    private sealed class Reports : ChannelStatisticsHandler
    {
        private long _read;
        private long _written;

        internal TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal TaskCompletionSource Destroyed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal double Rate { get; private set; }

        internal bool HasTls { get; private set; }

        protected internal override TimeSpan ReportInterval => TimeSpan.FromMilliseconds(1);

        protected internal override void Process(
            in StatisticsInterval interval, IReadOnlyList<ChannelStatistics> statistics, IoChannel channel)
        {
            SocketStatistics socket = statistics.OfType<SocketStatistics>().Single();
            HasTls = statistics.OfType<TlsStatistics>().Any();
            _read += socket.BytesRead;
            _written += socket.BytesWritten;
            Rate = Math.Max(Rate, interval.PerSecond(socket.BytesRead));
            if (_read >= 70_000 && _written >= 50_000)
            {
                Reached.TrySetResult();
            }
        }

        protected internal override void OnDestroyed() => Destroyed.TrySetResult();
    }
}

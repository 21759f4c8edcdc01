using System.Diagnostics;
using AwsIO.Tasks.Tests.Infrastructure;

namespace AwsIO.Tasks.Tests.Connections;

public sealed class WriteTimeoutTests : RuntimeTest
{
    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(50);

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_write_that_waits_too_long_fails_and_reading_goes_on(bool tls)
    {
        (IoConnection client, IoConnection server) = await Pair(tls);
        client.WriteTimeout = s_short;
        long start = client.EventLoop.CurrentTime;
        IoException exception = await client.WriteAsync(Bytes.TooMuch).Fails<IoException>();
        Assert.Equal(IoErrorCode.SocketTimeout, exception.ErrorCode);
        Assert.Contains("50 ms", exception.Message, StringComparison.Ordinal);
        Assert.True(client.EventLoop.CurrentTime - start >= 50_000_000);

        await server.WriteAsync(new byte[] { 8 }).Within();
        Assert.Equal([8], await client.Read(1));
    }

    [Fact]
    public async Task A_flush_and_an_end_that_wait_too_long_fail_with_tls_too_and_what_was_written_comes_all_the_same()
    {
        (IoConnection client, IoConnection server) = await Pair(tls: true);
        await client.FillUntilNothingMoves();
        client.WriteTimeout = s_short;
        for (int round = 0; round < 3; round++)
        {
            Assert.Equal(IoErrorCode.SocketTimeout, (await client.FlushAsync().Fails<IoException>()).ErrorCode);
        }

        Assert.Equal(IoErrorCode.SocketTimeout, (await client.ShutdownWriteAsync().Fails<IoException>()).ErrorCode);
        Assert.NotEmpty(await server.ReadToEnd());
        client.WriteTimeout = Timeout.InfiniteTimeSpan;
        await client.FlushAsync().Within();
    }

    [Fact]
    public async Task A_timeout_of_no_time_to_speak_of_is_never_missed()
    {
        (IoConnection client, IoConnection _) = await Pair();
        await client.FillUntilNothingMoves();
        client.WriteTimeout = TimeSpan.FromTicks(1);
        for (int round = 0; round < 1000; round++)
        {
            Assert.Equal(IoErrorCode.SocketTimeout, (await client.FlushAsync().Fails<IoException>()).ErrorCode);
        }
    }

    [Fact]
    public async Task No_timer_is_left_of_a_connection_that_has_ended_and_writes_in_time_are_not_touched()
    {
        (IoConnection client, IoConnection server) = await Pair();
        ConnectionHandler handler = (ConnectionHandler)client.Channel.First!.Right!.Handler!;
        client.WriteTimeout = TimeSpan.FromHours(1);
        await client.WriteAsync(new byte[100_000]).Within();
        await client.FlushAsync().Within();
        await server.Read(100_000);
        Assert.True(handler.Writer.HasTimer);

        client.Abort();
        await client.Completion.Within();
        Assert.False(handler.Writer.HasTimer);
    }

    [Fact]
    public async Task A_stream_writes_synchronously_with_a_timeout()
    {
        (IoConnection client, IoConnection _) = await Pair();
        await using Stream stream = client.AsStream();
        Assert.True(stream.CanTimeout);
        Assert.Equal(Timeout.Infinite, stream.WriteTimeout);
        stream.WriteTimeout = 50;
        Assert.Equal(50, stream.WriteTimeout);
        Assert.Equal(s_short, client.WriteTimeout);
        IOException exception = await Task.Run(() => stream.Write(Bytes.TooMuch)).Fails<IOException>();
        Assert.Equal(IoErrorCode.SocketTimeout, Assert.IsType<IoException>(exception).ErrorCode);
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.WriteTimeout = 0);
        stream.WriteTimeout = Timeout.Infinite;
        client.WriteTimeout = TimeSpan.MaxValue;
        Assert.Equal(int.MaxValue, stream.WriteTimeout);
        client.Abort();
    }

    [Fact]
    public async Task Zero_and_less_are_no_timeouts()
    {
        (IoConnection client, IoConnection _) = await Pair();
        Assert.Throws<ArgumentOutOfRangeException>(() => client.WriteTimeout = TimeSpan.Zero);
        Assert.Throws<ArgumentOutOfRangeException>(() => client.WriteTimeout = TimeSpan.FromSeconds(-2));
        Assert.Equal(Timeout.InfiniteTimeSpan, client.WriteTimeout);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Io.ConnectAsync(
            client.RemoteEndpoint!.Value, new() { CloseTimeout = TimeSpan.Zero }));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Listen(configure: options => options.CloseTimeout = TimeSpan.Zero));
    }

    [Fact]
    public async Task A_close_that_the_peer_does_not_let_end_is_given_up_at_its_timeout()
    {
        await using IoListener listener = await Listen(configure: options => options.CloseTimeout = s_short);
        IoConnection client = await Connect(listener, configure: options => options.CloseTimeout = s_short);
        Own(await listener.AcceptAsync().Within());
        await client.FillUntilNothingMoves();
        long start = Stopwatch.GetTimestamp();
        await client.DisposeAsync().Within();
        Assert.InRange(Stopwatch.GetElapsedTime(start), s_short, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void Connecting_and_closing_take_no_longer_than_can_be_waited_for()
    {
        Assert.Equal(TimeSpan.FromSeconds(30), new ConnectOptions().Timeout);
        Assert.Equal(TimeSpan.FromSeconds(10), new ConnectOptions().CloseTimeout);
        Assert.Equal(TimeSpan.FromSeconds(10), new ListenOptions().CloseTimeout);
    }
}

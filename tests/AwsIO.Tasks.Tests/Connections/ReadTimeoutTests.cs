using AwsIO.Tasks.Tests.Infrastructure;

namespace AwsIO.Tasks.Tests.Connections;

public sealed class ReadTimeoutTests : RuntimeTest
{
    [Theory, InlineData(false), InlineData(true)]
    public async Task A_read_that_waits_too_long_fails_and_the_connection_can_be_used_on(bool tls)
    {
        (IoConnection client, IoConnection server) = await Pair(tls);
        server.ReadTimeout = TimeSpan.FromMilliseconds(20);
        for (byte round = 0; round < 3; round++)
        {
            long start = server.EventLoop.CurrentTime;
            IoException exception = await server.ReadAsync(new byte[8]).Fails<IoException>();
            Assert.Equal(IoErrorCode.SocketTimeout, exception.ErrorCode);
            Assert.True(exception.IsTransient);
            Assert.True(server.EventLoop.CurrentTime - start >= 20_000_000);
        }

        server.ReadTimeout = Timeout.InfiniteTimeSpan;
        await client.WriteAsync(new byte[] { 42 }).Within();
        Assert.Equal([42], await server.Read(1));
    }

    [Fact]
    public async Task A_timeout_of_no_time_to_speak_of_is_never_missed()
    {
        (IoConnection _, IoConnection server) = await Pair();
        server.ReadTimeout = TimeSpan.FromTicks(1);
        for (int round = 0; round < 2000; round++)
        {
            IoException exception = await server.ReadAsync(new byte[8]).Fails<IoException>();
            Assert.Equal(IoErrorCode.SocketTimeout, exception.ErrorCode);
        }
    }

    [Fact]
    public async Task The_longest_timeout_of_all_does_not_overflow()
    {
        (IoConnection client, IoConnection server) = await Pair();
        server.ReadTimeout = TimeSpan.MaxValue;
        Task<int> read = server.ReadAsync(new byte[8]).AsTask();
        await server.EventLoop.Call(() => { });
        await server.EventLoop.Call(() => { });
        Assert.False(read.IsCompleted);
        await client.WriteAsync(new byte[] { 1 }).Within();
        Assert.Equal(1, await read.Within());
    }

    [Fact]
    public async Task No_timer_is_left_of_a_connection_that_has_ended()
    {
        (IoConnection client, IoConnection server) = await Pair();
        server.ReadTimeout = TimeSpan.FromHours(1);
        Task<int> read = server.ReadAsync(new byte[8]).AsTask();
        ConnectionHandler handler = (ConnectionHandler)server.Channel.First!.Right!.Handler!;
        await server.EventLoop.Call(() => { });
        Assert.True(handler.Reader.HasTimer);

        client.Abort();
        await read.Fails<IoException>();
        await server.Completion.Within();
        Assert.False(handler.Reader.HasTimer);
    }

    [Fact]
    public async Task Zero_and_less_are_no_timeouts()
    {
        (IoConnection _, IoConnection server) = await Pair();
        Assert.Throws<ArgumentOutOfRangeException>(() => server.ReadTimeout = TimeSpan.Zero);
        Assert.Throws<ArgumentOutOfRangeException>(() => server.ReadTimeout = TimeSpan.FromSeconds(-2));
        Assert.Equal(Timeout.InfiniteTimeSpan, server.ReadTimeout);
    }
}

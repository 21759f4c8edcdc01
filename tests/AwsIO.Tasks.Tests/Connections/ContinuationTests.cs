using AwsIO.Tasks.Tests.Infrastructure;

namespace AwsIO.Tasks.Tests.Connections;

/// <summary>Where code goes on after an await that had to wait.</summary>
public sealed class ContinuationTests : RuntimeTest
{
    private const ContinuationMode Inline = ContinuationMode.Inline;
    private const ContinuationMode Pool = ContinuationMode.ThreadPool;

    /// <remarks>While a loop detects blocking calls, what waits for a task never goes on on it.</remarks>
    protected override void ConfigureLoops(EventLoopGroupOptions options) => options.DetectBlockingCalls = false;

    [Theory, InlineData(Inline, false), InlineData(Inline, true), InlineData(Pool, false), InlineData(Pool, true)]
    public async Task A_read_that_waited(ContinuationMode mode, bool tls)
    {
        (IoConnection client, IoConnection server) = await Pair(tls, mode);
        Task<EventLoop?> reading = After(server, () => server.ReadAsync(new byte[4]));
        await server.EventLoop.Call(() => { });
        await client.WriteAsync(new byte[1]).Within();
        Check(mode, server, await reading.Within());
    }

    [Theory, InlineData(Inline), InlineData(Pool)]
    public async Task A_read_that_is_cancelled_elsewhere(ContinuationMode mode)
    {
        (IoConnection _, IoConnection server) = await Pair(mode: mode);
        using CancellationTokenSource cancel = new();
        Task<EventLoop?> reading = After(server, () => server.ReadAsync(new byte[4], cancel.Token));
        await server.EventLoop.Call(() => { });
        cancel.Cancel();
        Check(mode, server, await reading.Within());
    }

    [Theory, InlineData(Inline), InlineData(Pool)]
    public async Task A_read_that_times_out(ContinuationMode mode)
    {
        (IoConnection _, IoConnection server) = await Pair(mode: mode);
        server.ReadTimeout = TimeSpan.FromMilliseconds(5);
        Check(mode, server, await After(server, () => server.ReadAsync(new byte[4])).Within());
    }

    [Theory, InlineData(Inline), InlineData(Pool)]
    public async Task A_read_that_a_dispose_elsewhere_ends(ContinuationMode mode)
    {
        (IoConnection _, IoConnection server) = await Pair(mode: mode);
        Task<EventLoop?> reading = After(server, () => server.ReadAsync(new byte[4]));
        await server.EventLoop.Call(() => { });
        server.Dispose();
        Check(mode, server, await reading.Within());
    }

    [Theory, InlineData(Inline, false), InlineData(Inline, true), InlineData(Pool, false), InlineData(Pool, true)]
    public async Task A_write_that_waited(ContinuationMode mode, bool tls)
    {
        (IoConnection client, IoConnection server) = await Pair(tls, mode);
        byte[] data = Bytes.TooMuch;
        Task<EventLoop?> writing = After(client, () => client.WriteAsync(data));
        await client.EventLoop.Call(() => { });
        await server.Read(data.Length);
        Check(mode, client, await writing.Within());
    }

    [Theory, InlineData(Inline), InlineData(Pool)]
    public async Task A_write_that_is_cancelled_elsewhere(ContinuationMode mode)
    {
        (IoConnection client, IoConnection _) = await Pair(mode: mode);
        using CancellationTokenSource cancel = new();
        Task<EventLoop?> writing = After(client, () => client.WriteAsync(Bytes.TooMuch, cancel.Token));
        await client.EventLoop.Call(() => { });
        cancel.Cancel();
        Check(mode, client, await writing.Within());
    }

    [Theory, InlineData(Inline), InlineData(Pool)]
    public async Task The_end_of_writing(ContinuationMode mode)
    {
        (IoConnection client, IoConnection _) = await Pair(mode: mode);
        Check(mode, client, await After(client, () => client.ShutdownWriteAsync()).Within());
    }

    [Theory, InlineData(Inline), InlineData(Pool)]
    public async Task The_end_of_the_connection(ContinuationMode mode)
    {
        (IoConnection client, IoConnection _) = await Pair(mode: mode);
        Check(mode, client, await After(client, client.DisposeAsync).Within());
    }

    [Theory, InlineData(Inline, false), InlineData(Inline, true), InlineData(Pool, false), InlineData(Pool, true)]
    public async Task A_connect(ContinuationMode mode, bool tls)
    {
        await using IoListener listener = await Listen(tls);
        EventLoop loop = Io.Group[0];
        ConnectOptions options = new()
        {
            EventLoop = loop,
            ContinuationMode = mode,
            Tls = tls ? Certificates.ClientOptions() : null,
        };
        (IoConnection connection, EventLoop? after) = await loop.Call(async () =>
        {
            IoConnection made = await Io.ConnectAsync(listener.LocalEndpoint, options).ConfigureAwait(false);
            return (made, EventLoop.Current);
        }).Unwrap().Within();
        Check(mode, Own(connection), after);
        Own(await listener.AcceptAsync().Within());
    }

    [Fact]
    public async Task A_connect_that_is_cancelled_elsewhere_goes_on_on_the_loop()
    {
        using SilentPeer peer = new();
        EventLoop loop = Io.Group[0];
        using CancellationTokenSource cancel = new();
        ConnectOptions options = new() { EventLoop = loop, ContinuationMode = Inline, Tls = Certificates.ClientOptions() };
        Task<EventLoop?> connecting = await loop.Call(async () =>
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                () => Io.ConnectAsync(peer.Endpoint, options, cancel.Token)).ConfigureAwait(false);
            return EventLoop.Current;
        });
        await peer.Accepted.Within();
        cancel.Cancel();
        Assert.Same(loop, await connecting.Within());
    }

    private static void Check(ContinuationMode mode, IoConnection connection, EventLoop? after) =>
        Assert.Same(mode == Inline ? connection.EventLoop : null, after);

    private static Task<EventLoop?> After(IoConnection connection, Func<ValueTask<int>> operation) =>
        After(connection, () => new ValueTask(operation().AsTask()), operation);

    private static Task<EventLoop?> After(IoConnection connection, Func<ValueTask> operation) => After(connection, operation, null);

    /// <summary>Starts an operation on the loop, so that it cannot be over before it is awaited, and tells which loop its end came on.</summary>
    private static Task<EventLoop?> After(IoConnection connection, Func<ValueTask> operation, Func<ValueTask<int>>? read) =>
        connection.EventLoop.Call(async () =>
        {
            try
            {
                if (read is null)
                {
                    await operation().ConfigureAwait(false);
                }
                else
                {
                    _ = await read().ConfigureAwait(false);
                }
            }
            catch (Exception exception) when (exception is IoException or OperationCanceledException)
            {
                // How it ended is another test's matter.
            }

            return EventLoop.Current;
        }).Unwrap();
}

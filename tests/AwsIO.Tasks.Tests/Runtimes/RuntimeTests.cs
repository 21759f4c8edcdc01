using AwsIO.Tasks.Tests.Infrastructure;

namespace AwsIO.Tasks.Tests.Runtimes;

public sealed class RuntimeTests : RuntimeTest
{
    [Theory, InlineData(false, false), InlineData(true, false), InlineData(false, true), InlineData(true, true)]
    public async Task What_waits_is_ended_when_the_runtime_is_disposed(bool tls, bool asynchronously)
    {
        IoListener listener = await Listen(tls);
        (IoConnection client, IoConnection server) = await Pair(tls);
        Task writing = await client.WriteTooMuch();
        Task<int> reading = client.ReadAsync(new byte[1]).AsTask();
        Task<IoConnection> accepting = listener.AcceptAsync().AsTask();
        Task sequence = Task.Run(async () =>
        {
            await foreach (IoConnection connection in listener.AcceptAllAsync())
            {
                Own(connection);
            }
        });
        if (asynchronously)
        {
            await Io.DisposeAsync().Within();
        }
        else
        {
            Io.Dispose();
        }

        // The other end may stand on a loop that has ended before.
        IoException exception = await writing.Fails<IoException>();
        Assert.Contains(exception.ErrorCode, new[] { IoErrorCode.EventLoopShutdown, IoErrorCode.SocketClosed });
        exception = await reading.Fails<IoException>();
        Assert.Contains(exception.ErrorCode, new[] { IoErrorCode.EventLoopShutdown, IoErrorCode.SocketClosed });
        await accepting.Fails<ObjectDisposedException>();
        await sequence.Within();
        await client.Completion.Within();
        await server.Completion.Within();
        await client.DisposeAsync().Within();
        server.Abort();
        server.Dispose();
        await listener.DisposeAsync().Within();
    }

    [Fact]
    public async Task Everything_on_an_ended_runtime_fails_and_nothing_hangs()
    {
        (IoConnection client, IoConnection _) = await Pair();
        IoListener listener = await Listen();
        SocketEndpoint endpoint = listener.LocalEndpoint;
        await Io.DisposeAsync().Within();

        await client.WriteAsync(new byte[1]).Fails<IoException>();
        await client.FlushAsync().Fails<IoException>();
        await client.ShutdownWriteAsync().Fails<IoException>();

        // The other end may stand on a loop that has ended before: then its end came first.
        Exception? exception = await Record.ExceptionAsync(async () => Assert.Equal(0, await client.ReadAsync(new byte[1]).Within()));
        Assert.True(exception is null or IoException, exception?.ToString());
        await Io.ConnectAsync(endpoint).Fails<IoException>();
        await Io.ConnectAsync("localhost", endpoint.Port).Fails<IoException>();
        await Io.ResolveAsync("localhost").Fails<IoException>();
        await Io.DisposeAsync().Within();
    }

    [Fact]
    public async Task A_runtime_cannot_be_disposed_on_its_own_loop_without_awaiting()
    {
        await Io.Group[0].Call(() => Assert.Throws<InvalidOperationException>(Io.Dispose));
        Task ending = await Io.Group[0].Call(() => Io.DisposeAsync().AsTask());
        await ending.Within();
    }

    [Fact]
    public async Task After_a_refused_disposal_on_its_own_loop_a_runtime_can_be_used_on()
    {
        await Io.Group[0].Call(() => Assert.Throws<InvalidOperationException>(Io.Dispose));
        Assert.NotEmpty(await Io.ResolveAsync("localhost").Within());
        await using IoListener listener = await Listen();
        await Connect(listener);
        Own(await listener.AcceptAsync().Within());
    }

    // That no thread and no descriptor is left is what every test here ends with.
    [Fact]
    public void A_runtime_that_cannot_be_made_leaves_nothing_behind() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new IoRuntime(new() { Resolver = new() { MaxHosts = 0 } }));

    [Fact]
    public void More_loops_than_processors_are_made_where_the_options_allow_them()
    {
        int count = Environment.ProcessorCount + 1;
        Assert.Throws<ArgumentOutOfRangeException>(() => new IoRuntime(new() { LoopCount = count }));
        using IoRuntime runtime = new(new() { LoopCount = count, MaxLoops = count });
        Assert.Equal(count, runtime.Group.Count);
    }

    [Fact]
    public async Task The_shared_runtime_survives_its_disposal()
    {
        IoRuntime shared = IoRuntime.Shared;
        Assert.Same(shared, IoRuntime.Shared);
        shared.Dispose();
        await shared.DisposeAsync().Within();
        await using IoListener listener = await shared.ListenAsync(SocketEndpoint.Tcp("127.0.0.1", 0));
        Task<IoConnection> connecting = shared.ConnectAsync(listener.LocalEndpoint);
        await using IoConnection server = await listener.AcceptAsync().Within();
        await using IoConnection client = await connecting.Within();
        await client.WriteAsync(new byte[] { 1 }).Within();
        Assert.Equal([1], await server.Read(1));
    }

    [Fact]
    public async Task A_name_is_resolved_or_given_up()
    {
        IReadOnlyList<HostAddress> addresses = await Io.ResolveAsync("localhost").Within();
        Assert.NotEmpty(addresses);
        await Io.ResolveAsync("localhost", new CancellationToken(canceled: true)).Fails<OperationCanceledException>();
    }
}

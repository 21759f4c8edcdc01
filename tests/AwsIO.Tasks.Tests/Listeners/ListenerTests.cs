using System.Threading.Channels;
using AwsIO.Tasks.Tests.Infrastructure;

namespace AwsIO.Tasks.Tests.Listeners;

public sealed class ListenerTests : RuntimeTest
{
    [Fact]
    public async Task Connections_come_as_a_sequence_that_ends_when_the_listener_is_disposed()
    {
        IoListener listener = await Listen();
        List<IoConnection> accepted = [];
        TaskCompletionSource third = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task accepting = Task.Run(async () =>
        {
            await foreach (IoConnection connection in listener.AcceptAllAsync())
            {
                accepted.Add(Own(connection));
                if (accepted.Count == 3)
                {
                    third.SetResult();
                }
            }
        });
        for (int i = 0; i < 3; i++)
        {
            await Connect(listener);
        }

        await third.Task.Within();
        Assert.False(accepting.IsCompleted);
        await listener.DisposeAsync().Within();
        await accepting.Within();

        // Those that were taken go on.
        await accepted[0].WriteAsync(new byte[] { 1 }).Within();
        await accepted[0].FlushAsync().Within();
    }

    [Fact]
    public async Task A_sequence_that_is_cancelled_ends_and_the_listener_goes_on()
    {
        await using IoListener listener = await Listen();
        using CancellationTokenSource cancel = new();
        Task accepting = Task.Run(async () =>
        {
            await foreach (IoConnection connection in listener.AcceptAllAsync(cancel.Token))
            {
                Own(connection);
            }
        });
        cancel.Cancel();
        OperationCanceledException exception = await accepting.Fails<OperationCanceledException>();
        Assert.Equal(cancel.Token, exception.CancellationToken);

        IoConnection client = await Connect(listener);
        Assert.Equal(client.LocalEndpoint, Own(await listener.AcceptAsync().Within()).RemoteEndpoint);
    }

    [Fact]
    public async Task An_accept_that_is_cancelled_loses_no_connection()
    {
        await using IoListener listener = await Listen();
        for (int i = 0; i < 20; i++)
        {
            using CancellationTokenSource cancel = new();
            Task<IoConnection> accepting = listener.AcceptAsync(cancel.Token).AsTask();
            cancel.Cancel();
            await accepting.Fails<OperationCanceledException>();
            IoConnection client = await Connect(listener);
            Assert.Equal(client.LocalEndpoint, Own(await listener.AcceptAsync().Within()).RemoteEndpoint);
        }
    }

    [Fact]
    public async Task Accepting_ends_with_ObjectDisposedException_when_the_listener_is_disposed()
    {
        IoListener listener = await Listen();
        Task<IoConnection> accepting = listener.AcceptAsync().AsTask();
        await listener.DisposeAsync().Within();
        await accepting.Fails<ObjectDisposedException>();
        await listener.AcceptAsync().AsTask().Fails<ObjectDisposedException>();
        await listener.DisposeAsync().Within();
        listener.Dispose();
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Who_waits_to_be_taken_when_the_listener_is_disposed_is_dropped(bool tls)
    {
        IoListener listener = await Listen(tls);
        IoConnection client = await Connect(listener, tls);
        await listener.DisposeAsync().Within();
        await client.ReadAsync(new byte[1]).AsTask().ContinueWith(
            static read => Assert.True(read.IsFaulted || read.Result == 0), TaskScheduler.Default).Within();
    }

    [Fact]
    public async Task The_port_is_free_once_the_listener_is_disposed()
    {
        IoListener first = await Listen();
        SocketEndpoint endpoint = first.LocalEndpoint;
        IoException exception = await Io.ListenAsync(endpoint).Fails<IoException>();
        Assert.Equal(IoErrorCode.SocketAddressInUse, exception.ErrorCode);
        Assert.Equal(98, exception.NativeError);

        await first.DisposeAsync().Within();
        await using IoListener second = await Io.ListenAsync(endpoint);
        Assert.Equal(endpoint, second.LocalEndpoint);
    }

    [Fact]
    public async Task A_listener_can_be_disposed_on_its_own_loops()
    {
        for (int i = 0; i < Io.Group.Count; i++)
        {
            IoListener listener = await Listen();
            await Io.Group[i].Start(() => listener.DisposeAsync().AsTask());
        }
    }

    [Fact]
    public async Task A_handshake_that_fails_is_told_and_the_listener_goes_on()
    {
        Channel<IoException> failures = Channel.CreateUnbounded<IoException>();
        await using IoListener listener = await Listen(tls: true, options =>
            options.OnConnectionFailed = exception =>
            {
                Assert.NotNull(EventLoop.Current);
                failures.Writer.TryWrite(exception);
            });
        await Io.ConnectAsync(listener.LocalEndpoint, new() { Tls = new() { ServerName = "localhost" } }).Fails<IoException>();
        IoException failure = await failures.Reader.ReadAsync().Within();
        Assert.True(failure.Error.IsTls, failure.Message);

        await Connect(listener, tls: true);
        Own(await listener.AcceptAsync().Within());
    }

    [Fact]
    public async Task Wrong_tls_options_are_an_IoException()
    {
        TlsServerOptions tls = Certificates.ServerOptions();
        tls.PrivateKeyPem = "not a key";
        IoException exception = await Io.ListenAsync(SocketEndpoint.Tcp("127.0.0.1", 0), new() { Tls = tls }).Fails<IoException>();
        Assert.NotEqual(IoErrorCode.Unknown, exception.ErrorCode);
    }

    [Theory, InlineData(false, 300), InlineData(true, 60)]
    public async Task Many_connections_at_once_each_have_their_own_bytes(bool tls, int count)
    {
        await using IoListener listener = await Listen(tls);
        Task serving = Task.Run(async () =>
        {
            for (int i = 0; i < count; i++)
            {
                _ = Echo(Own(await listener.AcceptAsync().Within()));
            }
        });
        await Task.WhenAll(Enumerable.Range(0, count).Select(async i =>
        {
            IoConnection client = await Connect(listener, tls);
            byte[] data = Bytes.Random(2000, i);
            await client.WriteAsync(data).Within();
            Assert.Equal(data, await client.Read(data.Length));
            await client.DisposeAsync().Within();
        })).Within();
        await serving.Within();
    }

    [Theory, InlineData(1, 2), InlineData(4, 8), InlineData(100, 190)]
    public async Task No_more_connections_than_the_backlog_are_taken_from_the_system_before_they_are_accepted(int backlog, int count)
    {
        await using IoListener listener = await Listen(configure: options => options.Backlog = backlog);
        HashSet<SocketEndpoint> clients = [];
        for (int i = 0; i < count; i++)
        {
            clients.Add((await Connect(listener)).LocalEndpoint!.Value);
        }

        await SettleLoops();
        Assert.Equal(backlog, listener.Listener.ConnectionCount);
        for (int i = 0; i < count; i++)
        {
            Assert.True(clients.Remove(Own(await listener.AcceptAsync().Within()).RemoteEndpoint!.Value));
        }

        // An edge of its own again.
        await Connect(listener);
        Own(await listener.AcceptAsync().Within());
    }

    [Fact]
    public async Task A_full_backlog_of_TLS_connections_keeps_the_next_ones_waiting_and_loses_none()
    {
        const int backlog = 4;
        await using IoListener listener = await Listen(tls: true, options => options.Backlog = backlog);
        for (int i = 0; i < backlog; i++)
        {
            await Connect(listener, tls: true);
        }

        await SettleLoops();
        Task<IoConnection>[] waiting = [.. Enumerable.Range(0, backlog).Select(_ => Connect(listener, tls: true))];
        await SettleLoops();
        Assert.Equal(backlog, listener.Listener.ConnectionCount);
        Assert.All(waiting, static connecting => Assert.False(connecting.IsCompleted));
        for (int i = 0; i < 2 * backlog; i++)
        {
            Own(await listener.AcceptAsync().Within());
        }

        await Task.WhenAll(waiting).Within();
    }

    [Fact]
    public async Task Clients_that_never_end_their_handshake_keep_nobody_out()
    {
        await using IoListener listener = await Listen(tls: true, options => options.Backlog = 1);
        for (int i = 0; i < 3; i++)
        {
            await Connect(listener);
        }

        await Connect(listener, tls: true);
        Own(await listener.AcceptAsync().Within());
    }

    [Fact]
    public async Task Connects_and_accepts_that_race_at_a_small_backlog_lose_nobody()
    {
        await using IoListener listener = await Listen(configure: options => options.Backlog = 2);
        const int count = 400;

        // Never more than the listener and the system have room for: what the system drops it tries again a second later.
        using SemaphoreSlim room = new(4);
        Task connecting = Task.Run(async () =>
        {
            for (int i = 0; i < count; i++)
            {
                await room.WaitAsync().ConfigureAwait(false);
                await Connect(listener).ConfigureAwait(false);
            }
        });
        for (int i = 0; i < count; i++)
        {
            Own(await listener.AcceptAsync().Within());
            room.Release();
        }

        await connecting.Within();
    }

    [Fact]
    public async Task Connections_that_fail_before_they_are_set_up_leave_their_room_to_others()
    {
        Channel<int> came = Channel.CreateUnbounded<int>();
        await using IoListener listener = await Listen(configure: options =>
        {
            options.Backlog = 2;
            options.OnConnectionFailed = _ => came.Writer.TryWrite(0);
        });
        Task accepting = Task.Run(async () =>
        {
            await foreach (IoConnection connection in listener.AcceptAllAsync().ConfigureAwait(false))
            {
                Own(connection);
                came.Writer.TryWrite(1);
            }
        });
        for (int i = 0; i < 200; i++)
        {
            (await Connect(listener)).Abort();
            await came.Reader.ReadAsync().Within();
        }

        await listener.DisposeAsync().Within();
        await accepting.Within();
    }

    private async Task SettleLoops()
    {
        for (int turn = 0; turn < 50; turn++)
        {
            for (int i = 0; i < Io.Group.Count; i++)
            {
                await Io.Group[i].Call(() => { });
            }
        }
    }

    private static async Task Echo(IoConnection connection)
    {
        byte[] buffer = new byte[4096];
        for (int count; (count = await connection.ReadAsync(buffer).Within()) > 0;)
        {
            await connection.WriteAsync(buffer.AsMemory(0, count)).Within();
        }

        await connection.DisposeAsync().Within();
    }
}

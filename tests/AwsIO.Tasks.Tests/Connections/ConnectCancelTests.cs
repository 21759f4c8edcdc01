using AwsIO.Tasks.Tests.Infrastructure;

namespace AwsIO.Tasks.Tests.Connections;

/// <summary>That no descriptor is left is what every test here ends with.</summary>
public sealed class ConnectCancelTests : RuntimeTest
{
    [Theory, InlineData(false), InlineData(true)]
    public async Task A_connect_can_be_given_up_at_any_moment(bool tls)
    {
        await using IoListener listener = await Listen(tls);
        Task serving = Serve(listener);
        for (int round = 0; round < 300; round++)
        {
            using CancellationTokenSource cancel = new();
            Task<IoConnection> connecting = Io.ConnectAsync(
                listener.LocalEndpoint, new() { Tls = tls ? Certificates.ClientOptions() : null }, cancel.Token);
            Thread.SpinWait(round * (tls ? 400 : 40));
            cancel.Cancel();
            try
            {
                Own(await connecting.Within()).Abort();
            }
            catch (OperationCanceledException exception)
            {
                Assert.Equal(cancel.Token, exception.CancellationToken);
            }
        }

        await listener.DisposeAsync().Within();
        await serving.Within();
    }

    [Fact]
    public async Task A_look_up_is_given_up()
    {
        await using IoListener listener = await Listen();
        for (int round = 0; round < 20; round++)
        {
            using CancellationTokenSource cancel = new();
            Task<IoConnection> connecting = Io.ConnectAsync("localhost", listener.LocalEndpoint.Port, cancellationToken: cancel.Token);
            Thread.SpinWait(round * 100);
            cancel.Cancel();
            try
            {
                Own(await connecting.Within());
            }
            catch (OperationCanceledException exception)
            {
                Assert.Equal(cancel.Token, exception.CancellationToken);
            }
        }
    }

    [Fact]
    public async Task A_token_that_was_cancelled_before_starts_nothing()
    {
        using SilentPeer peer = new();
        Task<IoConnection> connecting = Io.ConnectAsync(peer.Endpoint, cancellationToken: new CancellationToken(canceled: true));
        await connecting.Fails<OperationCanceledException>();
        Assert.False(peer.Accepted.IsCompleted);
    }

    [Fact]
    public async Task A_handshake_that_nobody_answers_is_given_up_at_the_overall_timeout()
    {
        using SilentPeer peer = new();
        IoException exception = await Io.ConnectAsync(
            peer.Endpoint, new() { Tls = Certificates.ClientOptions(), Timeout = TimeSpan.FromMilliseconds(50) }).Fails<IoException>();
        Assert.Equal(IoErrorCode.SocketTimeout, exception.ErrorCode);
        Assert.Contains("50 ms", exception.Message, StringComparison.Ordinal);

        // The peer sees it go.
        System.Net.Sockets.Socket other = await peer.Accepted.Within();
        await Drained(other).Within();
    }

    [Fact]
    public async Task A_connect_in_time_is_not_touched_by_its_timeout_afterwards()
    {
        await using IoListener listener = await Listen();
        IoConnection client = await Connect(listener, configure: options => options.Timeout = TimeSpan.FromSeconds(60));
        IoConnection server = Own(await listener.AcceptAsync().Within());
        await server.WriteAsync(new byte[] { 1 }).Within();
        Assert.Equal([1], await client.Read(1));
    }

    private static async Task Drained(System.Net.Sockets.Socket socket)
    {
        byte[] buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer) > 0)
            {
                // The client's first flight.
            }
        }
        catch (System.Net.Sockets.SocketException)
        {
            // A reset is an end too.
        }
    }

    private async Task Serve(IoListener listener)
    {
        await foreach (IoConnection connection in listener.AcceptAllAsync())
        {
            Own(connection);
        }
    }
}

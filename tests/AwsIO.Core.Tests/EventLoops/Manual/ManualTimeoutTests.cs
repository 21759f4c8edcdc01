using AwsIO.Testing;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.EventLoops.Manual;

/// <summary>The deadlines of connections, each at its very moment by a virtual clock.</summary>
[Collection(LoopTestCollection.Name)]
public sealed class ManualTimeoutTests : IClassFixture<NothingLeft>
{
    private static readonly TimeSpan s_tick = TimeSpan.FromTicks(1);

    [Fact]
    public void A_connect_timeout_comes_at_its_moment()
    {
        using Backlogged silent = new("127.0.0.1");
        using ManualLoopGroup loops = new();
        using DrivenConnection listener = DrivenConnection.Listen(loops);
        Dialled client = listener.Dial(
            new ClientConnectOptions
            {
                Endpoint = SocketEndpoint.Tcp("127.0.0.1", silent.Port),
                SocketOptions = new SocketOptions { ConnectTimeout = TimeSpan.FromMinutes(5) },
                OnSetup = static (_, _, _) => { },
            },
            new FixedResolver());
        loops.Advance(TimeSpan.FromMinutes(5) - s_tick);
        Assert.Equal(0, client.Setup.Count);

        loops.Advance(s_tick);
        Assert.Equal(IoErrorCode.SocketTimeout, client.Setup.Task.Result.Code);
    }

    [Fact]
    public void A_second_address_is_tried_a_quarter_of_a_second_after_the_first()
    {
        using ManualLoopGroup loops = new(1, seed: 4);
        using Backlogged silent = new("127.0.0.2");
        using DrivenConnection connection = DrivenConnection.Open(loops, SocketEndpoint.Tcp("127.0.0.3", silent.Port));
        long start = loops.CurrentTime;
        Dialled dialled = DialTwo(connection, silent.Port);
        loops.Advance(TimeSpan.FromMilliseconds(250) - s_tick);
        Assert.Equal(0, dialled.Setup.Count);

        loops.Advance(s_tick);
        connection.Settle(() => dialled.Setup.Count == 1);
        Assert.Equal(IoError.None, dialled.Setup.Task.Result);
        Assert.Equal(start + 250_000_000, loops.CurrentTime);
    }

    [Fact]
    public void A_shutdown_whose_peer_takes_nothing_ends_at_its_limit()
    {
        using ManualLoopGroup loops = new(2, seed: 4);
        using DrivenConnection connection = DrivenConnection.Open(loops, serverWindow: 0);
        IoChannel channel = connection.Client!.Channel!;
        Task<IoError> written = connection.Client.App.Send(new byte[8 * 1024 * 1024]);
        loops.RunUntilIdle();
        channel.Shutdown(IoError.None);
        loops.Advance(channel.ShutdownTimeout - s_tick);
        Assert.Equal(0, connection.Client.Ended.Count);

        loops.Advance(s_tick);
        Assert.Equal(1, connection.Client.Ended.Count);
        Assert.True(written.Result.IsError);
    }

    [Fact]
    public void A_shutdown_ends_at_once_when_the_peer_takes_the_rest_in_time()
    {
        using ManualLoopGroup loops = new(2, seed: 3);
        using DrivenConnection connection = DrivenConnection.Open(loops, serverWindow: 0);
        byte[] data = Payload.Of(4 * 1024 * 1024);
        Task<IoError> sent = connection.Client!.App.Send(data);
        loops.RunUntilIdle();
        connection.Client.Channel!.Shutdown(IoError.None);
        loops.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(0, connection.Client.Ended.Count);

        long before = loops.CurrentTime;
        ((ManualEventLoop)connection.Server.Channel!.EventLoop).Invoke(
            () => connection.Server.App.Slot!.IncrementReadWindow(data.Length));
        loops.RunUntilIdle();
        Assert.Equal(IoError.None, sent.Result);
        Assert.Equal(data, connection.Server.App.Bytes);
        Assert.True(connection.Client.Ended.Task.IsCompleted);
        Assert.Equal(IoError.None, connection.Client.Ended.Task.Result);
        Assert.Equal(before, loops.CurrentTime);
    }

    private static Dialled DialTwo(DrivenConnection connection, int port) => connection.Dial(
        new ClientConnectOptions { Host = "two.example", Port = port, OnSetup = static (_, _, _) => { } },
        new FixedResolver("127.0.0.2", "127.0.0.3"));
}

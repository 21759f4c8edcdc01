using System.Net.Sockets;
using AwsIO.Testing;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.EventLoops.Manual;

/// <summary>
/// The deadlines of connections, each at its very moment by a virtual clock. That each kind comes by real time too is told where the rest
/// of it is: of connecting by <see cref="Sockets.SocketConnectTests"/>, of the next address by <see cref="Bootstrap.AddressTests"/>, of a
/// handshake by <see cref="Bootstrap.SilentPeerTests"/>, of a shutdown by <see cref="Channels.SocketChannelShutdownTests"/>.
/// </summary>
[Collection(LoopTestCollection.Name)]
public sealed class ManualTimeoutTests
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
    public void An_address_that_is_silent_for_the_whole_timeout_gives_way_to_the_next()
    {
        using ManualLoopGroup loops = new(2, seed: 9);
        using Backlogged silent = new("127.0.0.2");
        using DrivenConnection connection = DrivenConnection.Open(loops, SocketEndpoint.Tcp("127.0.0.3", silent.Port));
        long start = loops.CurrentTime;
        Dialled dialled = DialTwo(connection, silent.Port, TimeSpan.FromMinutes(1), attemptDelay: TimeSpan.FromMinutes(5));
        loops.Advance(TimeSpan.FromMinutes(1) - s_tick);
        Assert.Equal(0, dialled.Setup.Count);

        loops.Advance(s_tick);
        connection.Settle(() => dialled.Setup.Count == 1);
        Assert.Equal(IoError.None, dialled.Setup.Task.Result);
        Assert.Equal(start + 60_000_000_000, loops.CurrentTime);
    }

    [Fact]
    public void When_all_addresses_fail_the_last_failure_is_told()
    {
        using ManualLoopGroup loops = new(2, seed: 10);
        using Backlogged silent = new("127.0.0.2");
        using Backlogged last = new("127.0.0.3", silent.Port);
        using DrivenConnection listener = DrivenConnection.Listen(loops);
        Dialled dialled = DialTwo(listener, silent.Port, TimeSpan.FromMinutes(1), attemptDelay: TimeSpan.FromSeconds(10));
        loops.Advance(TimeSpan.FromSeconds(70) - s_tick);
        Assert.Equal(0, dialled.Setup.Count);

        loops.Advance(s_tick);
        IoError error = dialled.Setup.Task.Result;
        Assert.Equal(IoErrorCode.SocketTimeout, error.Code);
        Assert.Contains($"127.0.0.3:{silent.Port}", error.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    public void A_client_that_says_nothing_or_drips_its_hello_runs_into_the_servers_handshake_timeout(int drips)
    {
        TlsConnectionOptions tls = TlsParts.Server().ForServer();
        tls.HandshakeTimeout = TimeSpan.FromMinutes(5);
        using ManualLoopGroup loops = new(2, seed: 6);
        using DrivenConnection listener = DrivenConnection.Listen(loops, tls: tls);
        using Socket peer = listener.Peer();

        // A hello that announces 16 KiB and never gets there.
        byte[] hello = [0x16, 3, 1, 0x3f, 0xff, 1, 0, 0x3f, 0xfb];
        for (int i = 0; i < drips; i++)
        {
            Assert.Equal(1, peer.Send(hello, i, 1, SocketFlags.None));
            loops.Advance(TimeSpan.FromSeconds(30));
        }

        loops.Advance(TimeSpan.FromMinutes(5) - (drips * TimeSpan.FromSeconds(30)) - s_tick);
        Assert.Equal(0, listener.Server.Setup.Count);

        loops.Advance(s_tick);
        Assert.Equal(IoErrorCode.TlsNegotiationTimeout, listener.Server.Setup.Task.Result.Code);
        Assert.Equal(0, peer.Receive(new byte[1]));
    }

    [Fact]
    public void A_handshake_in_time_is_not_ended_by_its_timeout()
    {
        TlsConnectionOptions client = TlsParts.Client().Localhosted();
        TlsConnectionOptions server = TlsParts.Server().ForServer();
        client.HandshakeTimeout = server.HandshakeTimeout = TimeSpan.FromSeconds(2);
        using ManualLoopGroup loops = new(2, seed: 7);
        using DrivenConnection connection = DrivenConnection.Open(loops, tls: (client, server));
        loops.Advance(TimeSpan.FromHours(1));
        Assert.Equal((0, 0), (connection.Client!.Ended.Count, connection.Server.Ended.Count));
        _ = connection.Client.App.Send("still here");
        loops.RunUntilIdle();
        Assert.Equal("still here", connection.Server.App.Text);
    }

    [Fact]
    public void A_peer_that_does_not_take_what_was_written_is_left_to_the_kernel_in_time()
    {
        using ManualLoopGroup loops = new(2, seed: 8);
        using DrivenConnection listener = DrivenConnection.Listen(loops, Dialling.AnyPort);
        using Socket peer = listener.Peer(static socket => socket.ReceiveBufferSize = 4096);
        listener.Settle(() => listener.Server.Setup.Count == 1);
        byte[] data = Payload.Of(150_000);
        Task<IoError> written = listener.Server.App.Send(data);
        listener.Settle(() => written.IsCompleted);
        Assert.Equal(IoError.None, written.Result);
        IoChannel channel = listener.Server.Channel!;
        channel.Shutdown(IoError.None);
        loops.Advance(channel.ShutdownTimeout - s_tick);
        Assert.Equal(0, listener.Server.Ended.Count);

        loops.Advance(s_tick);
        Assert.Equal(IoError.None, listener.Server.Ended.Task.Result);
        byte[] received = new byte[data.Length];
        for (int count = 0; count < received.Length;)
        {
            int got = peer.Receive(received.AsSpan(count));
            Assert.NotEqual(0, got);
            count += got;
        }

        Assert.Equal(data, received);
        Assert.Equal(0, peer.Receive(new byte[1]));
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

    private static Dialled DialTwo(
        DrivenConnection connection, int port, TimeSpan? connectTimeout = null, TimeSpan? attemptDelay = null) => connection.Dial(
        new ClientConnectOptions
        {
            Host = "two.example",
            Port = port,
            SocketOptions = new SocketOptions { ConnectTimeout = connectTimeout ?? TimeSpan.FromMinutes(1) },
            AttemptDelay = attemptDelay ?? new ClientConnectOptions { OnSetup = static (_, _, _) => { } }.AttemptDelay,
            OnSetup = static (_, _, _) => { },
        },
        new FixedResolver("127.0.0.2", "127.0.0.3"));
}

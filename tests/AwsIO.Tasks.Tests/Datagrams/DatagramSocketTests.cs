using AwsIO.Tasks.Tests.Infrastructure;

namespace AwsIO.Tasks.Tests.Datagrams;

public sealed class DatagramSocketTests : RuntimeTest
{
    private static readonly SocketEndpoint s_free = SocketEndpoint.Udp("127.0.0.1", 0);

    public static TheoryData<string> Addresses => ["127.0.0.1", "::1", "unix"];

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task A_datagram_is_answered_to_its_sender(string address)
    {
        SocketEndpoint at = Free(address);
        await using IoDatagramSocket server = await Io.BindDatagramsAsync(at).Within();
        SocketEndpoint own = Free(address);
        await using IoDatagramSocket client = await Io.ConnectDatagramsAsync(
            server.LocalEndpoint, new DatagramOptions { Socket = { LocalEndpoint = own } }).Within();
        Assert.Equal(server.LocalEndpoint, client.RemoteEndpoint);
        Assert.Null(server.RemoteEndpoint);
        byte[] buffer = new byte[100];

        await client.SendAsync("ping"u8.ToArray()).Within();
        DatagramInfo ping = await server.ReceiveAsync(buffer).Within();
        Assert.Equal("ping"u8.ToArray(), buffer[..ping.Length]);
        Assert.Equal(client.LocalEndpoint, ping.Sender.ToEndpoint());
        await server.SendToAsync("pong!"u8.ToArray(), ping.Sender).Within();
        DatagramInfo pong = await client.ReceiveAsync(buffer).Within();
        Assert.Equal("pong!"u8.ToArray(), buffer[..pong.Length]);
        await client.SendAsync(ReadOnlyMemory<byte>.Empty).Within();
        Assert.Equal((0, false), (await server.ReceiveAsync(buffer).Within()) is var empty ? (empty.Length, empty.IsTruncated) : default);
        File.Delete(at.Address);
        File.Delete(own.Address);
    }

    [Theory]
    [InlineData(ContinuationMode.ThreadPool)]
    [InlineData(ContinuationMode.Inline)]
    public async Task Many_datagrams_go_to_and_fro_in_order(ContinuationMode mode)
    {
        DatagramOptions options = new() { ContinuationMode = mode };
        await using IoDatagramSocket server = await Io.BindDatagramsAsync(s_free, options).Within();
        await using IoDatagramSocket client = await Io.ConnectDatagramsAsync(server.LocalEndpoint, options).Within();
        Task echo = Echo(server, 500);
        byte[] buffer = new byte[100];
        for (int i = 0; i < 500; i++)
        {
            byte[] data = BitConverter.GetBytes(i);
            await client.SendAsync(data).Within();
            DatagramInfo back = await client.ReceiveAsync(buffer).Within();
            Assert.Equal(data, buffer[..back.Length]);
        }

        await echo.Within();

        static async Task Echo(IoDatagramSocket socket, int count)
        {
            byte[] buffer = new byte[100];
            for (int i = 0; i < count; i++)
            {
                DatagramInfo got = await socket.ReceiveAsync(buffer);
                await socket.SendToAsync(buffer.AsMemory(0, got.Length), got.Sender);
            }
        }
    }

    [Fact]
    public async Task What_neither_the_options_nor_the_receiver_has_room_for_is_told_as_truncated()
    {
        await using IoDatagramSocket server = await Io.BindDatagramsAsync(s_free, new DatagramOptions { MaxDatagramSize = 6 }).Within();
        await using IoDatagramSocket client = await Io.ConnectDatagramsAsync(server.LocalEndpoint).Within();
        foreach (int size in (int[])[7, 6, 6, 4])
        {
            await client.SendAsync(new byte[size]).Within();
        }

        byte[] buffer = new byte[100];
        Assert.Equal((6, true), Figures(await server.ReceiveAsync(buffer).Within()));
        Assert.Equal((6, false), Figures(await server.ReceiveAsync(buffer).Within()));
        Assert.Equal((5, true), Figures(await server.ReceiveAsync(buffer.AsMemory(0, 5)).Within()));
        Assert.Equal((4, false), Figures(await server.ReceiveAsync(buffer.AsMemory(0, 4)).Within()));

        static (int Length, bool IsTruncated) Figures(DatagramInfo info) => (info.Length, info.IsTruncated);
    }

    // The sender of the Unix domain waits where UDP would drop: so all of them arrive, and only so many are kept meanwhile.
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(64)]
    public async Task Only_so_many_wait_and_the_rest_comes_when_they_were_taken(int most)
    {
        const int many = 300;
        SocketEndpoint path = Free("unix");
        await using IoDatagramSocket server = await Io.BindDatagramsAsync(path, new DatagramOptions { MaxWaiting = most }).Within();
        await using IoDatagramSocket client = await Io.ConnectDatagramsAsync(path).Within();
        Task[] sends = [.. Enumerable.Range(0, many).Select(i => client.SendAsync(BitConverter.GetBytes(i)).AsTask())];
        while (!sends[most - 1].IsCompleted)
        {
            await Task.Yield();
        }

        Assert.Contains(sends, static send => !send.IsCompleted);
        byte[] buffer = new byte[4];
        for (int i = 0; i < many; i++)
        {
            await server.ReceiveAsync(buffer).Within();
            Assert.Equal(i, BitConverter.ToInt32(buffer));
        }

        await Task.WhenAll(sends).Within();
        File.Delete(path.Address);
    }

    [Fact]
    public async Task A_receive_that_is_given_up_loses_nothing()
    {
        await using IoDatagramSocket server = await Io.BindDatagramsAsync(s_free).Within();
        await using IoDatagramSocket client = await Io.ConnectDatagramsAsync(server.LocalEndpoint).Within();
        using CancellationTokenSource source = new();
        byte[] buffer = new byte[10];
        Task<DatagramInfo> receiving = server.ReceiveAsync(buffer, source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => receiving.Within());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => server.ReceiveAsync(buffer, source.Token).Within());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.SendAsync(new byte[1], source.Token).Within());
        await client.SendAsync("here"u8.ToArray()).Within();
        DatagramInfo info = await server.ReceiveAsync(buffer).Within();
        Assert.Equal("here"u8.ToArray(), buffer[..info.Length]);
    }

    [Fact]
    public async Task A_send_that_waits_can_be_given_up_and_its_memory_used_again()
    {
        SocketEndpoint path = Free("unix");
        await using IoDatagramSocket server = await Io.BindDatagramsAsync(path, new DatagramOptions { MaxWaiting = 1 }).Within();
        await using IoDatagramSocket client = await Io.ConnectDatagramsAsync(path).Within();
        using CancellationTokenSource source = new();
        byte[] data = [1, 2, 3, 4];
        Task[] sends = [.. Enumerable.Range(0, 300).Select(_ => client.SendAsync(data, source.Token).AsTask())];
        data.AsSpan().Clear();
        await sends[0].Within();
        await source.CancelAsync();
        int given = 0;
        foreach (Task send in sends)
        {
            try
            {
                await send.Within();
            }
            catch (OperationCanceledException exception)
            {
                Assert.Equal(source.Token, exception.CancellationToken);
                given++;
            }
        }

        Assert.InRange(given, 1, sends.Length - 1);
        await server.ReceiveAsync(data).Within();
        Assert.Equal([1, 2, 3, 4], data);
        File.Delete(path.Address);
    }

    [Fact]
    public async Task Errors_are_told_and_the_socket_goes_on()
    {
        await using IoDatagramSocket client = await ConnectToNobody();
        SocketEndpoint nobody = client.RemoteEndpoint!.Value;
        IoException error = await Assert.ThrowsAsync<IoException>(() => client.SendAsync(new byte[70_000]).Within());
        Assert.Equal(IoErrorCode.InvalidArgument, error.ErrorCode);
        await client.SendAsync(new byte[1]).Within();
        error = await Assert.ThrowsAsync<IoException>(() => client.ReceiveAsync(new byte[1]).Within());
        Assert.Equal(IoErrorCode.SocketConnectionRefused, error.ErrorCode);

        await using IoDatagramSocket server = await Io.BindDatagramsAsync(nobody).Within();
        await client.SendAsync("now"u8.ToArray()).Within();
        Assert.Equal(3, (await server.ReceiveAsync(new byte[10]).Within()).Length);
        error = await Assert.ThrowsAsync<IoException>(() => Io.BindDatagramsAsync(nobody).Within());
        Assert.Equal(IoErrorCode.SocketAddressInUse, error.ErrorCode);
        await Assert.ThrowsAsync<ArgumentException>(() => server.SendToAsync(new byte[1], default).Within());
    }

    [Fact]
    public async Task What_has_come_is_taken_without_waiting()
    {
        SocketEndpoint path = Free("unix");
        IoDatagramSocket server = await Io.BindDatagramsAsync(path, new DatagramOptions { MaxWaiting = 2 }).Within();
        await using IoDatagramSocket client = await Io.ConnectDatagramsAsync(path).Within();
        byte[] buffer = new byte[3];
        Assert.False(server.TryReceive(buffer, out DatagramInfo none));
        Assert.Equal(default, none);

        // More than are kept: those that are taken make room for the others.
        Task[] sends = [.. Enumerable.Range(0, 100).Select(i => client.SendAsync(new byte[i % 5]).AsTask())];
        for (int i = 0; i < sends.Length; i++)
        {
            DatagramInfo datagram;
            while (!server.TryReceive(buffer, out datagram))
            {
                await Task.Yield();
            }

            Assert.Equal((Math.Min(i % 5, 3), i % 5 > 3), (datagram.Length, datagram.IsTruncated));
        }

        await Task.WhenAll(sends).Within();
        Assert.False(server.TryReceive(buffer, out _));
        await server.DisposeAsync().Within();
        Assert.False(server.TryReceive(buffer, out _));
        File.Delete(path.Address);
    }

    [Fact]
    public async Task An_error_is_left_to_who_waits()
    {
        await using IoDatagramSocket client = await ConnectToNobody();
        SocketEndpoint nobody = client.RemoteEndpoint!.Value;
        await client.SendAsync(new byte[1]).Within();
        await using IoDatagramSocket server = await Io.BindDatagramsAsync(nobody).Within();

        // Whichever comes first: the error is not taken by the one, and is there for the other.
        Assert.False(client.TryReceive(new byte[1], out _));
        IoException error = await Assert.ThrowsAsync<IoException>(() => client.ReceiveAsync(new byte[1]).Within());
        Assert.Equal(IoErrorCode.SocketConnectionRefused, error.ErrorCode);
        Assert.False(client.TryReceive(new byte[1], out _));
    }

    [Fact]
    public async Task Whoever_waits_is_told_when_the_socket_is_disposed()
    {
        IoDatagramSocket server = await Io.BindDatagramsAsync(s_free).Within();
        Task<DatagramInfo> receiving = server.ReceiveAsync(new byte[1]).AsTask();
        await server.DisposeAsync().Within();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => receiving.Within());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => server.ReceiveAsync(new byte[1]).Within());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => server.SendAsync(new byte[1]).Within());
        await server.DisposeAsync().Within();
        await using IoDatagramSocket again = await Io.BindDatagramsAsync(server.LocalEndpoint).Within();
    }

    [Fact]
    public async Task Whoever_waits_is_told_when_the_runtime_ends()
    {
        IoDatagramSocket server = await Io.BindDatagramsAsync(s_free).Within();
        Task<DatagramInfo> receiving = server.ReceiveAsync(new byte[1]).AsTask();
        await Io.DisposeAsync().Within();
        IoException ended = await Assert.ThrowsAsync<IoException>(() => receiving.Within());
        Assert.Equal(IoErrorCode.EventLoopShutdown, ended.ErrorCode);
        await Assert.ThrowsAsync<IoException>(() => server.SendToAsync(new byte[1], DatagramAddress.From(server.LocalEndpoint).Value).Within());
        await server.DisposeAsync().Within();
        await Assert.ThrowsAsync<IoException>(() => Io.BindDatagramsAsync(s_free).Within());
    }

    [Fact]
    public async Task Options_are_looked_at_before_anything_is_opened()
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Io.BindDatagramsAsync(s_free, new DatagramOptions { MaxDatagramSize = 0 }));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Io.BindDatagramsAsync(s_free, new DatagramOptions { MaxDatagramSize = 65_536 }));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Io.BindDatagramsAsync(s_free, new DatagramOptions { MaxWaiting = 0 }));
        using CancellationTokenSource source = new();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Io.BindDatagramsAsync(s_free, cancellationToken: source.Token));
        IoException vsock = await Assert.ThrowsAsync<IoException>(() => Io.BindDatagramsAsync(SocketEndpoint.Vsock(1, 1)).Within());
        Assert.Equal(IoErrorCode.SocketInvalidOptions, vsock.ErrorCode);
    }

    private static SocketEndpoint Free(string address) => address == "unix"
        ? SocketEndpoint.Unix(Path.Combine(Path.GetTempPath(), $"awsio-{Guid.NewGuid():N}.sock"))
        : SocketEndpoint.Udp(address, 0);

    /// <summary>Connects a socket to where nobody receives any more.</summary>
    private async Task<IoDatagramSocket> ConnectToNobody()
    {
        IoDatagramSocket gone = await Io.BindDatagramsAsync(s_free).Within();
        IoDatagramSocket client = await Io.ConnectDatagramsAsync(gone.LocalEndpoint).Within();
        await gone.DisposeAsync().Within();
        return client;
    }
}

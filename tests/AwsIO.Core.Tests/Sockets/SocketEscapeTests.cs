using System.Net.Sockets;
using AwsIO.Native.Platform;
using AwsIO.Native.Unix;
using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Sockets;

/// <summary>Options by number, interfaces, credentials, and what lingers.</summary>
public sealed class SocketEscapeTests(LoopFixture fixture) : TransportTest(fixture)
{
    [Fact]
    public async Task An_option_without_a_name_is_set_and_read_by_its_numbers()
    {
        IoSocket socket = Transport.Tcp4.NewSocket();
        int count = Abi.Current.Sockets.TcpKeepCount;
        Assert.Equal(IoError.None, socket.SetRawOption(SocketConstants.LevelTcp, count, BitConverter.GetBytes(11)));
        byte[] value = new byte[16];
        Assert.Equal(IoError.None, socket.GetRawOption(SocketConstants.LevelTcp, count, value, out int length));
        Assert.Equal((4, 11), (length, BitConverter.ToInt32(value)));

        // One that is no int: linger has two.
        Assert.Equal(IoError.None, socket.SetRawOption(
            SocketConstants.LevelSocket, SocketConstants.Linger, [.. BitConverter.GetBytes(1), .. BitConverter.GetBytes(5)]));
        Assert.Equal(IoError.None, socket.GetRawOption(SocketConstants.LevelSocket, SocketConstants.Linger, value, out length));
        Assert.Equal((8, 5), (length, BitConverter.ToInt32(value, 4)));

        IoError error = socket.SetRawOption(SocketConstants.LevelTcp, 12345, [1, 0, 0, 0]);
        Assert.Equal((IoErrorCode.SocketInvalidOptions, 92), (error.Code, error.NativeError));
        Assert.Contains("12345", error.Detail, StringComparison.Ordinal);
        Assert.Equal(IoErrorCode.SocketInvalidOptions, socket.GetRawOption(SocketConstants.LevelTcp, 12345, value, out length).Code);
        Assert.Equal(0, length);
        socket.Dispose();
        Assert.Equal(IoErrorCode.SocketClosed, socket.SetRawOption(SocketConstants.LevelTcp, count, [1, 0, 0, 0]).Code);
        Assert.Equal(IoErrorCode.SocketClosed, socket.GetRawOption(SocketConstants.LevelTcp, count, value, out _).Code);

        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(Transport.Tcp4, Loop);
        Assert.Equal(IoErrorCode.EventLoopThreadOnly, ours.SetRawOption(SocketConstants.LevelTcp, count, [1, 0, 0, 0]).Code);
        await SocketPair.CloseOn(ours);
        peer.Dispose();
    }

    [Fact]
    public void A_raw_option_that_the_system_refuses_fails_the_socket()
    {
        IoResult<IoSocket> result = IoSocket.Create(new SocketOptions { RawOptions = [new RawSocketOption(6, 12345, 1)] });
        Assert.Equal((IoErrorCode.SocketInvalidOptions, 92), (result.Error.Code, result.Error.NativeError));
    }

    [Fact]
    public async Task Both_sides_of_a_Unix_connection_know_who_the_other_is()
    {
        SocketPair pair = await SocketPair.Open(Transport.Unix, Loop);
        string[] status = File.ReadAllLines("/proc/self/status");
        PeerCredentials us = new(Environment.ProcessId, Id("Uid:"), Id("Gid:"));
        await Loop.On(() =>
        {
            Assert.Equal(us, pair.Client.GetPeerCredentials().Value);
            Assert.Equal(us, pair.Server.GetPeerCredentials().Value);
        });
        Assert.Equal(IoErrorCode.EventLoopThreadOnly, pair.Client.GetPeerCredentials().Error.Code);
        await pair.Close();
        Assert.Equal(IoErrorCode.SocketNotConnected, await Loop.On(() => pair.Client.GetPeerCredentials().Error.Code));

        // The second figure is the effective one.
        uint Id(string name) => uint.Parse(status.First(line => line.StartsWith(name, StringComparison.Ordinal)).Split('\t')[2]);
    }

    [Fact]
    public void There_are_no_credentials_without_a_Unix_connection()
    {
        using IoSocket tcp = Transport.Tcp4.NewSocket();
        Assert.Equal(IoErrorCode.SocketInvalidOperationForType, tcp.GetPeerCredentials().Error.Code);
        using IoSocket fresh = Transport.Unix.NewSocket();
        Assert.Equal(IoErrorCode.SocketNotConnected, fresh.GetPeerCredentials().Error.Code);
    }

    [Theory]
    [ClassData(typeof(EveryTcp))]
    [Trait("Upstream", "test_socket_with_bind_to_interface")]
    public async Task Bound_to_the_loopback_interface_sockets_talk_over_it(Transport transport)
    {
        SocketOptions options = transport.Options();
        options.NetworkInterface = "lo";
        IoResult<IoSocket> created = IoSocket.Create(options);
        Assert.SkipWhen(created.Error.Code == IoErrorCode.NoPermission, "This user may not bind a socket to an interface.");
        using IoSocket listener = created.Value;
        Assert.Equal("lo", InterfaceOf(listener));
        Assert.Equal(IoError.None, listener.Bind(transport.FreeEndpoint()));
        Assert.Equal(IoError.None, listener.Listen(5));
        TaskCompletionSource<IoSocket> accepted = Waits.NewSource<IoSocket>();
        Assert.Equal(IoError.None, listener.StartAccept(Loop, (_, error, socket, _) => accepted.Set(error, socket), null));
        IoSocket client = IoSocket.Create(options).Value;
        TaskCompletionSource<IoError> connected = Waits.NewSource<IoError>();
        Assert.Equal(IoError.None, client.Connect(
            listener.GetLocalEndpoint().Value, Loop, (_, error, _) => connected.SetResult(error), null));
        Assert.Equal(IoError.None, await connected.Task.Within());
        using IoSocket server = await accepted.Task.Within();
        Assert.Equal("lo", InterfaceOf(server));
        await SocketPair.CloseOn(client);
    }

    [Fact]
    [Trait("Upstream", "test_socket_with_bind_to_invalid_interface")]
    public void An_unknown_interface_is_refused_by_its_name()
    {
        foreach (Transport transport in new[] { Transport.Tcp4, Transport.Tcp6 })
        {
            SocketOptions options = transport.Options();
            options.NetworkInterface = "nosuch0";
            IoError error = IoSocket.Create(options).Error;
            Assert.SkipWhen(error.Code == IoErrorCode.NoPermission, "This user may not bind a socket to an interface.");
            Assert.Equal(IoErrorCode.SocketInvalidOptions, error.Code);
            Assert.Contains("nosuch0", error.Detail, StringComparison.Ordinal);
        }
    }

    [Fact]
    [Trait("Upstream", "test_is_network_interface_name_valid")]
    public void Interfaces_of_this_machine_have_valid_names_and_no_others()
    {
        Assert.True(SocketOptions.IsNetworkInterface("lo"));
        Assert.False(SocketOptions.IsNetworkInterface("nosuch0"));
        Assert.False(SocketOptions.IsNetworkInterface(""));
        Assert.False(SocketOptions.IsNetworkInterface("lo\0"));
        Assert.False(SocketOptions.IsNetworkInterface(new string('l', 16)));
        Assert.False(SocketOptions.IsNetworkInterface(new string('l', 10_000)));
        Assert.Throws<ArgumentNullException>(() => SocketOptions.IsNetworkInterface(null!));
    }

    [Fact]
    public async Task Zero_linger_resets_what_is_closed()
    {
        (IoSocket ours, Socket peer) = await Lingering(TimeSpan.Zero);
        await SocketPair.CloseOn(ours);
        SocketException reset = Assert.Throws<SocketException>(() => peer.Receive(new byte[1]));
        Assert.Equal(SocketError.ConnectionReset, reset.SocketErrorCode);
        peer.Dispose();
    }

    // By itself the kernel would keep the closing thread until everything is delivered: far longer than a test waits.
    [Fact]
    public async Task A_long_linger_keeps_no_loop_from_its_work_and_delivers_everything()
    {
        (IoSocket ours, Socket peer) = await Lingering(TimeSpan.FromHours(1));
        byte[] data = Data.Pattern(64 * 1024 * 1024);
        long taken = 0;
        await Loop.On(() =>
        {
            Assert.Equal(IoError.None, ours.Write(data, (_, _, sent, _) => taken = sent, null));
            Assert.True(ours.QueuedBytes > 0);
            ours.Dispose();
        });

        byte[] received = new byte[data.Length];
        int count = 0;
        for (int more; (more = peer.Receive(received.AsSpan(count))) > 0;)
        {
            count += more;
        }

        Assert.Equal(taken, count);
        Data.AssertPattern(received.AsSpan(0, count), count);
        peer.Dispose();
    }

    private async Task<(IoSocket Ours, Socket Peer)> Lingering(TimeSpan linger)
    {
        using IoSocket listener = IoSocket.Create(new SocketOptions { Linger = linger }).Value;
        Assert.Equal(IoError.None, listener.Bind(Transport.Tcp4.FreeEndpoint()));
        Assert.Equal(IoError.None, listener.Listen(5));
        TaskCompletionSource<IoSocket> accepted = Waits.NewSource<IoSocket>();
        Assert.Equal(IoError.None, listener.StartAccept(Loop, (_, error, socket, _) => accepted.Set(error, socket), null));
        Socket peer = SocketPair.NewPeer(listener.GetLocalEndpoint().Value);
        IoSocket ours = await accepted.Task.Within();
        Assert.Equal(IoError.None, ours.AssignTo(Loop));
        return (ours, peer);
    }

    private static string InterfaceOf(IoSocket socket)
    {
        byte[] name = new byte[16];
        int length = Libc.GetOption(socket.Descriptor, SocketConstants.LevelSocket, Abi.Current.Sockets.BindToDevice!.Value, name);
        Assert.InRange(length, 1, 16);
        return System.Text.Encoding.UTF8.GetString(name.AsSpan(0, length)).TrimEnd('\0');
    }
}

using System.Net.Sockets;
using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Sockets;

/// <summary>IPv4 addresses in IPv6's clothes.</summary>
public sealed class MappedAddressTests(LoopFixture fixture) : TransportTest(fixture)
{
    [Fact]
    public async Task A_mapped_address_reaches_an_ipv4_listener()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "This machine has no IPv6.");
        using TestListener listener = TestListener.Listen(Transport.Tcp4, Loop);

        IoSocket client = await SocketPair.Connect(SocketEndpoint.Tcp("::ffff:127.0.0.1", listener.Endpoint.Port), Loop);
        IoSocket server = await listener.Accept();

        Assert.Equal(SocketDomain.IPv6, client.RemoteEndpoint!.Value.Domain);
        Assert.Equal(listener.Endpoint.Port, client.RemoteEndpoint.Value.Port);
        Assert.Equal(("127.0.0.1", SocketDomain.IPv4), (server.RemoteEndpoint!.Value.Address, server.RemoteEndpoint.Value.Domain));
        Assert.Equal(client.GetLocalEndpoint().Value.Port, server.RemoteEndpoint.Value.Port);
        server.Dispose();
        await SocketPair.CloseOn(client);
    }

    [Fact]
    public async Task A_client_of_ipv4_is_told_to_a_listener_of_both_as_a_mapped_address_that_can_be_read_again()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "This machine has no IPv6.");
        Assert.SkipUnless(File.ReadAllText("/proc/sys/net/ipv6/bindv6only").Trim() == "0", "This system's IPv6 listeners take IPv6 only.");
        IoSocket listener = Transport.Tcp6.NewSocket();
        Assert.Equal(IoError.None, listener.Bind(SocketEndpoint.Tcp("::", 0)));
        Assert.Equal(IoError.None, listener.Listen(16));
        TaskCompletionSource<IoSocket> accepted = Waits.NewSource<IoSocket>();
        Assert.Equal(IoError.None, listener.StartAccept(Loop, (_, error, socket, _) => accepted.Set(error, socket), null));

        using Socket peer = SocketPair.NewPeer(SocketEndpoint.Tcp("127.0.0.1", listener.GetLocalEndpoint().Value.Port));
        using IoSocket server = await accepted.Task.Within();

        SocketEndpoint remote = server.RemoteEndpoint!.Value;
        Assert.Equal(SocketDomain.IPv6, remote.Domain);
        Assert.Equal("::ffff:127.0.0.1", remote.Address);
        Assert.Equal(((System.Net.IPEndPoint)peer.LocalEndPoint!).Port, remote.Port);
        Assert.Equal(remote, SocketEndpoint.Tcp(remote.Address, remote.Port));
        await Loop.On(listener.Dispose);
    }
}

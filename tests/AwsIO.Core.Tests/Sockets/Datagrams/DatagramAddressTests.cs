using System.Net.NetworkInformation;
using AwsIO.Tests.Infrastructure.Transports;
using static AwsIO.Tests.Infrastructure.Transports.Datagrams;

namespace AwsIO.Tests.Sockets.Datagrams;

public sealed class DatagramAddressTests(LoopFixture fixture) : TransportTest(fixture)
{
    public static TheoryData<SocketEndpoint> Endpoints =>
    [
        SocketEndpoint.Udp("127.0.0.1", 1),
        SocketEndpoint.Udp("255.255.255.255", 65535),
        SocketEndpoint.Udp("::1", 5353),
        SocketEndpoint.Udp("fe80::1%7", 5353),
        SocketEndpoint.Unix("/run/a.sock"),
        SocketEndpoint.Unix("/" + new string('a', 106)),
        SocketEndpoint.UnixAbstract("a"),
        SocketEndpoint.UnixAbstract(new string('b', 107)),
    ];

    [Theory]
    [MemberData(nameof(Endpoints), DisableDiscoveryEnumeration = true)]
    public void An_endpoint_becomes_an_address_and_comes_back(SocketEndpoint endpoint)
    {
        DatagramAddress address = DatagramAddress.From(endpoint).Value;
        Assert.Equal(endpoint, address.ToEndpoint());
        Assert.Equal(endpoint.ToString(), address.ToString());
        Assert.False(address.IsNone);
        DatagramAddress same = DatagramAddress.From(endpoint).Value;
        Assert.True(address == same && address.Equals(same) && address.Equals((object)same));
        Assert.Equal(address.GetHashCode(), same.GetHashCode());
        DatagramAddress other = DatagramAddress.From(SocketEndpoint.Udp("127.0.0.1", 2)).Value;
        Assert.True(address != other && !address.Equals((object)"other"));
    }

    [Fact]
    public void What_is_no_address_for_datagrams_is_refused()
    {
        Assert.True(default(DatagramAddress).IsNone);
        Assert.Equal(IoErrorCode.SocketInvalidAddress, DatagramAddress.From(SocketEndpoint.Udp("127.0.0.1", 0)).Error.Code);
        Assert.Equal(IoErrorCode.SocketInvalidAddress, DatagramAddress.From(SocketEndpoint.Udp("127.0", 1)).Error.Code);
        Assert.Equal(IoErrorCode.SocketInvalidAddress, DatagramAddress.From(SocketEndpoint.Udp("fe80::1%nosuch0", 1)).Error.Code);
        Assert.Equal(IoErrorCode.SocketInvalidAddress, DatagramAddress.From(SocketEndpoint.Unix("")).Error.Code);
        Assert.Equal(IoErrorCode.SocketInvalidAddress, DatagramAddress.From(SocketEndpoint.Vsock(1, 1)).Error.Code);
    }

    [Fact]
    public async Task A_scoped_address_keeps_its_scope()
    {
        string? scoped = NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(static card => card.GetIPProperties().UnicastAddresses)
            .Select(static unicast => unicast.Address)
            .FirstOrDefault(static address => address.IsIPv6LinkLocal)?.ToString();
        Assert.SkipWhen(scoped is null, "No interface of this machine has a link-local address.");
        IoSocket server = Bound(Transport.Tcp6, Loop, SocketEndpoint.Udp(scoped, 0));
        IoSocket client = Bound(Transport.Tcp6, Loop, SocketEndpoint.Udp(scoped, 0));
        Assert.Equal(scoped, EndpointOf(server).Address);
        Assert.Equal(IoError.None, await Send(client, Bytes("scoped"), AddressOf(server)));
        (byte[] data, DatagramInfo info) = await ReceiveOne(server);
        Assert.Equal("scoped"u8.ToArray(), data);
        Assert.Equal(EndpointOf(client), info.Sender.ToEndpoint());
        await SocketPair.CloseOn(client);
        await SocketPair.CloseOn(server);
    }

    [Fact]
    public async Task Abstract_names_carry_datagrams()
    {
        string name = $"awsio-{Guid.NewGuid():N}";
        IoSocket server = Bound(Transport.Unix, Loop, SocketEndpoint.UnixAbstract(name));
        IoSocket client = Bound(Transport.Unix, Loop, SocketEndpoint.UnixAbstract(""));
        Assert.Equal(IoError.None, await Send(client, Bytes("abstract"), DatagramAddress.From(SocketEndpoint.UnixAbstract(name)).Value));
        (_, DatagramInfo info) = await ReceiveOne(server);
        Assert.True(info.Sender.ToEndpoint().IsAbstract);
        Assert.Equal(EndpointOf(client), info.Sender.ToEndpoint());
        await SocketPair.CloseOn(client);
        await SocketPair.CloseOn(server);
    }

    [Fact]
    public async Task IPv4_reaches_an_IPv6_socket_as_a_mapped_address_that_can_be_answered()
    {
        IoSocket server = Bound(Transport.Tcp6, Loop, SocketEndpoint.Udp("::", 0), static options => options.IPv6Only = false);
        IoSocket client = Bound(Transport.Tcp4, Loop);
        DatagramAddress to = DatagramAddress.From(SocketEndpoint.Udp("127.0.0.1", EndpointOf(server).Port)).Value;
        Assert.Equal(IoError.None, await Send(client, Bytes("four"), to));
        (_, DatagramInfo info) = await ReceiveOne(server);
        Assert.Equal($"[::ffff:127.0.0.1]:{EndpointOf(client).Port}", info.Sender.ToString());
        Assert.Equal(IoError.None, await Send(server, Bytes("six"), info.Sender));
        (byte[] answer, info) = await ReceiveOne(client);
        Assert.Equal("six"u8.ToArray(), answer);
        Assert.Equal(to, info.Sender);
        await SocketPair.CloseOn(client);
        await SocketPair.CloseOn(server);
    }
}

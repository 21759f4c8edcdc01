using System.Net;
using System.Text;
using AwsIO.Native.Unix;

namespace AwsIO.Tests.NativeCalls;

public sealed class SockAddrTests
{
    [Fact]
    public void An_ipv4_address_has_the_systems_form()
    {
        byte[] address = Dirty();
        int length = SockAddr.WriteIPv4(address, [192, 0, 2, 7], 0x1234);
        SocketAddress expected = new IPEndPoint(new IPAddress([192, 0, 2, 7]), 0x1234).Serialize();
        Assert.Equal(Bytes(expected), address[..length]);
        Assert.Equal(2, SockAddr.Family(address));
        Assert.Equal(0x1234, SockAddr.Port(address));
        Assert.Equal([192, 0, 2, 7], SockAddr.IPv4(address).ToArray());
    }

    [Fact]
    public void An_ipv6_address_has_the_systems_form_with_its_scope()
    {
        IPAddress ip = IPAddress.Parse("fe80::1234:5678%3");
        byte[] address = Dirty();
        int length = SockAddr.WriteIPv6(address, ip.GetAddressBytes(), 65535, (uint)ip.ScopeId);
        Assert.Equal(Bytes(new IPEndPoint(ip, 65535).Serialize()), address[..length]);
        Assert.Equal(10, SockAddr.Family(address));
        Assert.Equal(65535, SockAddr.Port(address));
        Assert.Equal(3u, SockAddr.Scope(address));
        Assert.Equal(ip.GetAddressBytes(), SockAddr.IPv6(address).ToArray());
    }

    [Theory]
    [InlineData("/tmp/a")]
    [InlineData("x")]
    [InlineData("/tmp/ünï-codé")]
    public void A_unix_path_has_its_bytes_and_a_nul(string path)
    {
        byte[] address = Dirty();
        byte[] bytes = Encoding.UTF8.GetBytes(path);
        int length = SockAddr.WriteUnix(address, bytes);
        Assert.Equal(2 + bytes.Length + 1, length);
        Assert.Equal([1, 0, .. bytes, 0], address[..length]);
        Assert.Equal(bytes, SockAddr.UnixPath(address.AsSpan(0, length)).ToArray());
    }

    [Fact]
    public void The_longest_unix_path_fits_the_structure_of_the_system()
    {
        byte[] path = [.. Enumerable.Repeat((byte)'x', SockAddr.MaxUnixPath)];
        byte[] address = Dirty();
        Assert.Equal(110, SockAddr.WriteUnix(address, path));
        Assert.Equal(path, SockAddr.UnixPath(address.AsSpan(0, 110)).ToArray());
    }

    [Fact]
    public void An_unnamed_socket_has_no_path_and_no_address_no_family()
    {
        Assert.Empty(SockAddr.UnixPath([1, 0]).ToArray());
        Assert.Equal(0, SockAddr.Family([]));
    }

    private static byte[] Dirty()
    {
        byte[] bytes = new byte[SockAddr.MaxSize];
        bytes.AsSpan().Fill(0xEE);
        return bytes;
    }

    private static byte[] Bytes(SocketAddress address) =>
        [.. Enumerable.Range(0, address.Size).Select(i => address[i])];
}

using System.Net;

namespace AwsIO.Tests.Sockets;

public sealed class SocketAddressTests
{
    [Theory]
    [InlineData("0.0.0.0", 0x00000000u)]
    [InlineData("127.0.0.1", 0x7F000001u)]
    [InlineData("255.255.255.255", 0xFFFFFFFFu)]
    [InlineData("192.168.1.254", 0xC0A801FEu)]
    [InlineData("10.0.200.3", 0x0A00C803u)]
    [Trait("Upstream", "parse_ipv4_valid_addresses")]
    public void A_dotted_quad_is_parsed_into_network_order(string text, uint expected)
    {
        byte[] address = new byte[4];

        Assert.True(SocketAddressText.TryParseIPv4(text, address));
        Assert.Equal(expected, System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(address));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("...")]
    [InlineData("256.0.0.1")]
    [InlineData("1.2.3")]
    [InlineData("1.2.3.")]
    [InlineData(".1.2.3")]
    [InlineData("1.2.3.4.")]
    [InlineData("1.2.3.4.5")]
    [InlineData("1..2.3")]
    [InlineData("1.2.3.-4")]
    [InlineData("1.2.3.+4")]
    [InlineData("1.2.3.4 ")]
    [InlineData(" 1.2.3.4")]
    [InlineData("1.2.3.a")]
    [InlineData("1.2.3.04")]
    [InlineData("00.0.0.0")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("2130706433")]
    [InlineData("1.2.3.4294967297")]
    [InlineData("::1")]
    [InlineData("localhost")]
    [Trait("Upstream", "parse_ipv4_invalid_addresses")]
    public void Anything_else_is_no_ipv4_address(string text)
    {
        Assert.False(SocketAddressText.TryParseIPv4(text, new byte[4]));
        Assert.Equal(IoErrorCode.SocketInvalidAddress, Write(new SocketEndpoint(SocketDomain.IPv4, text, 1)).Code);
    }

    [Theory]
    [InlineData("::", "00000000000000000000000000000000")]
    [InlineData("::1", "00000000000000000000000000000001")]
    [InlineData("2001:db8::8a2e:370:7334", "20010DB800000000000 08A2E03707334")]
    [InlineData("2001:0DB8:0000:0000:0000:8A2E:0370:7334", "20010DB80000000000008A2E03707334")]
    [InlineData("1:2:3:4:5:6:7:8", "00010002000300040005000600070008")]
    [InlineData("1::8", "00010000000000000000000000000008")]
    [InlineData("fe80::1", "FE800000000000000000000000000001")]
    [InlineData("::ffff:192.0.2.128", "00000000000000000000FFFFC0000280")]
    [Trait("Upstream", "parse_ipv6_valid_addresses")]
    public void Every_form_of_an_ipv6_address_is_parsed(string text, string expected)
    {
        byte[] address = new byte[16];

        Assert.True(SocketAddressText.TryParseIPv6(text, address, out uint scope));
        Assert.Equal(expected.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexString(address));
        Assert.Equal(0u, scope);
    }

    [Theory]
    [InlineData("")]
    [InlineData(":")]
    [InlineData(":::")]
    [InlineData("1:2:3:4:5:6:7")]
    [InlineData("1:2:3:4:5:6:7:8:9")]
    [InlineData("1::2::3")]
    [InlineData("12345::1")]
    [InlineData("g::1")]
    [InlineData("[::1]")]
    [InlineData("[::1]:80")]
    [InlineData("::1/64")]
    [InlineData("::ffff:192.0.2.256")]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    [Trait("Upstream", "parse_ipv6_invalid_addresses")]
    public void Anything_else_is_no_ipv6_address(string text)
    {
        Assert.False(SocketAddressText.TryParseIPv6(text, new byte[16], out _));
        Assert.Equal(IoErrorCode.SocketInvalidAddress, Write(new SocketEndpoint(SocketDomain.IPv6, text, 1)).Code);
    }

    [Fact]
    public void A_scope_is_kept()
    {
        byte[] address = new byte[16];
        Assert.True(SocketAddressText.TryParseIPv6("fe80::1%7", address, out uint scope));
        Assert.Equal(7u, scope);

        Span<byte> native = stackalloc byte[Native.Unix.SockAddr.MaxSize];
        Assert.Equal(IoError.None, SocketAddressText.TryWrite(SocketEndpoint.Tcp("fe80::1%7", 80), native, out int length));
        Assert.Equal(SocketEndpoint.Tcp("fe80::1%7", 80), SocketAddressText.Read(native[..length]));
    }

    [Fact]
    public void Random_addresses_survive_the_way_to_the_kernels_form_and_back()
    {
        int seed = Random.Shared.Next();
        Random random = new(seed);
        for (int i = 0; i < 2000; i++)
        {
            byte[] bytes = new byte[i % 2 == 0 ? 4 : 16];
            random.NextBytes(bytes);
            for (int zeros = random.Next(bytes.Length); zeros > 0; zeros--)
            {
                bytes[random.Next(bytes.Length)] = 0;
            }

            SocketEndpoint endpoint = SocketEndpoint.Tcp(new IPAddress(bytes).ToString(), random.Next(65536));
            byte[] native = new byte[Native.Unix.SockAddr.MaxSize];
            IoError error = SocketAddressText.TryWrite(endpoint, native, out int length);

            Assert.True(error.IsNone, $"Seed {seed}: {endpoint}: {error}");
            Assert.Equal(endpoint, SocketAddressText.Read(native.AsSpan(0, length)));
        }
    }

    [Theory]
    [InlineData(107, true)]
    [InlineData(108, false)]
    public void A_unix_path_is_limited_by_its_bytes(int bytes, bool valid)
    {
        string path = "/é" + new string('x', bytes - 3);
        byte[] native = new byte[Native.Unix.SockAddr.MaxSize];
        IoError error = SocketAddressText.TryWrite(SocketEndpoint.Unix(path), native, out int length);

        Assert.Equal(valid ? IoErrorCode.Success : IoErrorCode.SocketInvalidAddress, error.Code);
        if (valid)
        {
            Assert.Equal(SocketEndpoint.Unix(path), SocketAddressText.Read(native.AsSpan(0, length)));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("/a\0b")]
    public void A_unix_path_is_neither_empty_nor_has_it_a_nul(string path) =>
        Assert.Equal(IoErrorCode.SocketInvalidAddress, Write(SocketEndpoint.Unix(path)).Code);

    [Theory]
    [InlineData(SocketDomain.IPv4)]
    [InlineData(SocketDomain.IPv6)]
    [Trait("Upstream", "socket_validate_port")]
    public void Ports_go_from_one_for_connecting_and_from_zero_for_binding(SocketDomain domain)
    {
        (int Port, bool Connect, bool Bind)[] expected =
        [
            (int.MinValue, false, false), (-1, false, false), (0, false, true), (1, true, true), (80, true, true),
            (65535, true, true), (65536, false, false), (int.MaxValue, false, false),
        ];
        foreach ((int port, bool connect, bool bind) in expected)
        {
            SocketEndpoint endpoint = new(domain, "", port);
            Assert.Equal(connect ? IoErrorCode.Success : IoErrorCode.SocketInvalidAddress, endpoint.ValidateForConnect().Code);
            Assert.Equal(bind ? IoErrorCode.Success : IoErrorCode.SocketInvalidAddress, endpoint.ValidateForBind().Code);
        }

        Assert.Equal(IoError.None, SocketEndpoint.Unix("/a").ValidateForConnect());
        Assert.Equal(IoError.None, SocketEndpoint.Unix("/a").ValidateForBind());
    }

    [Theory]
    [InlineData("127.0.0.1", 80, "127.0.0.1:80", SocketDomain.IPv4)]
    [InlineData("::1", 80, "[::1]:80", SocketDomain.IPv6)]
    public void An_endpoint_reads_as_people_write_it(string address, int port, string text, SocketDomain domain)
    {
        SocketEndpoint endpoint = SocketEndpoint.Tcp(address, port);

        Assert.Equal(text, endpoint.ToString());
        Assert.Equal(domain, endpoint.Domain);
        Assert.Equal("/run/a.sock", SocketEndpoint.Unix("/run/a.sock").ToString());
    }

    private static IoError Write(SocketEndpoint endpoint) =>
        SocketAddressText.TryWrite(endpoint, new byte[Native.Unix.SockAddr.MaxSize], out _);
}

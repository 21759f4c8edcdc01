using System.Text;
using AwsIO.Native.Platform;

namespace AwsIO.Tests.NativeCalls.Platform;

public sealed class SockAddrLayoutTests
{
    private static readonly byte[] s_address = [.. Enumerable.Range(1, 16).Select(static i => (byte)i)];

    [Theory]
    [InlineData(AbiKind.Linux, "02 00 1F 90 7F 00 00 01 00 00 00 00 00 00 00 00")]
    [InlineData(AbiKind.Darwin, "10 02 1F 90 7F 00 00 01 00 00 00 00 00 00 00 00")]
    [InlineData(AbiKind.FreeBsd, "10 02 1F 90 7F 00 00 01 00 00 00 00 00 00 00 00")]
    internal void An_IPv4_address_has_its_platforms_bytes(AbiKind kind, string expected)
    {
        SockAddrLayout layout = Of(kind);
        byte[] bytes = Written(destination => layout.WriteIPv4(destination, [127, 0, 0, 1], 8080));

        Assert.Equal(expected, Hex(bytes));
        Assert.Equal(2, layout.Family(bytes));
        Assert.Equal(8080, SockAddrLayout.Port(bytes));
        Assert.Equal([127, 0, 0, 1], SockAddrLayout.IPv4(bytes).ToArray());
    }

    [Theory]
    [InlineData(AbiKind.Linux, "0A 00 01 BB 00 00 00 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 07 00 00 00", 10)]
    [InlineData(AbiKind.Darwin, "1C 1E 01 BB 00 00 00 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 07 00 00 00", 30)]
    [InlineData(AbiKind.FreeBsd, "1C 1C 01 BB 00 00 00 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 07 00 00 00", 28)]
    internal void An_IPv6_address_has_its_platforms_bytes(AbiKind kind, string expected, int family)
    {
        SockAddrLayout layout = Of(kind);
        byte[] bytes = Written(destination => layout.WriteIPv6(destination, s_address, 443, 7));

        Assert.Equal(expected, Hex(bytes));
        Assert.Equal(family, layout.Family(bytes));
        Assert.Equal(443, SockAddrLayout.Port(bytes));
        Assert.Equal(s_address, SockAddrLayout.IPv6(bytes).ToArray());
        Assert.Equal(7u, SockAddrLayout.Scope(bytes));
    }

    [Theory]
    [InlineData(AbiKind.Linux, "01 00 2F 61 00")]
    [InlineData(AbiKind.Darwin, "05 01 2F 61 00")]
    [InlineData(AbiKind.FreeBsd, "05 01 2F 61 00")]
    internal void A_path_has_its_platforms_bytes(AbiKind kind, string expected)
    {
        SockAddrLayout layout = Of(kind);
        byte[] bytes = Written(destination => layout.WriteUnix(destination, "/a"u8));

        Assert.Equal(expected, Hex(bytes));
        Assert.Equal(1, layout.Family(bytes));
        Assert.Equal("/a", Encoding.UTF8.GetString(SockAddrLayout.UnixPath(bytes)));
    }

    [Theory]
    [InlineData(AbiKind.Linux, 107)]
    [InlineData(AbiKind.Darwin, 103)]
    [InlineData(AbiKind.FreeBsd, 103)]
    internal void The_longest_path_fills_the_structure_with_its_nul(AbiKind kind, int longest)
    {
        SockAddrLayout layout = Of(kind);
        Assert.Equal(longest, layout.MaxUnixPath);
        byte[] path = [.. Enumerable.Repeat((byte)'p', longest)];
        byte[] bytes = Written(destination => layout.WriteUnix(destination, path));
        Assert.Equal(layout.UnixSize, bytes.Length);
        Assert.Equal(path, SockAddrLayout.UnixPath(bytes).ToArray());
    }

    [Fact]
    public void An_abstract_name_is_as_long_as_its_address_and_Linuxs_alone()
    {
        SockAddrLayout linux = Abi.Linux.Addresses;
        byte[] bytes = Written(destination => linux.WriteAbstract(destination, "a\0b"u8));
        Assert.Equal("01 00 00 61 00 62", Hex(bytes));
        Assert.True(linux.IsAbstract(bytes));
        Assert.Equal("a\0b", Encoding.UTF8.GetString(SockAddrLayout.AbstractName(bytes)));
        Assert.Equal("01 00", Hex(Written(destination => linux.WriteAbstract(destination, []))));
        Assert.False(linux.IsAbstract([1, 0]));
        Assert.False(linux.IsAbstract([1, 0, 0x2F]));
        Assert.False(Abi.Darwin.Addresses.IsAbstract(new byte[16]) || Abi.FreeBsd.Addresses.IsAbstract(new byte[16]));
        Assert.Equal([false, false, true], AbiTable.All.Select(static abi => abi.Addresses.HasAbstractNames));
    }

    [Fact]
    public void A_VSOCK_address_has_its_port_and_context_id_in_the_machines_order()
    {
        byte[] bytes = Written(static destination => Abi.Linux.Addresses.WriteVsock(destination, 3, 0xFFFFFFFE));
        Assert.Equal("28 00 00 00 FE FF FF FF 03 00 00 00 00 00 00 00", Hex(bytes));
        Assert.Equal((3u, 0xFFFFFFFEu), (SockAddrLayout.VsockCid(bytes), SockAddrLayout.VsockPort(bytes)));
        Assert.Equal([null, null, 40], AbiTable.All.Select(static abi => abi.Addresses.FamilyVsock));
    }

    [Fact]
    public void What_a_bsd_gives_for_an_unnamed_socket_is_an_empty_path()
    {
        byte[] unnamed = new byte[16];
        unnamed[0] = 16;
        unnamed[1] = 1;
        Assert.Equal(1, Abi.Darwin.Addresses.Family(unnamed));
        Assert.True(SockAddrLayout.UnixPath(unnamed).IsEmpty);
        Assert.Equal(0, Abi.Darwin.Addresses.Family([]));
    }

    [Fact]
    public void Nothing_is_left_of_what_was_in_the_memory_before()
    {
        foreach (Abi abi in AbiTable.All)
        {
            byte[] dirty = [.. Enumerable.Repeat((byte)0xEE, SockAddrLayout.StorageSize)];
            int length = abi.Addresses.WriteIPv4(dirty, [1, 2, 3, 4], 0x0102);
            Assert.Equal(16, length);
            Assert.Equal(new byte[8], dirty[8..16]);
            length = abi.Addresses.WriteIPv6(dirty, s_address, 1, 0);
            Assert.Equal(28, length);
            Assert.Equal(new byte[4], dirty[4..8]);
            Assert.Equal((byte)0xEE, dirty[28]);
        }
    }

    private static SockAddrLayout Of(AbiKind kind) => AbiTable.All.Single(abi => abi.Kind == kind).Addresses;

    private static byte[] Written(Func<byte[], int> write)
    {
        byte[] bytes = new byte[SockAddrLayout.StorageSize];
        return bytes[..write(bytes)];
    }

    private static string Hex(byte[] bytes) => string.Join(' ', bytes.Select(static b => b.ToString("X2")));
}

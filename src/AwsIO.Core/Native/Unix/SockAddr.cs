using AwsIO.Native.Platform;

namespace AwsIO.Native.Unix;

/// <summary>Writes and reads <c>struct sockaddr_*</c>, as this platform lays them out.</summary>
internal static class SockAddr
{
    /// <summary>Room for any address that AwsIO knows.</summary>
    internal const int MaxSize = SockAddrLayout.StorageSize;

    /// <summary>The most bytes that a Unix domain path may have; one more is its closing NUL.</summary>
    internal static readonly int MaxUnixPath = Abi.Current.Addresses.MaxUnixPath;

    /// <summary>Whether there are VSOCK sockets.</summary>
    internal static readonly bool HasVsock = Abi.Current.Addresses.FamilyVsock is not null;

    /// <summary>Whether Unix domain sockets may have names that are no paths.</summary>
    internal static readonly bool HasAbstractNames = Abi.Current.Addresses.HasAbstractNames;

    private static readonly SockAddrLayout s_layout = Abi.Current.Addresses;

    /// <summary>The address family of a socket address.</summary>
    internal static int Family(ReadOnlySpan<byte> address) => s_layout.Family(address);

    /// <summary>Writes an IPv4 address and gives its length.</summary>
    internal static int WriteIPv4(Span<byte> destination, ReadOnlySpan<byte> address, ushort port) =>
        s_layout.WriteIPv4(destination, address, port);

    /// <summary>Writes an IPv6 address and gives its length.</summary>
    internal static int WriteIPv6(Span<byte> destination, ReadOnlySpan<byte> address, ushort port, uint scope) =>
        s_layout.WriteIPv6(destination, address, port, scope);

    /// <summary>Writes a Unix domain path (at most <see cref="MaxUnixPath"/> bytes) and gives the address's length.</summary>
    internal static int WriteUnix(Span<byte> destination, ReadOnlySpan<byte> path) => s_layout.WriteUnix(destination, path);

    /// <summary>Writes an abstract name (at most <see cref="MaxUnixPath"/> bytes) and gives the address's length.</summary>
    internal static int WriteAbstract(Span<byte> destination, ReadOnlySpan<byte> name) => s_layout.WriteAbstract(destination, name);

    /// <summary>Whether a Unix domain address is an abstract name.</summary>
    internal static bool IsAbstract(ReadOnlySpan<byte> address) => s_layout.IsAbstract(address);

    /// <summary>The bytes of an abstract name.</summary>
    internal static ReadOnlySpan<byte> AbstractName(ReadOnlySpan<byte> address) => SockAddrLayout.AbstractName(address);

    /// <summary>Writes a VSOCK address and gives its length.</summary>
    internal static int WriteVsock(Span<byte> destination, uint cid, uint port) => s_layout.WriteVsock(destination, cid, port);

    /// <summary>Whether an address is one of VSOCK.</summary>
    internal static bool IsVsock(ReadOnlySpan<byte> address) => HasVsock && s_layout.Family(address) == s_layout.FamilyVsock;

    /// <summary>The context id of a VSOCK address.</summary>
    internal static uint VsockCid(ReadOnlySpan<byte> address) => SockAddrLayout.VsockCid(address);

    /// <summary>The port of a VSOCK address.</summary>
    internal static uint VsockPort(ReadOnlySpan<byte> address) => SockAddrLayout.VsockPort(address);

    /// <summary>The port of an IPv4 or IPv6 address.</summary>
    internal static int Port(ReadOnlySpan<byte> address) => SockAddrLayout.Port(address);

    /// <summary>The four bytes of an IPv4 address.</summary>
    internal static ReadOnlySpan<byte> IPv4(ReadOnlySpan<byte> address) => SockAddrLayout.IPv4(address);

    /// <summary>The sixteen bytes of an IPv6 address.</summary>
    internal static ReadOnlySpan<byte> IPv6(ReadOnlySpan<byte> address) => SockAddrLayout.IPv6(address);

    /// <summary>The scope of an IPv6 address; 0 for none.</summary>
    internal static uint Scope(ReadOnlySpan<byte> address) => SockAddrLayout.Scope(address);

    /// <summary>The path of a Unix domain address, without its NUL; empty for an unnamed socket.</summary>
    internal static ReadOnlySpan<byte> UnixPath(ReadOnlySpan<byte> address) => SockAddrLayout.UnixPath(address);
}

using AwsIO.Native.Platform;

namespace AwsIO.Native.Unix;

/// <summary>Writes and reads <c>struct sockaddr_*</c>, as this platform lays them out.</summary>
internal static class SockAddr
{
    /// <summary>Room for any address that AwsIO knows.</summary>
    internal const int MaxSize = SockAddrLayout.StorageSize;

    /// <summary>The most bytes that a Unix domain path may have; one more is its closing NUL.</summary>
    internal static readonly int MaxUnixPath = Abi.Current.Addresses.MaxUnixPath;

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

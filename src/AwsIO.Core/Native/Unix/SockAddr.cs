using System.Buffers.Binary;

namespace AwsIO.Native.Unix;

/// <summary>Writes and reads <c>struct sockaddr_*</c>, as Linux lays them out.</summary>
internal static class SockAddr
{
    /// <summary>Room for any address that AwsIO knows.</summary>
    internal const int MaxSize = 128;

    /// <summary>The most bytes that a Unix domain path may have; one more is its closing NUL.</summary>
    internal const int MaxUnixPath = 107;

    private const int IPv4Size = 16;
    private const int IPv6Size = 28;
    private const int PathOffset = 2;

    /// <summary>The address family of a socket address.</summary>
    internal static int Family(ReadOnlySpan<byte> address) =>
        address.Length < 2 ? 0 : BitConverter.ToUInt16(address);

    /// <summary>Writes an IPv4 address and gives its length.</summary>
    internal static int WriteIPv4(Span<byte> destination, ReadOnlySpan<byte> address, ushort port)
    {
        destination[..IPv4Size].Clear();
        BitConverter.TryWriteBytes(destination, (ushort)SocketConstants.FamilyIPv4);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], port);
        address.CopyTo(destination[4..]);
        return IPv4Size;
    }

    /// <summary>Writes an IPv6 address and gives its length.</summary>
    internal static int WriteIPv6(Span<byte> destination, ReadOnlySpan<byte> address, ushort port, uint scope)
    {
        destination[..IPv6Size].Clear();
        BitConverter.TryWriteBytes(destination, (ushort)SocketConstants.FamilyIPv6);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], port);
        address.CopyTo(destination[8..]);
        BitConverter.TryWriteBytes(destination[24..], scope);
        return IPv6Size;
    }

    /// <summary>Writes a Unix domain path (at most <see cref="MaxUnixPath"/> bytes) and gives the address's length.</summary>
    internal static int WriteUnix(Span<byte> destination, ReadOnlySpan<byte> path)
    {
        destination[..(PathOffset + path.Length + 1)].Clear();
        BitConverter.TryWriteBytes(destination, (ushort)SocketConstants.FamilyUnix);
        path.CopyTo(destination[PathOffset..]);
        return PathOffset + path.Length + 1;
    }

    /// <summary>The port of an IPv4 or IPv6 address.</summary>
    internal static int Port(ReadOnlySpan<byte> address) => BinaryPrimitives.ReadUInt16BigEndian(address[2..]);

    /// <summary>The four bytes of an IPv4 address.</summary>
    internal static ReadOnlySpan<byte> IPv4(ReadOnlySpan<byte> address) => address.Slice(4, 4);

    /// <summary>The sixteen bytes of an IPv6 address.</summary>
    internal static ReadOnlySpan<byte> IPv6(ReadOnlySpan<byte> address) => address.Slice(8, 16);

    /// <summary>The scope of an IPv6 address; 0 for none.</summary>
    internal static uint Scope(ReadOnlySpan<byte> address) => BitConverter.ToUInt32(address[24..]);

    /// <summary>The path of a Unix domain address, without its NUL; empty for an unnamed socket.</summary>
    internal static ReadOnlySpan<byte> UnixPath(ReadOnlySpan<byte> address)
    {
        if (address.Length <= PathOffset)
        {
            return [];
        }

        ReadOnlySpan<byte> path = address[PathOffset..];
        int end = path.IndexOf((byte)0);
        return end < 0 ? path : path[..end];
    }
}

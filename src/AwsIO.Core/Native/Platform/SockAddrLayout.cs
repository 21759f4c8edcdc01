using System.Buffers.Binary;

namespace AwsIO.Native.Platform;

/// <summary>
/// Writes and reads <c>struct sockaddr_*</c> of one platform. Linux begins them with a family of 16 bits; the BSDs with a byte for
/// the length and one for the family. What follows is the same, but for the room that a path has.
/// </summary>
internal sealed record SockAddrLayout
{
    internal const int IPv4Size = 16;
    internal const int IPv6Size = 28;
    internal const int StorageSize = 128;

    private const int PortOffset = 2;
    private const int IPv4Offset = 4;
    private const int IPv6Offset = 8;
    private const int ScopeOffset = 24;
    private const int PathOffset = 2;
    internal const int VsockSize = 16;
    internal const int VsockPortOffset = 4;
    internal const int VsockCidOffset = 8;

    /// <summary>Whether the first byte is the length.</summary>
    internal required bool HasLength { get; init; }

    internal required int FamilyUnix { get; init; }

    internal required int FamilyIPv4 { get; init; }

    internal required int FamilyIPv6 { get; init; }

    /// <summary>AF_VSOCK; null where AwsIO does not have such sockets.</summary>
    internal required int? FamilyVsock { get; init; }

    /// <summary>Whether a Unix domain address whose path begins with a NUL is a name of its own, as long as the address is.</summary>
    internal required bool HasAbstractNames { get; init; }

    /// <summary>Bytes of <c>struct sockaddr_un</c>.</summary>
    internal required int UnixSize { get; init; }

    /// <summary>The most bytes that a Unix domain path may have; one more is its closing NUL.</summary>
    internal int MaxUnixPath => UnixSize - PathOffset - 1;

    /// <summary>The address family of a socket address, as this platform numbers it; 0 for none.</summary>
    internal int Family(ReadOnlySpan<byte> address) =>
        address.Length < 2 ? 0 : HasLength ? address[1] : BitConverter.ToUInt16(address);

    /// <summary>Writes an IPv4 address and gives its length.</summary>
    internal int WriteIPv4(Span<byte> destination, ReadOnlySpan<byte> address, ushort port)
    {
        WriteHead(destination, FamilyIPv4, IPv4Size);
        BinaryPrimitives.WriteUInt16BigEndian(destination[PortOffset..], port);
        address.CopyTo(destination[IPv4Offset..]);
        return IPv4Size;
    }

    /// <summary>Writes an IPv6 address and gives its length.</summary>
    internal int WriteIPv6(Span<byte> destination, ReadOnlySpan<byte> address, ushort port, uint scope)
    {
        WriteHead(destination, FamilyIPv6, IPv6Size);
        BinaryPrimitives.WriteUInt16BigEndian(destination[PortOffset..], port);
        address.CopyTo(destination[IPv6Offset..]);
        BitConverter.TryWriteBytes(destination[ScopeOffset..], scope);
        return IPv6Size;
    }

    /// <summary>Writes a Unix domain path (at most <see cref="MaxUnixPath"/> bytes) and gives the address's length.</summary>
    internal int WriteUnix(Span<byte> destination, ReadOnlySpan<byte> path)
    {
        int length = PathOffset + path.Length + 1;
        WriteHead(destination, FamilyUnix, length);
        path.CopyTo(destination[PathOffset..]);
        return length;
    }

    /// <summary>
    /// Writes an abstract name (at most <see cref="MaxUnixPath"/> bytes) and gives the address's length. An empty one stands for a name
    /// that the system chooses.
    /// </summary>
    internal int WriteAbstract(Span<byte> destination, ReadOnlySpan<byte> name)
    {
        int length = name.IsEmpty ? PathOffset : PathOffset + 1 + name.Length;
        WriteHead(destination, FamilyUnix, length);
        if (!name.IsEmpty)
        {
            name.CopyTo(destination[(PathOffset + 1)..]);
        }

        return length;
    }

    /// <summary>Writes a VSOCK address and gives its length.</summary>
    internal int WriteVsock(Span<byte> destination, uint cid, uint port)
    {
        WriteHead(destination, FamilyVsock!.Value, VsockSize);
        BitConverter.TryWriteBytes(destination[VsockPortOffset..], port);
        BitConverter.TryWriteBytes(destination[VsockCidOffset..], cid);
        return VsockSize;
    }

    /// <summary>Whether a Unix domain address is an abstract name.</summary>
    internal bool IsAbstract(ReadOnlySpan<byte> address) => HasAbstractNames && address.Length > PathOffset && address[PathOffset] == 0;

    /// <summary>The bytes of an abstract name.</summary>
    internal static ReadOnlySpan<byte> AbstractName(ReadOnlySpan<byte> address) => address[(PathOffset + 1)..];

    /// <summary>The context id of a VSOCK address.</summary>
    internal static uint VsockCid(ReadOnlySpan<byte> address) => BitConverter.ToUInt32(address[VsockCidOffset..]);

    /// <summary>The port of a VSOCK address.</summary>
    internal static uint VsockPort(ReadOnlySpan<byte> address) => BitConverter.ToUInt32(address[VsockPortOffset..]);

    /// <summary>The port of an IPv4 or IPv6 address.</summary>
    internal static int Port(ReadOnlySpan<byte> address) => BinaryPrimitives.ReadUInt16BigEndian(address[PortOffset..]);

    /// <summary>The four bytes of an IPv4 address.</summary>
    internal static ReadOnlySpan<byte> IPv4(ReadOnlySpan<byte> address) => address.Slice(IPv4Offset, 4);

    /// <summary>The sixteen bytes of an IPv6 address.</summary>
    internal static ReadOnlySpan<byte> IPv6(ReadOnlySpan<byte> address) => address.Slice(IPv6Offset, 16);

    /// <summary>The scope of an IPv6 address; 0 for none.</summary>
    internal static uint Scope(ReadOnlySpan<byte> address) => BitConverter.ToUInt32(address[ScopeOffset..]);

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

    private void WriteHead(Span<byte> destination, int family, int length)
    {
        destination[..length].Clear();
        if (HasLength)
        {
            destination[0] = (byte)length;
            destination[1] = (byte)family;
        }
        else
        {
            BitConverter.TryWriteBytes(destination, (ushort)family);
        }
    }
}

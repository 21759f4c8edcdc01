using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using AwsIO.Native.Unix;

namespace AwsIO;

/// <summary>Between endpoints in text and the kernel's addresses.</summary>
internal static class SocketAddressText
{
    /// <summary>Parses a dotted quad: four decimal parts, nothing else (<c>aws_parse_ipv4_address</c>).</summary>
    internal static bool TryParseIPv4(ReadOnlySpan<char> text, Span<byte> address)
    {
        int part = 0;
        int value = -1;
        foreach (char c in text)
        {
            if (c == '.')
            {
                if (value < 0 || part == 3)
                {
                    return false;
                }

                address[part++] = (byte)value;
                value = -1;
            }
            else if (c is < '0' or > '9' || value == 0)
            {
                // Nothing but digits, and no leading zero, which some programs would read as octal.
                return false;
            }
            else
            {
                value = (Math.Max(value, 0) * 10) + (c - '0');
                if (value > 255)
                {
                    return false;
                }
            }
        }

        if (part != 3 || value < 0)
        {
            return false;
        }

        address[3] = (byte)value;
        return true;
    }

    /// <summary>
    /// Parses an IPv6 address, with a scope or without (<c>aws_parse_ipv6_address</c>). A scope is a number, or the name of one of this
    /// machine's interfaces.
    /// </summary>
    internal static bool TryParseIPv6(string text, Span<byte> address, out uint scope)
    {
        scope = 0;
        int percent = text.IndexOf('%', StringComparison.Ordinal);
        ReadOnlySpan<char> digits = percent < 0 ? text : text.AsSpan(0, percent);
        return digits.Contains(':') && digits.IndexOfAny('[', '/') < 0
            && IPAddress.TryParse(digits, out IPAddress? parsed) && parsed.AddressFamily == AddressFamily.InterNetworkV6
            && (percent < 0 || TryParseScope(text[(percent + 1)..], out scope))
            && parsed.TryWriteBytes(address, out _);
    }

    private static bool TryParseScope(string text, out uint scope)
    {
        if (uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out scope))
        {
            return true;
        }

        scope = SocketOptions.IsInterfaceName(text) ? LibcInterfaces.IndexOf(text) : 0;
        return scope != 0;
    }

    /// <summary>Writes an endpoint as the kernel wants it.</summary>
    /// <returns><see cref="IoErrorCode.SocketInvalidAddress"/> with the reason, or no error.</returns>
    internal static IoError TryWrite(in SocketEndpoint endpoint, Span<byte> destination, out int length)
    {
        Span<byte> address = stackalloc byte[16];
        length = 0;
        switch (endpoint.Domain)
        {
            case SocketDomain.IPv4 when TryParseIPv4(endpoint.Address, address):
                length = SockAddr.WriteIPv4(destination, address[..4], (ushort)endpoint.Port);
                return IoError.None;
            case SocketDomain.IPv6 when TryParseIPv6(endpoint.Address, address, out uint scope):
                length = SockAddr.WriteIPv6(destination, address, (ushort)endpoint.Port, scope);
                return IoError.None;
            case SocketDomain.Local:
                return TryWritePath(endpoint.Address, destination, out length);
            case SocketDomain.Vsock when SockAddr.HasVsock:
                length = SockAddr.WriteVsock(destination, endpoint.VsockCid, endpoint.VsockPort);
                return IoError.None;
            case SocketDomain.Vsock:
                return new IoError(IoErrorCode.PlatformNotSupported, $"'{endpoint}' cannot be used: only Linux has VSOCK sockets.");
            case SocketDomain.IPv6 when endpoint.Address.Contains('%', StringComparison.Ordinal):
                return new IoError(
                    IoErrorCode.SocketInvalidAddress,
                    $"'{endpoint.Address}' is not an IPv6 address, or what is behind its '%' is neither a number nor an interface of this machine.");
            default:
                return new IoError(
                    IoErrorCode.SocketInvalidAddress, $"'{endpoint.Address}' is not an {endpoint.Domain} address.");
        }
    }

    /// <summary>Reads an endpoint from the kernel's form.</summary>
    internal static SocketEndpoint Read(ReadOnlySpan<byte> address)
    {
        int family = SockAddr.Family(address);
        if (family == SocketConstants.FamilyIPv4)
        {
            return new SocketEndpoint(
                SocketDomain.IPv4, new IPAddress(SockAddr.IPv4(address)).ToString(), SockAddr.Port(address));
        }

        if (family == SocketConstants.FamilyIPv6)
        {
            return new SocketEndpoint(
                SocketDomain.IPv6,
                new IPAddress(SockAddr.IPv6(address), SockAddr.Scope(address)).ToString(),
                SockAddr.Port(address));
        }

        if (SockAddr.IsVsock(address))
        {
            return SocketEndpoint.Vsock(SockAddr.VsockCid(address), SockAddr.VsockPort(address));
        }

        return SockAddr.IsAbstract(address)
            ? SocketEndpoint.UnixAbstract(Encoding.UTF8.GetString(SockAddr.AbstractName(address)))
            : SocketEndpoint.Unix(Encoding.UTF8.GetString(SockAddr.UnixPath(address)));
    }

    private static IoError TryWritePath(string path, Span<byte> destination, out int length)
    {
        length = 0;
        if (path is ['\0', ..])
        {
            return TryWriteAbstract(path, destination, out length);
        }

        int size = Encoding.UTF8.GetByteCount(path);
        if (size == 0 || size > SockAddr.MaxUnixPath || path.Contains('\0', StringComparison.Ordinal))
        {
            return new IoError(
                IoErrorCode.SocketInvalidAddress,
                $"A Unix domain path must have 1 to {SockAddr.MaxUnixPath} bytes and no NUL; '{path}' has {size} bytes.");
        }

        Span<byte> bytes = stackalloc byte[size];
        Encoding.UTF8.GetBytes(path, bytes);
        length = SockAddr.WriteUnix(destination, bytes);
        return IoError.None;
    }
    private static IoError TryWriteAbstract(string path, Span<byte> destination, out int length)
    {
        length = 0;
        int size = Encoding.UTF8.GetByteCount(path) - 1;
        if (!SockAddr.HasAbstractNames)
        {
            return new IoError(IoErrorCode.PlatformNotSupported, $"'@{path[1..]}' cannot be used: only Linux has abstract names.");
        }

        if (size > SockAddr.MaxUnixPath)
        {
            return new IoError(
                IoErrorCode.SocketInvalidAddress,
                $"An abstract name must have at most {SockAddr.MaxUnixPath} bytes; '@{path[1..]}' has {size} bytes.");
        }

        Span<byte> bytes = stackalloc byte[size + 1];
        Encoding.UTF8.GetBytes(path, bytes);
        length = SockAddr.WriteAbstract(destination, bytes[1..]);
        return IoError.None;
    }
}

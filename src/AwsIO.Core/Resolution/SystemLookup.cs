using System.Globalization;
using System.Net;
using AwsIO.Native.Unix;

namespace AwsIO;

/// <summary>Asks the system's resolver: getaddrinfo, which blocks.</summary>
internal static class SystemLookup
{
    internal static IoResult<IReadOnlyList<HostAddress>> Resolve(string host)
    {
        if (host.Contains('\0', StringComparison.Ordinal))
        {
            // C would look up what stands before it.
            return new(new IoError(IoErrorCode.DnsInvalidName, "A host name with a NUL in it was asked for."));
        }

        int code = Libc.GetAddrInfo(ToAscii(host), out List<byte[]> found, out int errno);
        if (code != 0)
        {
            return new(Describe(host, code, errno));
        }

        List<HostAddress> addresses = [];
        foreach (byte[] socketAddress in found)
        {
            if (ToAddress(host, socketAddress) is { } address && !addresses.Contains(address))
            {
                addresses.Add(address);
            }
        }

        return addresses.Count > 0
            ? new(addresses)
            : new(new IoError(IoErrorCode.DnsNoAddressForHost, $"'{host}' has no IPv4 or IPv6 address."));
    }

    /// <summary>An address that is given in text already; null for a name.</summary>
    internal static HostAddress? TryParseLiteral(string host)
    {
        // Only what cannot be a name: plain numbers are names to the system's resolver, with meanings of their own. Brackets, a
        // port and a prefix length, which the parser takes and drops, are no part of an address.
        bool looksNumeric = host.AsSpan().IndexOfAny('[', '/') < 0
            && (host.Contains(':', StringComparison.Ordinal) || host.Split('.').Length == 4);
        return looksNumeric && IPAddress.TryParse(host, out IPAddress? address)
            ? new HostAddress(host, address.ToString(), KindOf(address))
            : null;
    }

    /// <summary>What a failure of getaddrinfo is called.</summary>
    internal static IoErrorCode ToCode(int code) => code switch
    {
        Libc.NameNotFound => IoErrorCode.DnsInvalidName,
        Libc.NoData => IoErrorCode.DnsNoAddressForHost,
        Libc.TryAgain => IoErrorCode.DnsQueryAgain,
        Libc.UnrecoverableFailure => IoErrorCode.DnsQueryFailed,
        Libc.OutOfMemory => IoErrorCode.OutOfMemory,
        _ => IoErrorCode.SystemCallFailure,
    };

    private static HostAddress? ToAddress(string host, ReadOnlySpan<byte> address)
    {
        int family = SockAddr.Family(address);
        IPAddress? parsed = family == SocketConstants.FamilyIPv4 ? new IPAddress(SockAddr.IPv4(address))
            : family == SocketConstants.FamilyIPv6 ? new IPAddress(SockAddr.IPv6(address), SockAddr.Scope(address))
            : null;
        return parsed is null ? null : new HostAddress(host, parsed.ToString(), KindOf(parsed));
    }

    private static AddressKind KindOf(IPAddress address) =>
        address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? AddressKind.AAAA : AddressKind.A;

    private static string ToAscii(string host)
    {
        if (System.Text.Ascii.IsValid(host))
        {
            return host;
        }

        try
        {
            return new IdnMapping().GetAscii(host);
        }
        catch (ArgumentException)
        {
            return host;
        }
    }

    private static IoError Describe(string host, int code, int errno)
    {
        string reason = code == Libc.SystemFailure ? Errno.Describe(errno) : Libc.DescribeAddrInfoError(code);
        return new IoError(ToCode(code), Libc.ToNativeAddrInfoError(code), $"Looking up '{host}' failed: {reason}.");
    }
}

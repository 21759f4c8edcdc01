using System.Globalization;

namespace AwsIO;

/// <summary>
/// Where a socket is bound or connected to: an IP address and port, a path or an abstract name, or a VSOCK address
/// (<c>aws_socket_endpoint</c>).
/// </summary>
/// <param name="Domain">The kind of address.</param>
/// <param name="Address">
/// An IP address in text, with its scope where it has one (<c>fe80::1%eth0</c>); a path; an abstract name behind a NUL; or a VSOCK context
/// id as a decimal number, <c>-1</c> for any.
/// </param>
/// <param name="Port">The IP port, 0 to have a free one chosen when binding; 0 for every other domain.</param>
public readonly record struct SocketEndpoint(SocketDomain Domain, string Address, int Port)
{
    /// <summary>The VSOCK context id that stands for any, to be bound only (VMADDR_CID_ANY).</summary>
    public const uint VsockAnyCid = uint.MaxValue;

    /// <summary>The VSOCK context id of this machine itself (VMADDR_CID_LOCAL).</summary>
    public const uint VsockLocalCid = 1;

    /// <summary>The VSOCK context id of the host that this machine runs on (VMADDR_CID_HOST).</summary>
    public const uint VsockHostCid = 2;

    /// <summary>The VSOCK port that has a free one chosen, to be bound only (VMADDR_PORT_ANY).</summary>
    public const uint VsockAnyPort = uint.MaxValue;

    /// <summary>The context id of a VSOCK address; 0 for every other domain.</summary>
    public uint VsockCid { get; private init; }

    /// <summary>The port of a VSOCK address, all 32 bits of it; 0 for every other domain.</summary>
    public uint VsockPort { get; private init; }

    /// <summary>Whether this is a Unix domain address that is no path, but an abstract name.</summary>
    public bool IsAbstract => Domain == SocketDomain.Local && Address is ['\0', ..];

    /// <summary>An IP address and port; the address's form decides between IPv4 and IPv6.</summary>
    /// <param name="address">An address in text; not a name.</param>
    /// <param name="port">The port; 0 to have a free one chosen when binding.</param>
    /// <returns>The endpoint. Whether it is valid is checked when it is used.</returns>
    public static SocketEndpoint Tcp(string address, int port)
    {
        ArgumentNullException.ThrowIfNull(address);
        bool isIPv6 = address.Contains(':', StringComparison.Ordinal);
        return new SocketEndpoint(isIPv6 ? SocketDomain.IPv6 : SocketDomain.IPv4, address, port);
    }

    /// <summary>An IP address and port of UDP, as <see cref="Tcp"/>.</summary>
    /// <param name="address">An address in text, with its scope where it has one; not a name.</param>
    /// <param name="port">The port; 0 to have a free one chosen when binding.</param>
    /// <returns>The endpoint. Whether it is valid is checked when it is used.</returns>
    public static SocketEndpoint Udp(string address, int port) => Tcp(address, port);

    /// <summary>A Unix domain socket's path.</summary>
    /// <param name="path">At most 107 bytes of UTF-8 on Linux and 103 elsewhere, without a NUL.</param>
    /// <returns>The endpoint. Whether it is valid is checked when it is used.</returns>
    public static SocketEndpoint Unix(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return new SocketEndpoint(SocketDomain.Local, path, 0);
    }

    /// <summary>
    /// A Unix domain socket's abstract name: one that is in no file system and goes with its last socket. Linux only; elsewhere its use
    /// is refused with <see cref="IoErrorCode.PlatformNotSupported"/>.
    /// </summary>
    /// <param name="name">At most 107 bytes of UTF-8; an empty one has the system choose a name when binding.</param>
    /// <returns>The endpoint. Whether it is valid is checked when it is used.</returns>
    public static SocketEndpoint UnixAbstract(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return new SocketEndpoint(SocketDomain.Local, $"\0{name}", 0);
    }

    /// <summary>
    /// A VSOCK address. Linux only; elsewhere its use is refused with <see cref="IoErrorCode.PlatformNotSupported"/>.
    /// </summary>
    /// <param name="cid">
    /// The context id: of a machine, <see cref="VsockHostCid"/>, <see cref="VsockLocalCid"/>, or <see cref="VsockAnyCid"/> to bind.
    /// </param>
    /// <param name="port">The port; <see cref="VsockAnyPort"/> to have a free one chosen when binding.</param>
    /// <returns>The endpoint. Whether it is valid is checked when it is used.</returns>
    public static SocketEndpoint Vsock(uint cid, uint port) => new(SocketDomain.Vsock, CidText(cid), 0)
    {
        VsockCid = cid,
        VsockPort = port,
    };

    /// <summary>
    /// Whether the port may be connected to (<c>aws_socket_validate_port_for_connect</c>): 1 to 65535 of IP, any but
    /// <see cref="VsockAnyPort"/> of VSOCK; a path has none.
    /// </summary>
    /// <returns><see cref="IoErrorCode.SocketInvalidAddress"/>, or no error.</returns>
    public IoError ValidateForConnect() => Domain switch
    {
        SocketDomain.Local => IoError.None,
        SocketDomain.Vsock when VsockPort == VsockAnyPort || VsockCid == VsockAnyCid => new IoError(
            IoErrorCode.SocketInvalidAddress,
            $"'{this}' cannot be connected to; any context id and any port are for binding, and each must be below {uint.MaxValue}."),
        SocketDomain.Vsock => ValidateVsock(),
        _ when Port is < 1 or > 65535 => new IoError(
            IoErrorCode.SocketInvalidAddress, $"Port {Port} cannot be connected to; it must be between 1 and 65535."),
        _ => IoError.None,
    };

    /// <summary>
    /// Whether the port may be bound (<c>aws_socket_validate_port_for_bind</c>): 0 to 65535 of IP, any of VSOCK; a path has none.
    /// </summary>
    /// <returns><see cref="IoErrorCode.SocketInvalidAddress"/>, or no error.</returns>
    public IoError ValidateForBind() => Domain switch
    {
        SocketDomain.Local => IoError.None,
        SocketDomain.Vsock => ValidateVsock(),
        _ when Port is < 0 or > 65535 => new IoError(
            IoErrorCode.SocketInvalidAddress, $"Port {Port} cannot be bound; it must be between 0 and 65535."),
        _ => IoError.None,
    };

    /// <summary>
    /// The endpoint as people write it: <c>127.0.0.1:80</c>, <c>[::1]:80</c>, <c>/run/a.sock</c>, <c>@abstract</c>, <c>vsock:2:80</c>.
    /// </summary>
    /// <returns>The text.</returns>
    public override string ToString() => Domain switch
    {
        SocketDomain.Local when IsAbstract => $"@{Address[1..]}",
        SocketDomain.Local => Address.Length == 0 ? "(unnamed)" : Address,
        SocketDomain.IPv6 => string.Create(CultureInfo.InvariantCulture, $"[{Address}]:{Port}"),
        SocketDomain.Vsock => string.Create(CultureInfo.InvariantCulture, $"vsock:{Address}:{VsockPort}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Address}:{Port}"),
    };

    private static string CidText(uint cid) => cid == VsockAnyCid ? "-1" : cid.ToString(CultureInfo.InvariantCulture);

    // One that was made by hand has neither figure.
    private IoError ValidateVsock() => Port == 0 && Address == CidText(VsockCid)
        ? IoError.None
        : new IoError(IoErrorCode.SocketInvalidAddress, "A VSOCK address has a context id and a port of 32 bits: make it by SocketEndpoint.Vsock.");
}

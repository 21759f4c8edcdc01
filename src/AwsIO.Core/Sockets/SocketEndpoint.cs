using System.Globalization;

namespace AwsIO;

/// <summary>Where a socket is bound or connected to: an IP address and port, or a path (<c>aws_socket_endpoint</c>).</summary>
/// <param name="Domain">The kind of address.</param>
/// <param name="Address">An IP address in text, with its scope where it has one (<c>fe80::1%eth0</c>), or a path.</param>
/// <param name="Port">The port; 0 for a path, or to have a free one chosen when binding.</param>
public readonly record struct SocketEndpoint(SocketDomain Domain, string Address, int Port)
{
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

    /// <summary>A Unix domain socket's path.</summary>
    /// <param name="path">At most 107 bytes of UTF-8 on Linux and 103 elsewhere, without a NUL.</param>
    /// <returns>The endpoint. Whether it is valid is checked when it is used.</returns>
    public static SocketEndpoint Unix(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return new SocketEndpoint(SocketDomain.Local, path, 0);
    }

    /// <summary>Whether the port may be connected to: 1 to 65535; a path has none (<c>aws_socket_validate_port_for_connect</c>).</summary>
    /// <returns><see cref="IoErrorCode.SocketInvalidAddress"/>, or no error.</returns>
    public IoError ValidateForConnect() => Domain != SocketDomain.Local && Port is < 1 or > 65535
        ? new IoError(IoErrorCode.SocketInvalidAddress, $"Port {Port} cannot be connected to; it must be between 1 and 65535.")
        : IoError.None;

    /// <summary>Whether the port may be bound: 0 to 65535; a path has none (<c>aws_socket_validate_port_for_bind</c>).</summary>
    /// <returns><see cref="IoErrorCode.SocketInvalidAddress"/>, or no error.</returns>
    public IoError ValidateForBind() => Domain != SocketDomain.Local && Port is < 0 or > 65535
        ? new IoError(IoErrorCode.SocketInvalidAddress, $"Port {Port} cannot be bound; it must be between 0 and 65535.")
        : IoError.None;

    /// <summary>The endpoint as people write it: <c>127.0.0.1:80</c>, <c>[::1]:80</c>, <c>/run/a.sock</c>.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => Domain switch
    {
        SocketDomain.Local => Address.Length == 0 ? "(unnamed)" : Address,
        SocketDomain.IPv6 => string.Create(CultureInfo.InvariantCulture, $"[{Address}]:{Port}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Address}:{Port}"),
    };
}

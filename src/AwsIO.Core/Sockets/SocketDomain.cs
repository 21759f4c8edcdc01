namespace AwsIO;

/// <summary>The kind of address that a socket has (<c>aws_socket_domain</c>).</summary>
public enum SocketDomain
{
    /// <summary>TCP or UDP over IPv4.</summary>
    IPv4 = 0,

    /// <summary>TCP or UDP over IPv6.</summary>
    IPv6 = 1,

    /// <summary>A Unix domain socket, named by a path, or on Linux by an abstract name.</summary>
    Local = 2,

    /// <summary>Between a virtual machine and its host (AF_VSOCK); Linux only.</summary>
    Vsock = 3,
}

namespace AwsIO;

/// <summary>An implementation of sockets (<c>aws_socket_impl_type</c>); AwsIO has the POSIX one.</summary>
public enum SocketImplementation
{
    /// <summary>The platform's own.</summary>
    PlatformDefault = 0,

    /// <summary>The sockets of POSIX: Linux, macOS, FreeBSD.</summary>
    Posix = 1,

    /// <summary>The sockets of Windows; refused with <see cref="IoErrorCode.PlatformNotSupported"/>.</summary>
    Winsock = 2,

    /// <summary>Apple's Network framework; refused with <see cref="IoErrorCode.PlatformNotSupported"/>.</summary>
    AppleNetworkFramework = 3,
}

using AwsIO.Native.Platform;

namespace AwsIO.Native.Unix;

/// <summary>The errno values that AwsIO tells apart, as Linux numbers them, and the codes that they stand for.</summary>
/// <remarks>
/// Inside AwsIO these numbers count on every platform: the wrappers of Native/ translate what a call has answered. An error that a
/// user sees has the platform's own number again.
/// </remarks>
internal static class Errno
{
    internal const int EPERM = 1;
    internal const int ENOENT = 2;
    internal const int EINTR = 4;
    internal const int EBADF = 9;
    internal const int EAGAIN = 11;
    internal const int ENOMEM = 12;
    internal const int EACCES = 13;
    internal const int EEXIST = 17;
    internal const int EINVAL = 22;
    internal const int ENFILE = 23;
    internal const int EMFILE = 24;
    internal const int EPIPE = 32;
    internal const int ENOSYS = 38;
    internal const int EPROTO = 71;
    internal const int EMSGSIZE = 90;
    internal const int EPROTOTYPE = 91;
    internal const int EAFNOSUPPORT = 97;
    internal const int EADDRINUSE = 98;
    internal const int EADDRNOTAVAIL = 99;
    internal const int ENETDOWN = 100;
    internal const int ENETUNREACH = 101;
    internal const int ECONNABORTED = 103;
    internal const int ECONNRESET = 104;
    internal const int ENOBUFS = 105;
    internal const int ENOTCONN = 107;
    internal const int ETIMEDOUT = 110;
    internal const int ECONNREFUSED = 111;
    internal const int EHOSTUNREACH = 113;
    internal const int EINPROGRESS = 115;

    /// <summary>The number inside AwsIO for one that the platform has answered.</summary>
    internal static int FromNative(int native) => Abi.IsLinux ? native : Abi.Current.ToCanonicalErrno(native);

    /// <summary>The platform's number for one inside AwsIO: what users see.</summary>
    internal static int ToNative(int errno) => Abi.IsLinux ? errno : Abi.Current.ToNativeErrno(errno);

    /// <summary>The code that upstream gives a socket operation's errno.</summary>
    /// <param name="errno">A positive errno value.</param>
    internal static IoErrorCode ToSocketCode(int errno) => errno switch
    {
        ECONNREFUSED => IoErrorCode.SocketConnectionRefused,
        ECONNRESET or EPIPE => IoErrorCode.SocketClosed,
        ETIMEDOUT => IoErrorCode.SocketTimeout,
        EHOSTUNREACH or ENETUNREACH => IoErrorCode.SocketNoRouteToHost,
        EADDRNOTAVAIL => IoErrorCode.SocketInvalidAddress,
        ENETDOWN => IoErrorCode.SocketNetworkDown,
        ECONNABORTED => IoErrorCode.SocketConnectAborted,
        EADDRINUSE => IoErrorCode.SocketAddressInUse,
        ENOBUFS or ENOMEM => IoErrorCode.OutOfMemory,
        EAGAIN => IoErrorCode.ReadWouldBlock,
        EMFILE or ENFILE => IoErrorCode.MaxFileDescriptorsExceeded,
        ENOENT or EINVAL => IoErrorCode.FileInvalidPath,
        EAFNOSUPPORT => IoErrorCode.SocketUnsupportedAddressFamily,
        EACCES or EPERM => IoErrorCode.NoPermission,
        _ => IoErrorCode.SocketNotConnected,
    };

    /// <summary>An error for a failed socket call: upstream's code, the errno, and a sentence with the system's own text.</summary>
    /// <param name="errno">A positive errno value.</param>
    /// <param name="operation">What failed and with which peer: the start of the sentence.</param>
    internal static IoError ToSocketError(int errno, string operation) =>
        new(ToSocketCode(errno), ToNative(errno), $"{operation} failed: {Describe(errno)}");

    /// <summary>An error for a failed call that is not a socket's.</summary>
    /// <param name="errno">A positive errno value.</param>
    /// <param name="operation">What failed: the start of the sentence.</param>
    internal static IoError ToSystemError(int errno, string operation)
    {
        IoErrorCode code = errno switch
        {
            EMFILE or ENFILE => IoErrorCode.MaxFileDescriptorsExceeded,
            ENOMEM or ENOBUFS => IoErrorCode.OutOfMemory,
            EACCES => IoErrorCode.NoPermission,
            _ => IoErrorCode.SystemCallFailure,
        };
        return new IoError(code, ToNative(errno), $"{operation} failed: {Describe(errno)}");
    }

    /// <summary>The system's own text for an errno value.</summary>
    internal static string Describe(int errno) => System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(ToNative(errno));
}

using AwsIO.Native.Unix;

namespace AwsIO.Tests.NativeCalls;

/// <summary>Which code stands for which errno of a socket call; the errno itself always stays in the error.</summary>
public sealed class SocketErrnoTests
{
    [Theory]
    [InlineData(Errno.ECONNREFUSED, IoErrorCode.SocketConnectionRefused)]
    [InlineData(Errno.ECONNRESET, IoErrorCode.SocketClosed)]
    [InlineData(Errno.EPIPE, IoErrorCode.SocketClosed)]
    [InlineData(Errno.ETIMEDOUT, IoErrorCode.SocketTimeout)]
    [InlineData(Errno.EHOSTUNREACH, IoErrorCode.SocketNoRouteToHost)]
    [InlineData(Errno.ENETUNREACH, IoErrorCode.SocketNoRouteToHost)]
    [InlineData(Errno.EADDRNOTAVAIL, IoErrorCode.SocketInvalidAddress)]
    [InlineData(Errno.ENETDOWN, IoErrorCode.SocketNetworkDown)]
    [InlineData(Errno.ECONNABORTED, IoErrorCode.SocketConnectAborted)]
    [InlineData(Errno.EADDRINUSE, IoErrorCode.SocketAddressInUse)]
    [InlineData(Errno.ENOBUFS, IoErrorCode.OutOfMemory)]
    [InlineData(Errno.ENOMEM, IoErrorCode.OutOfMemory)]
    [InlineData(Errno.EAGAIN, IoErrorCode.ReadWouldBlock)]
    [InlineData(Errno.EMFILE, IoErrorCode.MaxFileDescriptorsExceeded)]
    [InlineData(Errno.ENFILE, IoErrorCode.MaxFileDescriptorsExceeded)]
    [InlineData(Errno.ENOENT, IoErrorCode.FileInvalidPath)]
    [InlineData(Errno.EINVAL, IoErrorCode.FileInvalidPath)]
    [InlineData(Errno.EAFNOSUPPORT, IoErrorCode.SocketUnsupportedAddressFamily)]
    [InlineData(Errno.EACCES, IoErrorCode.NoPermission)]
    [InlineData(Errno.EPERM, IoErrorCode.NoPermission)]
    [InlineData(Errno.ENOTCONN, IoErrorCode.SocketNotConnected)]
    [InlineData(Errno.EBADF, IoErrorCode.SocketNotConnected)]
    [InlineData(133, IoErrorCode.SocketNotConnected)]
    public void Each_errno_has_its_code_and_is_kept(int errno, IoErrorCode code)
    {
        IoError error = Errno.ToSocketError(errno, "Trying");
        Assert.Equal((code, Errno.ToNative(errno)), (error.Code, error.NativeError));
        Assert.StartsWith("Trying failed: ", error.Detail, StringComparison.Ordinal);
    }
}

using System.Runtime.InteropServices;
using AwsIO.Native.Faults;

namespace AwsIO.Native.Linux;

/// <summary>Calls of <c>sys/ioctl.h</c>, by the kernel's convention: a negative result is <c>-errno</c>.</summary>
internal static unsafe partial class LibcIoctl
{
    private const nuint SendQueueSize = 0x5411;

    /// <summary>Bytes of a TCP socket that its peer has not acknowledged yet; the end of the direction counts for one.</summary>
    internal static int GetUnacknowledged(int socket)
    {
        int count = 0;
        return !(NativeFaults.IsOn && NativeFaults.Fails(NativeCall.Ioctl, socket))
            && ioctl(socket, SendQueueSize, &count) == 0 ? count : -Marshal.GetLastPInvokeError();
    }

    // ioctl(2) is variadic in C; on x64 and arm64 Linux such calls pass these arguments as any other.
    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(int descriptor, nuint request, int* value);
}

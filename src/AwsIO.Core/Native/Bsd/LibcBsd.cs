using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AwsIO.Native.Faults;
using AwsIO.Native.Platform;
using AwsIO.Native.Unix;

namespace AwsIO.Native.Bsd;

/// <summary>
/// What macOS does by two calls or three where Linux and FreeBSD have one, and the variadic functions. A negative result is
/// <c>-errno</c>, by AwsIO's numbers.
/// </summary>
internal static unsafe partial class LibcBsd
{
    private const string Library = "libc";

    /// <summary>errno of the calling thread, valid right after a call that skipped the GC transition.</summary>
    /// <remarks>Not inlined: Linux has no such function, and looks for it wherever the import is compiled.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static int Errno() => Unix.Errno.FromNative(*ErrnoLocation());

    /// <summary>Sets errno of the calling thread, by the platform's numbers.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void SetErrno(int native) => *ErrnoLocation() = native;

    /// <summary>
    /// Makes a descriptor non-blocking, closed on exec and, if it is a socket, safe from SIGPIPE: one that the system could not make so
    /// from its first moment. A child that is started just now may inherit it.
    /// </summary>
    /// <returns>The descriptor; when the system refuses, a negative errno value, and the descriptor is closed.</returns>
    internal static int Prepare(int descriptor, bool isSocket)
    {
        int result = SetCloseOnExec(descriptor);
        if (result == 0)
        {
            result = SetNonBlocking(descriptor);
        }

        if (result < 0)
        {
            _ = Libc.Close(descriptor);
            return result;
        }

        if (isSocket && Abi.Current.Sockets.NoSigPipe is { } option)
        {
            // Refused for a connection that is over already, and then nothing is sent on it.
            _ = Libc.SetOption(descriptor, SocketConstants.LevelSocket, option, 1);
        }

        return descriptor;
    }

    /// <summary>Marks a descriptor to be closed on exec. The request has no argument, so that no way of passing it can be wrong.</summary>
    internal static int SetCloseOnExec(int descriptor) =>
        (NativeFaults.IsOn && NativeFaults.Fails(NativeCall.Ioctl, descriptor))
            || ioctl_bare(descriptor, Abi.Current.Files.IoctlCloseOnExec) < 0 ? -LastError : 0;

    /// <summary>Makes a descriptor non-blocking.</summary>
    internal static int SetNonBlocking(int descriptor)
    {
        FileNumbers numbers = Abi.Current.Files;
        int flags = Fcntl(descriptor, numbers.GetStatusFlags, 0);
        if (flags < 0)
        {
            return flags;
        }

        return (flags & numbers.NonBlocking) != 0 ? 0 : Fcntl(descriptor, numbers.SetStatusFlags, flags | numbers.NonBlocking);
    }

    /// <summary>Calls <c>fcntl</c> with an argument of any width, passed as this process must pass it.</summary>
    internal static int Fcntl(int descriptor, int command, nint argument)
    {
        int result = NativeFaults.IsOn && NativeFaults.Fails(NativeCall.Fcntl, descriptor) ? -1
            : VariadicCall.IsPadded ? fcntl_padded(descriptor, command, 0, 0, 0, 0, 0, 0, argument)
            : fcntl_plain(descriptor, command, argument);
        return result >= 0 ? result : -LastError;
    }

    /// <summary>Reads a count by <c>ioctl</c>.</summary>
    internal static int IoctlCount(int descriptor, uint request)
    {
        int count = 0;
        int result = NativeFaults.IsOn && NativeFaults.Fails(NativeCall.Ioctl, descriptor) ? -1
            : VariadicCall.IsPadded ? ioctl_padded(descriptor, request, 0, 0, 0, 0, 0, 0, &count)
            : ioctl_plain(descriptor, request, &count);
        return result >= 0 ? count : -LastError;
    }

    /// <summary>Accepts a connection; it has none of the flags that accept4 would give it.</summary>
    internal static int Accept(int descriptor, byte* address, uint* length) => accept(descriptor, address, length);

    /// <summary>Makes a pipe whose ends are non-blocking and closed on exec, by a call for each property.</summary>
    internal static int Pipe(int* descriptors)
    {
        if ((NativeFaults.IsOn && NativeFaults.Fails(NativeCall.Pipe2)) || pipe(descriptors) != 0)
        {
            return -LastError;
        }

        int result = Prepare(descriptors[0], isSocket: false);
        if (result < 0)
        {
            _ = Libc.Close(descriptors[1]);
            return result;
        }

        result = Prepare(descriptors[1], isSocket: false);
        if (result < 0)
        {
            _ = Libc.Close(descriptors[0]);
        }

        return Math.Min(result, 0);
    }

    private static int LastError => Unix.Errno.FromNative(Marshal.GetLastPInvokeError());

    [DllImport(Library, EntryPoint = "__error"), SuppressGCTransition]
    private static extern int* ErrnoLocation();

    // Non-blocking: the listener always is.
    [DllImport(Library), SuppressGCTransition]
    private static extern int accept(int descriptor, byte* address, uint* length);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int pipe(int* descriptors);

    [LibraryImport(Library, EntryPoint = "ioctl", SetLastError = true)]
    private static partial int ioctl_bare(int descriptor, nuint request);

    [LibraryImport(Library, EntryPoint = "ioctl", SetLastError = true)]
    private static partial int ioctl_plain(int descriptor, nuint request, void* argument);

    [LibraryImport(Library, EntryPoint = "ioctl", SetLastError = true)]
    private static partial int ioctl_padded(
        int descriptor, nuint request, nint x2, nint x3, nint x4, nint x5, nint x6, nint x7, void* argument);

    [LibraryImport(Library, EntryPoint = "fcntl", SetLastError = true)]
    private static partial int fcntl_plain(int descriptor, int command, nint argument);

    [LibraryImport(Library, EntryPoint = "fcntl", SetLastError = true)]
    private static partial int fcntl_padded(
        int descriptor, int command, nint x2, nint x3, nint x4, nint x5, nint x6, nint x7, nint argument);
}

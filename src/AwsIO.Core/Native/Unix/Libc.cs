using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AwsIO.Native.Bsd;
using AwsIO.Native.Faults;
using AwsIO.Native.Platform;

namespace AwsIO.Native.Unix;

/// <summary>
/// Calls into libc. Each wrapper follows the kernel's convention: a result of zero or more is the call's own, a negative one is
/// <c>-errno</c>, by Linux's numbers on every platform; EINTR is retried here and nowhere else.
/// </summary>
/// <remarks>
/// Calls on non-blocking descriptors skip the runtime's GC transition, and read errno through its address right after the call:
/// the runtime preserves errno where it suspends a thread. Calls that may block keep the transition, so that a collection
/// never waits for the kernel. An import that skips the transition is looked up when a method that calls it is compiled, even if the call
/// is never reached: one that a platform lacks stands in a method of its own.
/// </remarks>
internal static unsafe partial class Libc
{
    private const string Library = "libc";

    private static readonly int s_pipeFlags = Abi.Current.Files.NonBlocking | Abi.Current.Files.CloseOnExec;

    /// <summary>errno of the calling thread, valid right after a call that skipped the GC transition.</summary>
    private static int Errno
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => OperatingSystem.IsLinux() ? LinuxErrno() : LibcBsd.Errno();
    }

    /// <summary>errno of the last call that kept the GC transition.</summary>
    private static int LastError => Unix.Errno.FromNative(Marshal.GetLastPInvokeError());

    /// <summary>Sets errno where a wrapper looks for it: what a call would have done that is not made.</summary>
    internal static void SetErrno(int errno)
    {
        int native = Unix.Errno.ToNative(errno);
        Marshal.SetLastPInvokeError(native);
        if (OperatingSystem.IsLinux())
        {
            SetLinuxErrno(native);
        }
        else
        {
            LibcBsd.SetErrno(native);
        }
    }

    /// <summary>Closes a descriptor. EINTR is not retried: the kernel has released the descriptor by then.</summary>
    internal static int Close(int descriptor)
    {
        int fault = NativeFaults.IsOn ? NativeFaults.TakeClose(descriptor) : 0;
        return close(descriptor) == 0 ? -fault : -LastError;
    }

    /// <summary>Makes an eventfd that is non-blocking and closed on exec.</summary>
    internal static int EventFd()
    {
        const int nonBlocking = 0x800;
        const int closeOnExec = 0x80000;
        int result = NativeFaults.IsOn && NativeFaults.Fails(NativeCall.EventFd) ? -1 : eventfd(0, nonBlocking | closeOnExec);
        return result >= 0 ? result : -LastError;
    }

    /// <summary>Signals an eventfd. A counter that is full is signalled already.</summary>
    internal static void SignalEventFd(int descriptor)
    {
        ulong one = 1;
        nint result;
        do
        {
            result = NativeFaults.IsOn && NativeFaults.Fails(NativeCall.EventFdWrite, descriptor) ? -1
                : write(descriptor, (byte*)&one, sizeof(ulong));
        }
        while (result < 0 && Errno == Unix.Errno.EINTR);
    }

    /// <summary>Writes to a non-blocking descriptor that is not a socket.</summary>
    internal static nint Write(int descriptor, byte* buffer, nuint length)
    {
        while (true)
        {
            nint result = NativeFaults.IsOn && NativeFaults.Fails(NativeCall.Write, descriptor, ref length) ? -1
                : write(descriptor, buffer, length);
            if (result >= 0)
            {
                return result;
            }

            int errno = Errno;
            if (errno != Unix.Errno.EINTR)
            {
                return -errno;
            }
        }
    }

    /// <summary>
    /// Writes memory to a non-blocking descriptor that is not a socket. The memory may have to be fetched from a disk first, as mapped
    /// files have.
    /// </summary>
    internal static nint WritePageable(int descriptor, byte* buffer, nuint length)
    {
        while (true)
        {
            nint result = NativeFaults.IsOn && NativeFaults.Fails(NativeCall.Write, descriptor, ref length) ? -1
                : write_pageable(descriptor, buffer, length);
            if (result >= 0)
            {
                return result;
            }

            int errno = LastError;
            if (errno != Unix.Errno.EINTR)
            {
                return -errno;
            }
        }
    }

    /// <summary>Reads from a non-blocking descriptor that is not a socket.</summary>
    internal static nint Read(int descriptor, byte* buffer, nuint length)
    {
        while (true)
        {
            nint result = NativeFaults.IsOn && NativeFaults.Fails(NativeCall.Read, descriptor, ref length) ? -1
                : read(descriptor, buffer, length);
            if (result >= 0)
            {
                return result;
            }

            int errno = Errno;
            if (errno != Unix.Errno.EINTR)
            {
                return -errno;
            }
        }
    }

    /// <summary>Makes a pipe whose ends are non-blocking and closed on exec.</summary>
    internal static int Pipe(int* descriptors)
    {
        if (SocketConstants.NeedPreparing)
        {
            return LibcBsd.Pipe(descriptors);
        }

        return !(NativeFaults.IsOn && NativeFaults.Fails(NativeCall.Pipe2)) && pipe2(descriptors, s_pipeFlags) == 0 ? 0 : -LastError;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int LinuxErrno() => *ErrnoLocation();

    private static void SetLinuxErrno(int errno) => *ErrnoLocation() = errno;

    [DllImport(Library, EntryPoint = "__errno_location"), SuppressGCTransition]
    private static extern int* ErrnoLocation();

    [DllImport(Library), SuppressGCTransition]
    private static extern nint write(int descriptor, byte* buffer, nuint length);

    [DllImport(Library), SuppressGCTransition]
    private static extern nint read(int descriptor, byte* buffer, nuint length);

    [LibraryImport(Library, EntryPoint = "write", SetLastError = true)]
    private static partial nint write_pageable(int descriptor, byte* buffer, nuint length);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int close(int descriptor);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int eventfd(uint initialValue, int flags);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int pipe2(int* descriptors, int flags);
}

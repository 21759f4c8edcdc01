using System.Runtime.InteropServices;
using AwsIO.Native.Faults;
using AwsIO.Native.Unix;

namespace AwsIO.Native.Linux;

/// <summary>Calls of <c>sys/epoll.h</c>, by the kernel's convention: a negative result is <c>-errno</c>.</summary>
internal static unsafe partial class LibcEpoll
{
    internal const uint In = 0x001;
    internal const uint Priority = 0x002;
    internal const uint Out = 0x004;
    internal const uint Error = 0x008;
    internal const uint HangUp = 0x010;
    internal const uint ReadHangUp = 0x2000;
    internal const uint EdgeTriggered = 1u << 31;

    private const string Library = "libc";
    private const int CloseOnExec = 0x80000;
    private const nint WaitWithTimespec = 441;
    private const int OperationAdd = 1;
    private const int OperationDelete = 2;
    private const int OperationModify = 3;

    // Set once the kernel (before 5.11) or a sandbox has refused epoll_pwait2: the older call is used from then on.
    private static volatile bool s_noTimespecWait;

    internal static int Create()
    {
        int result = NativeFaults.IsOn && NativeFaults.Fails(NativeCall.EpollCreate1) ? -1 : epoll_create1(CloseOnExec);
        return result >= 0 ? result : -Marshal.GetLastPInvokeError();
    }

    /// <summary>Reports a descriptor's events from now on, each with the 64 bits of data.</summary>
    internal static int Add(int epoll, int descriptor, uint mask, ulong data)
    {
        if (NativeFaults.IsOn)
        {
            Remember(epoll, descriptor, mask, data);
        }

        return Control(epoll, OperationAdd, descriptor, mask, data);
    }

    /// <summary>Reports a descriptor's events no more.</summary>
    internal static int Delete(int epoll, int descriptor) => Control(epoll, OperationDelete, descriptor, 0, 0);

    /// <summary>
    /// Waits for events, at most <paramref name="timeoutNanoseconds"/> (negative: without end), never less than asked where
    /// the kernel only counts milliseconds. A signal ends the wait with 0 events, so that the caller works out the rest anew.
    /// </summary>
    internal static int Wait(int epoll, byte* events, int capacity, long timeoutNanoseconds)
    {
        if (timeoutNanoseconds > 0 && !s_noTimespecWait)
        {
            Timespec timeout;
            timeout.Seconds = (nint)(timeoutNanoseconds / 1_000_000_000);
            timeout.Nanoseconds = (nint)(timeoutNanoseconds % 1_000_000_000);
            int count = NativeFaults.IsOn && NativeFaults.Fails(NativeCall.EpollPwait2, epoll, ref capacity) ? -1
                : (int)syscall(WaitWithTimespec, epoll, events, capacity, &timeout, null, 8);
            int errno = count >= 0 ? 0 : Marshal.GetLastPInvokeError();
            if (errno is not (Errno.ENOSYS or Errno.EPERM))
            {
                return errno == Errno.EINTR ? 0 : count >= 0 ? count : -errno;
            }

            s_noTimespecWait = true;
        }

        while (true)
        {
            int result = NativeFaults.IsOn && NativeFaults.Fails(NativeCall.EpollWait, epoll, ref capacity) ? -1
                : epoll_wait(epoll, events, capacity, ToMilliseconds(timeoutNanoseconds));
            int error = result >= 0 ? 0 : Marshal.GetLastPInvokeError();
            if (error != Errno.EINTR)
            {
                return error == 0 ? result : -error;
            }

            // A look that does not wait is made again: whoever looks takes no events for the end of them.
            if (timeoutNanoseconds != 0)
            {
                return 0;
            }
        }
    }

    /// <summary>
    /// A registration that is modified is reported anew when its state holds, edge-triggered or not; one that was removed is refused.
    /// </summary>
    private static void Remember(int epoll, int descriptor, uint mask, ulong data) =>
        Registrations.Add(epoll, descriptor, () => _ = Control(epoll, OperationModify, descriptor, mask, data));

    private static int Control(int epoll, int operation, int descriptor, uint mask, ulong data)
    {
        byte* epollEvent = stackalloc byte[EpollEventLayout.MaxSize];
        EpollEventBuffer.WriteEvent(epollEvent, mask, data);
        return !(NativeFaults.IsOn && operation != OperationModify && NativeFaults.Fails(NativeCall.EpollCtl, descriptor))
            && epoll_ctl(epoll, operation, descriptor, epollEvent) == 0 ? 0 : -Marshal.GetLastPInvokeError();
    }

    private static int ToMilliseconds(long nanoseconds)
    {
        const long perMillisecond = 1_000_000;
        return nanoseconds <= 0 ? (int)Math.Max(nanoseconds, -1)
            : (int)Math.Min(((nanoseconds - 1) / perMillisecond) + 1, int.MaxValue);
    }

    [LibraryImport(Library, SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int epoll_ctl(int epoll, int operation, int descriptor, byte* epollEvent);

    // The wait blocks, so it keeps the GC transition: without it every collection would wait for the network.
    [LibraryImport(Library, SetLastError = true)]
    private static partial int epoll_wait(int epoll, byte* events, int capacity, int timeoutMilliseconds);

    // syscall(2) is variadic in C; on x64 and arm64 Linux such calls pass these arguments as any other.
    [LibraryImport(Library, SetLastError = true)]
    private static partial nint syscall(
        nint number, nint epoll, byte* events, nint capacity, Timespec* timeout, void* signals, nint signalsSize);

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        internal nint Seconds;
        internal nint Nanoseconds;
    }
}

using System.Runtime.InteropServices;

namespace AwsIO.Tests.Infrastructure.Kqueue;

/// <summary>
/// What the double asks the kernel of Linux. Imports of its own: faults that are injected into AwsIO's must not reach it. A negative
/// result is <c>-errno</c>, by Linux's numbers.
/// </summary>
internal static unsafe class LinuxCalls
{
    internal const uint In = 1;
    internal const uint Out = 4;
    internal const uint Error = 8;
    internal const uint HangUp = 0x10;
    internal const uint ReadHangUp = 0x2000;
    internal const uint EdgeTriggered = 1u << 31;

    internal const int Add = 1;
    internal const int Delete = 2;
    internal const int Modify = 3;

    internal const int EPERM = 1;
    internal const int ENOENT = 2;
    internal const int EINTR = 4;
    internal const int EBADF = 9;
    internal const int ENOMEM = 12;
    internal const int EINVAL = 22;
    internal const int EPIPE = 32;
    internal const int ENOSYS = 38;

    internal const int LevelSocket = 1;
    internal const int SocketType = 3;
    internal const int StreamType = 1;
    internal const int SendBuffer = 7;
    internal const int SocketDomain = 39;
    internal const int AcceptConnections = 30;

    internal const nuint BytesToRead = 0x541B;
    internal const nuint BytesToSend = 0x5411;

    private const int CloseOnExec = 0x80000;
    private const int LevelTcp = 6;
    private const int TcpInfo = 11;
    private const int NoSignalDontWait = 0x4040;
    private const nint EpollPwait2 = 441;

    /// <summary>Bytes from one <c>struct epoll_event</c> to the next.</summary>
    internal static int EventSize { get; } =
        RuntimeInformation.ProcessArchitecture is System.Runtime.InteropServices.Architecture.X64 ? 12 : 16;

    internal static int NewEpoll() => Result(epoll_create1(CloseOnExec));

    internal static int NewEvent() => Result(eventfd(0, CloseOnExec | 0x800));

    /// <summary>Adds, changes or removes an entry.</summary>
    /// <param name="epoll">The epoll.</param>
    /// <param name="operation">Which of these.</param>
    /// <param name="descriptor">The entry's descriptor.</param>
    /// <param name="mask">The events.</param>
    /// <param name="serial">Comes back with each event, beside the descriptor.</param>
    internal static int Control(int epoll, int operation, int descriptor, uint mask, int serial = 0)
    {
        byte* change = stackalloc byte[16];
        *(uint*)change = mask;
        *(int*)(change + EventSize - 8) = descriptor;
        *(int*)(change + EventSize - 4) = serial;
        return Result(epoll_ctl(epoll, operation, descriptor, change));
    }

    /// <summary>Waits at most <paramref name="nanoseconds"/>, without end where that is negative.</summary>
    internal static int Wait(int epoll, byte* events, int capacity, long nanoseconds)
    {
        Timespec timeout = new() { Seconds = (nint)(nanoseconds / 1_000_000_000), Nanoseconds = (nint)(nanoseconds % 1_000_000_000) };
        int result = Result((int)syscall(EpollPwait2, epoll, events, capacity, nanoseconds < 0 ? null : &timeout, null, 8));
        return result is -EPERM or -ENOSYS
            ? Result(epoll_wait(epoll, events, capacity, (int)Math.Clamp((nanoseconds + 999_999) / 1_000_000, -1, int.MaxValue)))
            : result;
    }

    internal static uint EventMask(byte* events, int index) => *(uint*)(events + (index * EventSize));

    internal static int EventDescriptor(byte* events, int index) => *(int*)(events + (index * EventSize) + EventSize - 8);

    internal static int EventSerial(byte* events, int index) => *(int*)(events + (index * EventSize) + EventSize - 4);

    /// <summary>A count that an ioctl gives; 0 where it gives none.</summary>
    internal static int Count(int descriptor, nuint request)
    {
        int count = 0;
        return ioctl(descriptor, request, &count) == 0 ? count : 0;
    }

    /// <summary>A socket option; null for what is no socket.</summary>
    internal static int? Option(int descriptor, int name)
    {
        int value = 0;
        uint size = sizeof(int);
        return getsockopt(descriptor, LevelSocket, name, &value, &size) == 0 ? value : null;
    }

    /// <summary>The state of a TCP connection, and how many connections wait to be accepted; 0 for what is no TCP socket.</summary>
    internal static (TcpState State, int Backlog) Tcp(int descriptor)
    {
        byte* info = stackalloc byte[32];
        uint size = 32;
        return getsockopt(descriptor, LevelTcp, TcpInfo, info, &size) == 0 && size >= 28
            ? ((TcpState)info[0], *(int*)(info + 24))
            : (TcpState.None, 0);
    }

    /// <summary>
    /// Whether a Unix domain stream has ended its own writing direction: sending nothing tells, and sends nothing. Of datagrams it would
    /// be an empty one.
    /// </summary>
    internal static bool HasEndedWriting(int unixSocket)
    {
        byte nothing = 0;
        return Option(unixSocket, SocketType) == StreamType && send(unixSocket, &nothing, 0, NoSignalDontWait) < 0 && Marshal.GetLastPInvokeError() == EPIPE;
    }

    internal static void Signal(int eventDescriptor)
    {
        ulong one = 1;
        _ = write(eventDescriptor, &one, sizeof(ulong));
    }

    internal static void Drain(int eventDescriptor)
    {
        ulong count;
        _ = read(eventDescriptor, &count, sizeof(ulong));
    }

    internal static int Close(int descriptor) => Result(close(descriptor));

    private static int Result(int result) => result >= 0 ? result : -Marshal.GetLastPInvokeError();

    [DllImport("libc", SetLastError = true)]
    private static extern int epoll_create1(int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int eventfd(uint initial, int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int epoll_ctl(int epoll, int operation, int descriptor, byte* change);

    [DllImport("libc", SetLastError = true)]
    private static extern nint syscall(
        nint number, nint epoll, byte* events, nint capacity, Timespec* timeout, void* signals, nint signalsSize);

    [DllImport("libc", SetLastError = true)]
    private static extern int epoll_wait(int epoll, byte* events, int capacity, int milliseconds);

    [DllImport("libc")]
    private static extern int ioctl(int descriptor, nuint request, int* value);

    [DllImport("libc")]
    private static extern int getsockopt(int descriptor, int level, int name, void* value, uint* size);

    [DllImport("libc", SetLastError = true)]
    private static extern nint send(int descriptor, byte* buffer, nuint length, int flags);

    [DllImport("libc")]
    private static extern nint read(int descriptor, void* buffer, nuint length);

    [DllImport("libc")]
    private static extern nint write(int descriptor, void* buffer, nuint length);

    [DllImport("libc", SetLastError = true)]
    private static extern int close(int descriptor);

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        internal nint Seconds;
        internal nint Nanoseconds;
    }
}

/// <summary>States of a TCP connection, as Linux numbers them.</summary>
internal enum TcpState
{
    None = 0,
    Established = 1,
    SynSent = 2,
    SynReceived = 3,
    FinWait1 = 4,
    FinWait2 = 5,
    TimeWait = 6,
    Closed = 7,
    CloseWait = 8,
    LastAck = 9,
    Listening = 10,
    Closing = 11,
}

using System.Runtime.InteropServices;
using AwsIO.Native.Faults;

namespace AwsIO.Native.Unix;

/// <summary>Calls of <c>sys/socket.h</c>.</summary>
internal static unsafe partial class Libc
{
    /// <summary>Makes a socket that is non-blocking and closed on exec.</summary>
    internal static int Socket(int family, int type)
    {
        int result = NativeFaults.IsOn && NativeFaults.Fails(NativeCall.Socket) ? -1
            : socket(family, type | SocketConstants.NonBlocking | SocketConstants.CloseOnExec, 0);
        return result >= 0 ? result : -Marshal.GetLastPInvokeError();
    }

    /// <summary>Starts connecting. EINTR means the same as EINPROGRESS: the attempt goes on.</summary>
    internal static int Connect(int descriptor, byte* address, int length)
    {
        int fault = NativeFaults.IsOn ? NativeFaults.Take(NativeCall.Connect, descriptor) : 0;
        if (fault is not (0 or Unix.Errno.EINTR))
        {
            return -fault;
        }

        if (connect(descriptor, address, (uint)length) == 0)
        {
            return fault == 0 ? 0 : -Unix.Errno.EINPROGRESS;
        }

        int errno = Marshal.GetLastPInvokeError();
        return errno == Unix.Errno.EINTR ? -Unix.Errno.EINPROGRESS : -errno;
    }

    /// <summary>Gives a socket its local address.</summary>
    internal static int Bind(int descriptor, byte* address, int length) =>
        !(NativeFaults.IsOn && NativeFaults.Fails(NativeCall.Bind, descriptor)) && bind(descriptor, address, (uint)length) == 0
            ? 0 : -Marshal.GetLastPInvokeError();

    /// <summary>Makes a socket listen.</summary>
    internal static int Listen(int descriptor, int backlog) =>
        !(NativeFaults.IsOn && NativeFaults.Fails(NativeCall.Listen, descriptor)) && listen(descriptor, backlog) == 0
            ? 0 : -Marshal.GetLastPInvokeError();

    /// <summary>Accepts one connection, non-blocking and closed on exec from its first moment.</summary>
    internal static int Accept(int descriptor, byte* address, ref int length)
    {
        while (true)
        {
            uint size = (uint)length;
            int result = NativeFaults.IsOn && NativeFaults.Fails(NativeCall.Accept4, descriptor) ? -1
                : accept4(descriptor, address, &size, SocketConstants.NonBlocking | SocketConstants.CloseOnExec);
            if (result >= 0)
            {
                length = (int)size;
                return result;
            }

            int errno = Errno;
            if (errno != Unix.Errno.EINTR)
            {
                return -errno;
            }
        }
    }

    /// <summary>Receives from a non-blocking socket.</summary>
    internal static nint Receive(int descriptor, byte* buffer, nuint length)
    {
        while (true)
        {
            nint result = NativeFaults.IsOn && NativeFaults.Fails(NativeCall.Recv, descriptor, ref length) ? -1
                : recv(descriptor, buffer, length, 0);
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

    /// <summary>Sends on a non-blocking socket; never raises SIGPIPE.</summary>
    internal static nint Send(int descriptor, byte* buffer, nuint length)
    {
        while (true)
        {
            nint result = NativeFaults.IsOn && NativeFaults.Fails(NativeCall.Send, descriptor, ref length) ? -1
                : send(descriptor, buffer, length, SocketConstants.NoSignal);
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
    /// Sends memory on a non-blocking socket that may have to be fetched from a disk first, as mapped files have; never raises SIGPIPE.
    /// </summary>
    internal static nint SendPageable(int descriptor, byte* buffer, nuint length)
    {
        while (true)
        {
            nint result = NativeFaults.IsOn && NativeFaults.Fails(NativeCall.Send, descriptor, ref length) ? -1
                : send_pageable(descriptor, buffer, length, SocketConstants.NoSignal);
            if (result >= 0)
            {
                return result;
            }

            int errno = Marshal.GetLastPInvokeError();
            if (errno != Unix.Errno.EINTR)
            {
                return -errno;
            }
        }
    }

    /// <summary>Sends several buffers, as <see cref="SendPageable"/> does, with one call.</summary>
    internal static nint SendVector(int descriptor, IoVector* vectors, int count)
    {
        MessageHeader header = default;
        header.Vectors = vectors;
        header.VectorCount = (nuint)count;
        while (true)
        {
            nint result = NativeFaults.IsOn && NativeFaults.Fails(NativeCall.SendMsg, descriptor, vectors, ref header.VectorCount) ? -1
                : sendmsg(descriptor, &header, SocketConstants.NoSignal);
            if (result >= 0)
            {
                return result;
            }

            int errno = Marshal.GetLastPInvokeError();
            if (errno != Unix.Errno.EINTR)
            {
                return -errno;
            }
        }
    }

    /// <summary>Shuts one direction of a connection down.</summary>
    internal static int Shutdown(int descriptor, int how) =>
        !(NativeFaults.IsOn && NativeFaults.Fails(NativeCall.Shutdown, descriptor)) && shutdown(descriptor, how) == 0
            ? 0 : -Marshal.GetLastPInvokeError();

    /// <summary>Sets a socket option that is a C int.</summary>
    internal static int SetOption(int descriptor, int level, int name, int value) =>
        !(NativeFaults.IsOn && NativeFaults.Fails(NativeCall.SetSockOpt, descriptor))
            && setsockopt(descriptor, level, name, &value, sizeof(int)) == 0 ? 0 : -Marshal.GetLastPInvokeError();

    /// <summary>Sets a socket option that is two C ints, such as SO_LINGER.</summary>
    internal static int SetOption(int descriptor, int level, int name, int first, int second)
    {
        int* pair = stackalloc int[2] { first, second };
        return !(NativeFaults.IsOn && NativeFaults.Fails(NativeCall.SetSockOpt, descriptor))
            && setsockopt(descriptor, level, name, pair, 2 * sizeof(int)) == 0 ? 0 : -Marshal.GetLastPInvokeError();
    }

    /// <summary>Reads a socket option that is a C int.</summary>
    internal static int GetOption(int descriptor, int level, int name, out int value)
    {
        int buffer = 0;
        uint size = sizeof(int);
        int result = NativeFaults.IsOn && NativeFaults.Fails(NativeCall.GetSockOpt, descriptor) ? -1
            : getsockopt(descriptor, level, name, &buffer, &size);
        value = buffer;
        return result == 0 ? 0 : -Marshal.GetLastPInvokeError();
    }

    /// <summary>Reads the local address.</summary>
    internal static int GetLocalAddress(int descriptor, byte* address, ref int length)
    {
        uint size = (uint)length;
        int result = NativeFaults.IsOn && NativeFaults.Fails(NativeCall.GetSockName, descriptor) ? -1
            : getsockname(descriptor, address, &size);
        length = (int)size;
        return result == 0 ? 0 : -Marshal.GetLastPInvokeError();
    }

    /// <summary>Reads the peer's address.</summary>
    internal static int GetPeerAddress(int descriptor, byte* address, ref int length)
    {
        uint size = (uint)length;
        int result = getpeername(descriptor, address, &size);
        length = (int)size;
        return result == 0 ? 0 : -Marshal.GetLastPInvokeError();
    }

    [LibraryImport(Library, SetLastError = true)]
    private static partial int getpeername(int descriptor, byte* address, uint* length);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int socket(int family, int type, int protocol);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int connect(int descriptor, byte* address, uint length);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int bind(int descriptor, byte* address, uint length);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int listen(int descriptor, int backlog);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int shutdown(int descriptor, int how);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int setsockopt(int descriptor, int level, int name, void* value, uint length);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int getsockopt(int descriptor, int level, int name, void* value, uint* length);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int getsockname(int descriptor, byte* address, uint* length);

    [DllImport(Library), SuppressGCTransition]
    private static extern int accept4(int descriptor, byte* address, uint* length, int flags);

    [DllImport(Library), SuppressGCTransition]
    private static extern nint recv(int descriptor, byte* buffer, nuint length, int flags);

    [DllImport(Library), SuppressGCTransition]
    private static extern nint send(int descriptor, byte* buffer, nuint length, int flags);

    [LibraryImport(Library, EntryPoint = "send", SetLastError = true)]
    private static partial nint send_pageable(int descriptor, byte* buffer, nuint length, int flags);

    [LibraryImport(Library, SetLastError = true)]
    private static partial nint sendmsg(int descriptor, MessageHeader* header, int flags);
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AwsIO.Native.Bsd;
using AwsIO.Native.Faults;
using AwsIO.Native.Linux;
using AwsIO.Native.Platform;

namespace AwsIO.Native.Unix;

/// <summary>Calls of <c>sys/socket.h</c>.</summary>
internal static unsafe partial class Libc
{
    /// <summary>Makes a socket that is non-blocking and closed on exec.</summary>
    internal static int Socket(int family, int type)
    {
        int result = NativeFaults.IsOn && NativeFaults.Fails(NativeCall.Socket) ? -1
            : socket(family, type | SocketConstants.NonBlocking | SocketConstants.CloseOnExec, 0);
        return result < 0 ? -LastError : SocketConstants.NeedPreparing ? LibcBsd.Prepare(result, isSocket: true) : result;
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

        int errno = LastError;
        return errno == Unix.Errno.EINTR ? -Unix.Errno.EINPROGRESS : -errno;
    }

    /// <summary>Gives a socket its local address.</summary>
    internal static int Bind(int descriptor, byte* address, int length) =>
        !(NativeFaults.IsOn && NativeFaults.Fails(NativeCall.Bind, descriptor)) && bind(descriptor, address, (uint)length) == 0
            ? 0 : -LastError;

    /// <summary>Makes a socket listen.</summary>
    internal static int Listen(int descriptor, int backlog) =>
        !(NativeFaults.IsOn && NativeFaults.Fails(NativeCall.Listen, descriptor)) && listen(descriptor, backlog) == 0
            ? 0 : -LastError;

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
                return SocketConstants.NeedPreparing ? LibcBsd.Prepare(result, isSocket: true) : result;
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
                return -ToSendErrno(errno);
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

            int errno = LastError;
            if (errno != Unix.Errno.EINTR)
            {
                return -ToSendErrno(errno);
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

            int errno = LastError;
            if (errno != Unix.Errno.EINTR)
            {
                return -ToSendErrno(errno);
            }
        }
    }

    /// <summary>
    /// What a failed send is called. macOS answers EPROTOTYPE for a connection that is just being torn down, and EPIPE a moment later.
    /// </summary>
    private static int ToSendErrno(int errno) => !Abi.IsLinux && errno == Unix.Errno.EPROTOTYPE ? Unix.Errno.EPIPE : errno;

    /// <summary>Shuts one direction of a connection down.</summary>
    internal static int Shutdown(int descriptor, int how) =>
        !(NativeFaults.IsOn && NativeFaults.Fails(NativeCall.Shutdown, descriptor)) && shutdown(descriptor, how) == 0
            ? 0 : -LastError;

    /// <summary>Sets a socket option that is a C int.</summary>
    internal static int SetOption(int descriptor, int level, int name, int value) =>
        !(NativeFaults.IsOn && NativeFaults.Fails(NativeCall.SetSockOpt, descriptor))
            && setsockopt(descriptor, level, name, &value, sizeof(int)) == 0 ? 0 : -LastError;

    /// <summary>Sets a socket option that is two C ints, such as SO_LINGER.</summary>
    internal static int SetOption(int descriptor, int level, int name, int first, int second)
    {
        int* pair = stackalloc int[2] { first, second };
        return !(NativeFaults.IsOn && NativeFaults.Fails(NativeCall.SetSockOpt, descriptor))
            && setsockopt(descriptor, level, name, pair, 2 * sizeof(int)) == 0 ? 0 : -LastError;
    }

    /// <summary>Sets a socket option of any form.</summary>
    internal static int SetOption(int descriptor, int level, int name, ReadOnlySpan<byte> value)
    {
        fixed (byte* bytes = value)
        {
            return !(NativeFaults.IsOn && NativeFaults.Fails(NativeCall.SetSockOpt, descriptor))
                && setsockopt(descriptor, level, name, bytes, (uint)value.Length) == 0 ? 0 : -LastError;
        }
    }

    /// <summary>Reads a socket option of any form and gives its length.</summary>
    internal static int GetOption(int descriptor, int level, int name, Span<byte> value)
    {
        uint size = (uint)value.Length;
        fixed (byte* bytes = value)
        {
            return !(NativeFaults.IsOn && NativeFaults.Fails(NativeCall.GetSockOpt, descriptor))
                && getsockopt(descriptor, level, name, bytes, &size) == 0 ? (int)size : -LastError;
        }
    }

    /// <summary>Reads a socket option that is a C int.</summary>
    internal static int GetOption(int descriptor, int level, int name, out int value)
    {
        int buffer = 0;
        uint size = sizeof(int);
        int result = NativeFaults.IsOn && NativeFaults.Fails(NativeCall.GetSockOpt, descriptor) ? -1
            : getsockopt(descriptor, level, name, &buffer, &size);
        value = buffer;
        return result == 0 ? 0 : -LastError;
    }

    /// <summary>Takes the error that a socket holds: a positive errno value, or 0.</summary>
    internal static int TakePendingError(int descriptor)
    {
        int result = GetOption(descriptor, SocketConstants.LevelSocket, SocketConstants.Error, out int native);
        return result < 0 ? -result : Unix.Errno.FromNative(native);
    }

    /// <summary>
    /// Bytes of a TCP socket that its peer has not acknowledged yet. Where there are any, the end of the direction counts for one more,
    /// and on Linux by itself too.
    /// </summary>
    internal static int GetUnacknowledged(int descriptor)
    {
        if (Abi.IsLinux)
        {
            return LibcIoctl.GetUnacknowledged(descriptor);
        }

        int count;
        if (Abi.Current.Sockets.BytesToSend is { } option)
        {
            int result = GetOption(descriptor, SocketConstants.LevelSocket, option, out count);
            count = result < 0 ? result : count;
        }
        else
        {
            count = LibcBsd.IoctlCount(descriptor, Abi.Current.Files.IoctlBytesToSend!.Value);
        }

        // A BSD counts bytes alone.
        return count > 0 ? count + 1 : count;
    }

    /// <summary>Reads the local address.</summary>
    internal static int GetLocalAddress(int descriptor, byte* address, ref int length)
    {
        uint size = (uint)length;
        int result = NativeFaults.IsOn && NativeFaults.Fails(NativeCall.GetSockName, descriptor) ? -1
            : getsockname(descriptor, address, &size);
        length = (int)size;
        return result == 0 ? 0 : -LastError;
    }

    /// <summary>Reads the peer's address.</summary>
    internal static int GetPeerAddress(int descriptor, byte* address, ref int length)
    {
        uint size = (uint)length;
        int result = NativeFaults.IsOn && NativeFaults.Fails(NativeCall.GetPeerName, descriptor) ? -1
            : getpeername(descriptor, address, &size);
        length = (int)size;
        return result == 0 ? 0 : -LastError;
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int accept4(int descriptor, byte* address, uint* length, int flags) =>
        OperatingSystem.IsMacOS() ? LibcBsd.Accept(descriptor, address, length) : system_accept4(descriptor, address, length, flags);

    // Apart from the choice: macOS has no such function.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int system_accept4(int descriptor, byte* address, uint* length, int flags) =>
        imported_accept4(descriptor, address, length, flags);

    [DllImport(Library, EntryPoint = "accept4"), SuppressGCTransition]
    private static extern int imported_accept4(int descriptor, byte* address, uint* length, int flags);

    [DllImport(Library), SuppressGCTransition]
    private static extern nint recv(int descriptor, byte* buffer, nuint length, int flags);

    [DllImport(Library), SuppressGCTransition]
    private static extern nint send(int descriptor, byte* buffer, nuint length, int flags);

    [LibraryImport(Library, EntryPoint = "send", SetLastError = true)]
    private static partial nint send_pageable(int descriptor, byte* buffer, nuint length, int flags);

    [LibraryImport(Library, SetLastError = true)]
    private static partial nint sendmsg(int descriptor, MessageHeader* header, int flags);
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AwsIO.Native.Faults;
using AwsIO.Native.Platform;

namespace AwsIO.Native.Unix;

/// <summary>Calls of <c>sys/socket.h</c> for datagrams: one at a time everywhere, many at a time on Linux.</summary>
/// <remarks>All of them keep the GC transition: a batch of large datagrams is copied for longer than a collection should wait.</remarks>
internal static unsafe partial class Libc
{
    /// <summary>Sends one datagram on a non-blocking socket; never raises SIGPIPE.</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="buffer">Its bytes.</param>
    /// <param name="length">How many; none is a datagram too.</param>
    /// <param name="address">Where to; null for the socket's peer.</param>
    /// <param name="addressLength">Bytes of the address.</param>
    internal static nint SendTo(int descriptor, byte* buffer, nuint length, void* address, uint addressLength)
    {
        while (true)
        {
            nint result = NativeFaults.IsOn && NativeFaults.Fails(NativeCall.SendTo, descriptor) ? -1
                : sendto(descriptor, buffer, length, SocketConstants.NoSignal, address, addressLength);
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

    /// <summary>Receives one datagram from a non-blocking socket, with its sender; the header's flags are where Linux has them.</summary>
    internal static nint ReceiveMessage(int descriptor, MessageHeader* header)
    {
        while (true)
        {
            nint result = NativeFaults.IsOn && NativeFaults.Fails(NativeCall.RecvMsg, descriptor) ? -1 : recvmsg(descriptor, header, 0);
            if (result >= 0)
            {
                if (!Abi.IsLinux)
                {
                    int flags = *(int*)((byte*)header + Abi.Current.Layouts.MessageFlagsOffset);
                    header->ControlLength = 0;
                    header->Flags = flags;
                }

                return result;
            }

            int errno = LastError;
            if (errno != Unix.Errno.EINTR)
            {
                return -errno;
            }
        }
    }

    /// <summary>Sends several datagrams in their order, with one call where the system has one for it.</summary>
    /// <returns>How many were sent, or why the first could not be.</returns>
    internal static int SendMessages(int descriptor, MessageSlot* slots, int count)
    {
        while (Abi.IsLinux)
        {
            int some = count;
            int result = NativeFaults.IsOn && NativeFaults.Fails(NativeCall.SendMMsg, descriptor, ref some) ? -1
                : system_sendmmsg(descriptor, slots, (uint)some, SocketConstants.NoSignal);
            if (result >= 0)
            {
                return result;
            }

            int errno = LastError;
            if (errno == Unix.Errno.ENOSYS)
            {
                break;
            }

            if (errno != Unix.Errno.EINTR)
            {
                return -ToSendErrno(errno);
            }
        }

        return SendEach(descriptor, slots, count);
    }

    /// <summary>Receives several datagrams in their order, with one call where the system has one for it.</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="slots">Where to.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="later">
    /// An error that came behind the datagrams that were received, and that the system has told by now; 0 for none.
    /// </param>
    /// <returns>How many were received, or why the first could not be.</returns>
    internal static int ReceiveMessages(int descriptor, MessageSlot* slots, int count, out int later)
    {
        while (Abi.IsLinux)
        {
            int some = count;
            int result = NativeFaults.IsOn && NativeFaults.Fails(NativeCall.RecvMMsg, descriptor, ref some) ? -1
                : system_recvmmsg(descriptor, slots, (uint)some, 0, null);
            if (result >= 0)
            {
                later = 0;
                return result;
            }

            int errno = LastError;
            if (errno == Unix.Errno.ENOSYS)
            {
                break;
            }

            if (errno != Unix.Errno.EINTR)
            {
                later = 0;
                return -errno;
            }
        }

        return ReceiveEach(descriptor, slots, count, out later);
    }

    /// <summary><see cref="SendMessages"/> by a call for each.</summary>
    internal static int SendEach(int descriptor, MessageSlot* slots, int count)
    {
        for (int i = 0; i < count; i++)
        {
            MessageHeader* header = &slots[i].Header;
            nint result = SendTo(descriptor, header->Vectors->Base, header->Vectors->Length, header->Name, header->NameLength);
            if (result < 0)
            {
                // Whatever stopped it is told again by the next call, which has this one as its first.
                return i > 0 ? i : (int)result;
            }
        }

        return count;
    }

    /// <summary><see cref="ReceiveMessages"/> by a call for each.</summary>
    internal static int ReceiveEach(int descriptor, MessageSlot* slots, int count, out int later)
    {
        later = 0;
        for (int i = 0; i < count; i++)
        {
            nint result = ReceiveMessage(descriptor, &slots[i].Header);
            if (result < 0)
            {
                if (i == 0)
                {
                    return (int)result;
                }

                later = result == -Unix.Errno.EAGAIN ? 0 : (int)-result;
                return i;
            }

            slots[i].Length = (uint)result;
        }

        return count;
    }

    // Apart from the choice: macOS has no such functions.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int system_sendmmsg(int descriptor, MessageSlot* slots, uint count, int flags) =>
        sendmmsg(descriptor, slots, count, flags);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int system_recvmmsg(int descriptor, MessageSlot* slots, uint count, int flags, void* timeout) =>
        recvmmsg(descriptor, slots, count, flags, timeout);

    [LibraryImport(Library, SetLastError = true)]
    private static partial nint sendto(int descriptor, byte* buffer, nuint length, int flags, void* address, uint addressLength);

    [LibraryImport(Library, SetLastError = true)]
    private static partial nint recvmsg(int descriptor, MessageHeader* header, int flags);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int sendmmsg(int descriptor, MessageSlot* slots, uint count, int flags);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int recvmmsg(int descriptor, MessageSlot* slots, uint count, int flags, void* timeout);
}

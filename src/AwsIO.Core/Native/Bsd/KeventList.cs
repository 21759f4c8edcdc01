using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AwsIO.Native.Platform;

namespace AwsIO.Native.Bsd;

/// <summary>
/// Native memory for some <c>struct kevent</c>, 32 bytes each on macOS and 64 on FreeBSD, whose last 32 stay zero.
/// </summary>
/// <remarks>The memory is native, so that a collection never moves it while the kernel writes to it.</remarks>
internal sealed unsafe class KeventList : IDisposable
{
    /// <summary>The most bytes that one event takes on any platform.</summary>
    internal const int MaxEventSize = 64;

    private readonly int _stride;
    private byte* _memory;

    internal KeventList(KqueueNumbers numbers, int capacity)
    {
        _stride = numbers.EventSize;
        Capacity = capacity;
        _memory = (byte*)NativeMemory.AllocZeroed((nuint)(capacity * _stride));
    }

    ~KeventList() => Free();

    internal int Capacity { get; }

    /// <summary>Where the events are.</summary>
    internal byte* Memory => _memory;

    /// <summary>Writes a change where <c>kevent</c> will read it. The memory must be zero behind the first 32 bytes.</summary>
    internal static void Write(byte* change, int descriptor, short filter, ushort flags, uint filterFlags, ulong userData)
    {
        Unsafe.WriteUnaligned(change + KqueueNumbers.IdentOffset, (ulong)(uint)descriptor);
        Unsafe.WriteUnaligned(change + KqueueNumbers.FilterOffset, filter);
        Unsafe.WriteUnaligned(change + KqueueNumbers.FlagsOffset, flags);
        Unsafe.WriteUnaligned(change + KqueueNumbers.FilterFlagsOffset, filterFlags);
        Unsafe.WriteUnaligned(change + KqueueNumbers.DataOffset, 0L);
        Unsafe.WriteUnaligned(change + KqueueNumbers.UserDataOffset, userData);
    }

    /// <summary>The filter of an event.</summary>
    internal short Filter(int index) => Unsafe.ReadUnaligned<short>(At(index) + KqueueNumbers.FilterOffset);

    /// <summary>
    /// The flags of an event. The kernel may return some that were given when the filter was added: only EV_ERROR and EV_EOF say
    /// something.
    /// </summary>
    internal ushort Flags(int index) => Unsafe.ReadUnaligned<ushort>(At(index) + KqueueNumbers.FlagsOffset);

    /// <summary>The filter's own flags; the socket's error where EV_EOF is set.</summary>
    internal uint FilterFlags(int index) => Unsafe.ReadUnaligned<uint>(At(index) + KqueueNumbers.FilterFlagsOffset);

    /// <summary>The user's 64 bits of an event.</summary>
    internal ulong UserData(int index) => Unsafe.ReadUnaligned<ulong>(At(index) + KqueueNumbers.UserDataOffset);

    /// <summary>The data of a receipt: the platform's errno, or 0.</summary>
    internal static long Data(byte* receipt) => Unsafe.ReadUnaligned<long>(receipt + KqueueNumbers.DataOffset);

    /// <summary>The flags of a receipt.</summary>
    internal static ushort Flags(byte* receipt) => Unsafe.ReadUnaligned<ushort>(receipt + KqueueNumbers.FlagsOffset);

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private byte* At(int index) => _memory + (index * _stride);

    private void Free()
    {
        NativeMemory.Free(_memory);
        _memory = null;
    }
}

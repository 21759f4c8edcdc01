using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AwsIO.Native.Linux;

/// <summary>
/// Native memory for a batch of <c>struct epoll_event</c>. This type alone knows the layout: 12 bytes, packed, on x64 and x86;
/// 16 bytes, aligned, elsewhere.
/// </summary>
/// <remarks>The memory is native, so that a collection never moves it while the kernel writes to it.</remarks>
internal sealed unsafe class EpollEventBuffer : IDisposable
{
    /// <summary>The most bytes that one event takes on any architecture.</summary>
    internal const int MaxEventSize = 16;

    private static readonly bool s_packed =
        RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86;

    private byte* _memory;

    internal EpollEventBuffer(int capacity)
    {
        Capacity = capacity;
        _memory = (byte*)NativeMemory.AllocZeroed((nuint)(capacity * Stride));
    }

    ~EpollEventBuffer() => Free();

    /// <summary>Bytes from one event to the next.</summary>
    internal static int Stride => s_packed ? 12 : 16;

    internal int Capacity { get; }

    private static int DataOffset => s_packed ? 4 : 8;

    /// <summary>Writes one event where epoll_ctl will read it.</summary>
    internal static void WriteEvent(byte* destination, uint events, ulong data)
    {
        Unsafe.WriteUnaligned(destination, events);
        Unsafe.WriteUnaligned(destination + DataOffset, data);
    }

    /// <summary>Waits as <see cref="LibcEpoll.Wait"/> does; the events are then read by their index.</summary>
    internal int Wait(int epoll, long timeoutNanoseconds) => LibcEpoll.Wait(epoll, _memory, Capacity, timeoutNanoseconds);

    /// <summary>The event mask of one event of the batch.</summary>
    internal uint Events(int index) => Unsafe.ReadUnaligned<uint>(_memory + (index * Stride));

    /// <summary>The user's 64 bits of one event of the batch.</summary>
    internal ulong Data(int index) => Unsafe.ReadUnaligned<ulong>(_memory + (index * Stride) + DataOffset);

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.Free(_memory);
        _memory = null;
    }
}

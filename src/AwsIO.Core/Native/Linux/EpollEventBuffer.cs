using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AwsIO.Native.Linux;

/// <summary>
/// Native memory for a batch of <c>struct epoll_event</c>, laid out as <see cref="EpollEventLayout"/> says.
/// </summary>
/// <remarks>The memory is native, so that a collection never moves it while the kernel writes to it.</remarks>
internal sealed unsafe class EpollEventBuffer : IDisposable
{
    // Fields of their own, so that the JIT takes them for constants.
    private static readonly int s_stride = EpollEventLayout.Of(RuntimeInformation.ProcessArchitecture).Size;
    private static readonly int s_dataOffset = EpollEventLayout.Of(RuntimeInformation.ProcessArchitecture).DataOffset;

    private byte* _memory;

    internal EpollEventBuffer(int capacity)
    {
        Capacity = capacity;
        _memory = (byte*)NativeMemory.AllocZeroed((nuint)(capacity * Stride));
    }

    ~EpollEventBuffer() => Free();

    /// <summary>Bytes from one event to the next.</summary>
    internal static int Stride => s_stride;

    internal int Capacity { get; }

    /// <summary>Writes one event where epoll_ctl will read it.</summary>
    internal static void WriteEvent(byte* destination, uint events, ulong data)
    {
        Unsafe.WriteUnaligned(destination, events);
        Unsafe.WriteUnaligned(destination + s_dataOffset, data);
    }

    /// <summary>Waits as <see cref="LibcEpoll.Wait"/> does; the events are then read by their index.</summary>
    internal int Wait(int epoll, long timeoutNanoseconds) => LibcEpoll.Wait(epoll, _memory, Capacity, timeoutNanoseconds);

    /// <summary>The event mask of one event of the batch.</summary>
    internal uint Events(int index) => Unsafe.ReadUnaligned<uint>(_memory + (index * Stride));

    /// <summary>The user's 64 bits of one event of the batch.</summary>
    internal ulong Data(int index) => Unsafe.ReadUnaligned<ulong>(_memory + (index * Stride) + s_dataOffset);

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

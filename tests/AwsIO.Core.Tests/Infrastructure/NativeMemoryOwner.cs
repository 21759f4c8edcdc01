using System.Buffers;
using System.Runtime.InteropServices;

namespace AwsIO.Tests.Infrastructure;

/// <summary>Memory that no array is behind.</summary>
internal sealed unsafe class NativeMemoryOwner(int size) : MemoryManager<byte>
{
    private byte* _start = (byte*)NativeMemory.AllocZeroed((nuint)size);

    public override Span<byte> GetSpan() => new(_start, size);

    public override MemoryHandle Pin(int elementIndex = 0) => new(_start + elementIndex);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
        NativeMemory.Free(_start);
        _start = null;
    }
}

using System.Buffers;

namespace AwsIO.Tasks.Tests.Infrastructure;

/// <summary>Memory whose owner may take it away too early.</summary>
internal sealed class LostMemory : MemoryManager<byte>
{
    private readonly byte[] _bytes = new byte[16];
    private bool _lost;

    internal LostMemory() => Taken = CreateMemory(_bytes.Length);

    /// <summary>The memory as it was when it was still there.</summary>
    internal Memory<byte> Taken { get; }

    internal void Lose() => _lost = true;

    public override Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(_lost, this);
        return _bytes;
    }

    public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing) => _lost = true;
}

namespace AwsIO;

/// <summary>Memory that is filled from its start (<c>aws_byte_buf</c>). Used on one thread at a time.</summary>
/// <param name="memory">The memory; its owner keeps it alive.</param>
public sealed class IoBuffer(Memory<byte> memory)
{
    private readonly Memory<byte> _memory = memory;

    /// <summary>Makes a buffer with memory of its own.</summary>
    /// <param name="capacity">How many bytes it holds.</param>
    public IoBuffer(int capacity)
        : this(new byte[capacity])
    {
    }

    /// <summary>How many bytes are in it.</summary>
    public int Length { get; private set; }

    /// <summary>How many bytes it holds at the most.</summary>
    public int Capacity => _memory.Length;

    /// <summary>Whether there is no room left.</summary>
    public bool IsFull => Length == _memory.Length;

    /// <summary>The bytes in it.</summary>
    public ReadOnlyMemory<byte> Data => _memory[..Length];

    /// <summary>The room behind the bytes: write to it, then <see cref="Advance"/>.</summary>
    public Memory<byte> FreeSpace => _memory[Length..];

    /// <summary>Counts bytes that were written to <see cref="FreeSpace"/>.</summary>
    /// <param name="count">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is not that much room.</exception>
    public void Advance(int count)
    {
        if ((uint)count > (uint)(Capacity - Length))
        {
            throw new ArgumentOutOfRangeException(nameof(count), count, $"The buffer has room for {Capacity - Length} more bytes.");
        }

        Length += count;
    }

    /// <summary>Copies as many bytes as there is room for.</summary>
    /// <param name="source">The bytes.</param>
    /// <returns>How many were copied.</returns>
    public int Append(ReadOnlySpan<byte> source)
    {
        int count = Math.Min(source.Length, Capacity - Length);
        source[..count].CopyTo(_memory.Span[Length..]);
        Length += count;
        return count;
    }

    /// <summary>Drops the bytes, so that the memory can be filled again.</summary>
    public void Clear() => Length = 0;
}

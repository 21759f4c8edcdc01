using AwsIO.Native.Unix;

namespace AwsIO;

/// <summary>
/// Room for several datagrams that are received with one call to the system, and those that were received last. It may serve one
/// socket after another, but one at a time, and is used on that socket's loop.
/// </summary>
public sealed unsafe class DatagramBatch
{
    /// <summary>The most datagrams of a batch.</summary>
    public const int MaxCapacity = 1024;

    /// <summary>Bytes of the largest datagram that there is.</summary>
    public const int LargestDatagram = 65_535;

    // All pinned: the kernel has their addresses from one call to the next.
    private readonly MessageSlot[] _slots;
    private readonly IoVector[] _vectors;
    private readonly byte[] _senders;
    private readonly byte[] _data;
    private int _used;

    /// <summary>Makes an empty batch of <paramref name="capacity"/> times <paramref name="maxDatagramSize"/> bytes.</summary>
    /// <param name="capacity">How many datagrams are received at most at a time, 1 to <see cref="MaxCapacity"/>.</param>
    /// <param name="maxDatagramSize">
    /// How many bytes of a datagram there is room for, 1 to <see cref="LargestDatagram"/>; larger ones are told as truncated.
    /// </param>
    public DatagramBatch(int capacity = 32, int maxDatagramSize = 2048)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, MaxCapacity);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxDatagramSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxDatagramSize, LargestDatagram);
        MaxDatagramSize = maxDatagramSize;
        _slots = GC.AllocateArray<MessageSlot>(capacity, pinned: true);
        _vectors = GC.AllocateArray<IoVector>(capacity, pinned: true);
        _senders = GC.AllocateArray<byte>(capacity * DatagramAddress.MaxLength, pinned: true);
        _data = GC.AllocateUninitializedArray<byte>(capacity * maxDatagramSize, pinned: true);
        fixed (MessageSlot* slots = _slots)
        fixed (IoVector* vectors = _vectors)
        fixed (byte* senders = _senders, data = _data)
        {
            for (int i = 0; i < capacity; i++)
            {
                vectors[i] = new IoVector { Base = data + (i * maxDatagramSize), Length = (nuint)maxDatagramSize };
                slots[i].Header = new MessageHeader
                {
                    Name = senders + (i * DatagramAddress.MaxLength),
                    NameLength = DatagramAddress.MaxLength,
                    Vectors = vectors + i,
                    VectorCount = 1,
                };
            }
        }
    }

    /// <summary>How many datagrams are received at most at a time.</summary>
    public int Capacity => _slots.Length;

    /// <summary>How many bytes of a datagram there is room for.</summary>
    public int MaxDatagramSize { get; }

    /// <summary>How many datagrams were received last.</summary>
    public int Count { get; private set; }

    /// <summary>One of the datagrams that were received last, in their order.</summary>
    /// <param name="index">Which, from 0.</param>
    public ReceivedDatagram this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            ref readonly MessageSlot slot = ref _slots[index];
            int nameLength = (int)Math.Min(slot.Header.NameLength, DatagramAddress.MaxLength);
            return new ReceivedDatagram(
                _data.AsMemory(index * MaxDatagramSize, (int)slot.Length),
                _senders.AsSpan(index * DatagramAddress.MaxLength, nameLength),
                (slot.Header.Flags & SocketConstants.Truncated) != 0);
        }
    }

    /// <summary>Receives what there is, or as much of it as there is room for.</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="later">An error behind the datagrams that were received; 0 for none.</param>
    /// <returns>Why nothing could be received, a positive errno value; or 0.</returns>
    internal int Receive(int descriptor, out int later)
    {
        // What the kernel has written into the headers is put back; the rest of each stays as it is.
        for (int i = 0; i < _used; i++)
        {
            ref MessageHeader header = ref _slots[i].Header;
            header.NameLength = DatagramAddress.MaxLength;
            header.ControlLength = 0;
            header.Flags = 0;
        }

        fixed (MessageSlot* slots = _slots)
        {
            int result = Libc.ReceiveMessages(descriptor, slots, _slots.Length, out later);
            Count = Math.Max(result, 0);

            // A call that fails may have written into the header behind the last one.
            _used = Math.Min(Count + 1, _slots.Length);
            return result < 0 ? -result : 0;
        }
    }

    /// <summary>Has nothing received any more, for a callback that tells of an error.</summary>
    internal void Clear() => Count = 0;
}

namespace AwsIO;

/// <summary>One datagram of a <see cref="DatagramBatch"/>.</summary>
public readonly ref struct ReceivedDatagram
{
    private readonly ReadOnlySpan<byte> _sender;

    internal ReceivedDatagram(ReadOnlyMemory<byte> memory, ReadOnlySpan<byte> sender, bool isTruncated)
    {
        Memory = memory;
        _sender = sender;
        IsTruncated = isTruncated;
    }

    /// <summary>Its bytes; none for an empty datagram. They are the batch's, until it receives again.</summary>
    public ReadOnlyMemory<byte> Memory { get; }

    /// <summary>Its bytes, as <see cref="Memory"/>.</summary>
    public ReadOnlySpan<byte> Data => Memory.Span;

    /// <summary>Whether it had more bytes than the batch has room for. Those are lost.</summary>
    public bool IsTruncated { get; }

    /// <summary>Who sent it, copied; no address where the sender has none.</summary>
    public DatagramAddress Sender => new(_sender);
}

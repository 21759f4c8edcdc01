namespace AwsIO;

/// <summary>What is known of a datagram that was received.</summary>
/// <param name="Length">How many of its bytes were received; 0 for an empty datagram, which is no end of anything.</param>
/// <param name="IsTruncated">Whether it had more bytes than there was room for. Those are lost.</param>
/// <param name="Sender">Who sent it; no address where the sender has none.</param>
public readonly record struct DatagramInfo(int Length, bool IsTruncated, DatagramAddress Sender);

/// <summary>A datagram to be sent.</summary>
/// <param name="Data">Its bytes; none is a datagram too. They must stay as they are until the callback.</param>
/// <param name="To">Where to; no address on a connected socket.</param>
/// <param name="State">Handed to the callback.</param>
public readonly record struct OutgoingDatagram(ReadOnlyMemory<byte> Data, DatagramAddress To, object? State);

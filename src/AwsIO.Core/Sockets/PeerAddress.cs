using System.Runtime.CompilerServices;

namespace AwsIO;

/// <summary>An accepted peer's address as the kernel gave it: made into text only for who asks.</summary>
internal struct PeerAddress
{
    /// <summary>Room for an IPv6 address; a longer one, a Unix domain path, is made into text at once.</summary>
    internal const int MaxLength = 28;

    private Bytes _bytes;

    internal int Length { get; private set; }

    internal static PeerAddress From(ReadOnlySpan<byte> address)
    {
        PeerAddress peer = default;
        if (address.Length <= MaxLength)
        {
            address.CopyTo(peer._bytes);
            peer.Length = address.Length;
        }

        return peer;
    }

    internal readonly SocketEndpoint ToEndpoint() => SocketAddressText.Read(((ReadOnlySpan<byte>)_bytes)[..Length]);

    [InlineArray(MaxLength)]
    private struct Bytes
    {
        private byte _first;
    }
}

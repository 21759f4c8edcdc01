using System.Runtime.CompilerServices;

namespace AwsIO;

/// <summary>An accepted peer's address as the kernel gave it: made into text only for who asks.</summary>
internal sealed class PeerAddress
{
    /// <summary>Room for an IPv6 address; a longer one, a Unix domain path, is made into text at once.</summary>
    private const int MaxLength = 28;

    private readonly int _length;
    private Bytes _bytes;

    private PeerAddress(ReadOnlySpan<byte> address)
    {
        address.CopyTo(_bytes);
        _length = address.Length;
    }

    /// <summary>Keeps an address, as one of these, or as a <see cref="SocketEndpoint"/>; null where the kernel has given none.</summary>
    internal static object? Keep(ReadOnlySpan<byte> address) =>
        address.IsEmpty ? null
        : address.Length <= MaxLength ? new PeerAddress(address)
        : SocketAddressText.Read(address);

    internal SocketEndpoint ToEndpoint() => SocketAddressText.Read(((ReadOnlySpan<byte>)_bytes)[.._length]);

    [InlineArray(MaxLength)]
    private struct Bytes
    {
        private byte _first;
    }
}

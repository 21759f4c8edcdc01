using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace AwsIO;

/// <summary>
/// Where a datagram comes from or goes to, as the kernel has it: a value that is copied, compared and sent to without allocating.
/// The default is no address.
/// </summary>
public readonly struct DatagramAddress : IEquatable<DatagramAddress>
{
    /// <summary>Room for the longest address, that of a Unix domain path.</summary>
    internal const int MaxLength = 112;

    private readonly byte _length;
    private readonly Bytes _bytes;

    internal DatagramAddress(ReadOnlySpan<byte> address)
    {
        _length = (byte)address.Length;
        address.CopyTo(_bytes);
    }

    /// <summary>
    /// Whether there is no address: the default, or the sender where it has none, as a Unix domain socket that was not bound.
    /// </summary>
    public bool IsNone => _length <= sizeof(ushort);

    [UnscopedRef]
    internal ReadOnlySpan<byte> Span => ((ReadOnlySpan<byte>)_bytes)[.._length];

    /// <summary>Whether two addresses are the same.</summary>
    public static bool operator ==(in DatagramAddress left, in DatagramAddress right) => left.Span.SequenceEqual(right.Span);

    /// <summary>Whether two addresses differ.</summary>
    public static bool operator !=(in DatagramAddress left, in DatagramAddress right) => !(left == right);

    /// <summary>Makes an endpoint into an address: once, for as many datagrams as are sent there. Any thread.</summary>
    /// <param name="endpoint">An IP address with a port and perhaps a scope, a path, or an abstract name; not one of VSOCK.</param>
    /// <returns>
    /// The address, or <see cref="IoErrorCode.SocketInvalidAddress"/>, <see cref="IoErrorCode.PlatformNotSupported"/>.
    /// </returns>
    public static IoResult<DatagramAddress> From(in SocketEndpoint endpoint)
    {
        IoError error = endpoint.Domain == SocketDomain.Vsock
            ? new IoError(IoErrorCode.SocketInvalidAddress, $"'{endpoint}' takes no datagrams.")
            : endpoint.ValidateForConnect();
        Span<byte> buffer = stackalloc byte[Native.Unix.SockAddr.MaxSize];
        int length = 0;
        error = error.IsError ? error : SocketAddressText.TryWrite(endpoint, buffer, out length);
        return error.IsError ? new(error) : new(new DatagramAddress(buffer[..length]));
    }

    /// <summary>The address as an endpoint, in text; an unnamed Unix domain one where there is none.</summary>
    /// <returns>The endpoint.</returns>
    public SocketEndpoint ToEndpoint() => SocketAddressText.Read(Span);

    /// <summary>Whether another address is the same.</summary>
    /// <param name="other">The other address.</param>
    /// <returns>Whether it is.</returns>
    public bool Equals(DatagramAddress other) => this == other;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is DatagramAddress other && this == other;

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(Span);
        return hash.ToHashCode();
    }

    /// <summary>The address as people write it, as <see cref="SocketEndpoint.ToString"/>.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => ToEndpoint().ToString();

    [InlineArray(MaxLength)]
    private struct Bytes
    {
        private byte _first;
    }
}

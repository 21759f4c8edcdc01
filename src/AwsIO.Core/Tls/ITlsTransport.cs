namespace AwsIO;

/// <summary>Where a TLS session gets ciphertext from and puts it to: the handler's queues. Never a socket; never blocks.</summary>
public interface ITlsTransport
{
    /// <summary>Takes ciphertext that the peer has sent.</summary>
    /// <param name="destination">Where to.</param>
    /// <returns>How many bytes; 0 when none is there now.</returns>
    int ReadCiphertext(Span<byte> destination);

    /// <summary>Hands over ciphertext for the peer; all of it is taken.</summary>
    /// <param name="ciphertext">The bytes.</param>
    void WriteCiphertext(ReadOnlySpan<byte> ciphertext);
}

namespace AwsIO;

/// <summary>One end of one TLS connection, as a provider makes it. Used by its channel's loop's thread alone; never blocks.</summary>
public abstract class TlsSession : IDisposable
{
    /// <summary>Why a step failed.</summary>
    public abstract IoError Error { get; }

    /// <summary>What was negotiated; meaningful once the handshake is done.</summary>
    public abstract TlsConnectionInfo Info { get; }

    /// <summary>Whether plaintext is decrypted already and waits to be read.</summary>
    public abstract bool HasPending { get; }

    /// <summary>Goes on with the handshake as far as the ciphertext at hand allows.</summary>
    /// <returns>Where it stands.</returns>
    public abstract TlsStep Handshake();

    /// <summary>Decrypts.</summary>
    /// <param name="plaintext">Where to; not empty.</param>
    /// <param name="count">How many bytes were decrypted; more than 0 when the step is done.</param>
    /// <returns>Where it stands.</returns>
    public abstract TlsStep Read(Span<byte> plaintext, out int count);

    /// <summary>Encrypts, and hands the ciphertext to the transport.</summary>
    /// <param name="plaintext">The bytes.</param>
    /// <param name="count">How many of them were encrypted: all when the step is done.</param>
    /// <returns>
    /// <see cref="TlsStep.Done"/>, <see cref="TlsStep.Failed"/>, or <see cref="TlsStep.NeedsInput"/> where a message of the protocol has
    /// come only in part, and the rest can be encrypted once it has come whole.
    /// </returns>
    public abstract TlsStep Write(ReadOnlySpan<byte> plaintext, out int count);

    /// <summary>Tells the peer that nothing more will come (close_notify). At most once; ignored after a failure.</summary>
    public abstract void WriteCloseNotify();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Lets go of everything.</summary>
    /// <param name="disposing">Whether this is not a finaliser's call.</param>
    protected abstract void Dispose(bool disposing);
}

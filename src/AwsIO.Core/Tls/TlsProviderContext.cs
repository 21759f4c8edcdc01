namespace AwsIO;

/// <summary>What a provider's connections of one kind share: certificates, keys, trust. Used on any thread.</summary>
public abstract class TlsProviderContext : IDisposable
{
    /// <summary>Makes one connection's session.</summary>
    /// <param name="options">The connection's own options.</param>
    /// <param name="transport">Where ciphertext comes from and goes to.</param>
    /// <returns>The session, which its handler disposes, or why it cannot be made.</returns>
    public abstract IoResult<TlsSession> CreateSession(TlsConnectionOptions options, ITlsTransport transport);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Lets go of everything; sessions that were made go on.</summary>
    /// <param name="disposing">Whether this is not a finaliser's call.</param>
    protected abstract void Dispose(bool disposing);
}

using System.Collections.Concurrent;

namespace AwsIO.Tasks;

/// <summary>Contexts of clients by what they are made of: loading the system's authorities for each connection would cost far more than dialling.</summary>
internal sealed class TlsContextCache : IDisposable
{
    // Programs have a few kinds of connections; one that makes up options for each is served without the cache.
    private const int MaxContexts = 64;

    private readonly ConcurrentDictionary<Key, TlsContext> _contexts = new();

    public void Dispose()
    {
        foreach (TlsContext context in _contexts.Values)
        {
            context.Dispose();
        }

        _contexts.Clear();
    }

    internal TlsContext GetOrCreate(TlsClientOptions options)
    {
        Key key = new(
            string.Join('\0', options.Alpn),
            options.TrustedCertificatesPem,
            options.VerifyPeer,
            options.VerifyHostName,
            options.CertificatePem,
            options.PrivateKeyPem,
            options.MinimumVersion,
            options.MaximumVersion);
        if (_contexts.TryGetValue(key, out TlsContext? known))
        {
            return known;
        }

        TlsContext made = TlsContext.CreateClient(options.ToContextOptions()).GetOrThrow();
        return _contexts.Count < MaxContexts ? _contexts.GetOrAdd(key, made) : made;
    }

    private sealed record Key(
        string Alpn,
        string? Trusted,
        bool VerifyPeer,
        bool VerifyHostName,
        string? Certificate,
        string? PrivateKey,
        TlsVersion Minimum,
        TlsVersion Maximum);
}

using System.Diagnostics.CodeAnalysis;

namespace AwsIO.Tasks;

/// <summary>
/// Contexts of clients by what they are made of: loading the system's authorities for each connection would cost far more than dialling.
/// </summary>
/// <remarks>
/// Programs have a few kinds of connections. Of one that makes up options for each, the context that was used the longest ago goes, and its
/// private key with it, as soon as no connection is being made with it; connections that exist need none.
/// </remarks>
internal sealed class TlsContextCache : IDisposable
{
    internal const int MaxContexts = 64;

    // Taken for a look-up, never while a context is made: one of a bad file must not hold up all others.
    private readonly object _gate = new();
    private readonly Dictionary<Key, Entry> _entries = [];
    private long _uses;
    private bool _disposed;

    /// <summary>How many contexts are kept for later.</summary>
    internal int Count
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count;
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            foreach (Entry entry in _entries.Values)
            {
                Drop(entry);
            }

            _entries.Clear();
        }
    }

    /// <summary>Gives the context for options; the lease is to be disposed once the connection is made, or has failed.</summary>
    internal Lease Rent(TlsClientOptions options)
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
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out Entry? known))
            {
                return Use(known);
            }
        }

        TlsContext made = TlsContext.CreateClient(options.ToContextOptions()).GetOrThrow();
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out Entry? known))
            {
                // Another connection of the kind was quicker.
                made.Dispose();
                return Use(known);
            }

            Entry entry = new(made);
            if (_disposed)
            {
                entry.IsDropped = true;
                return Use(entry);
            }

            if (_entries.Count >= MaxContexts)
            {
                DropOldest();
            }

            _entries.Add(key, entry);
            return Use(entry);
        }
    }

    private void DropOldest()
    {
        KeyValuePair<Key, Entry> oldest = _entries.MinBy(static pair => pair.Value.LastUse);
        _entries.Remove(oldest.Key);
        Drop(oldest.Value);
    }

    private Lease Use(Entry entry)
    {
        entry.LastUse = ++_uses;
        entry.Users++;
        return new Lease(this, entry);
    }

    private static void Drop(Entry entry)
    {
        entry.IsDropped = true;
        DisposeIfUnused(entry);
    }

    private static void DisposeIfUnused(Entry entry)
    {
        if (entry is { IsDropped: true, Users: 0 })
        {
            entry.Context.Dispose();
        }
    }

    private void Return(Entry entry)
    {
        lock (_gate)
        {
            entry.Users--;
            DisposeIfUnused(entry);
        }
    }

    /// <summary>Keeps a context alive while a connection is made with it.</summary>
    internal sealed class Lease : IDisposable
    {
        private readonly TlsContextCache _cache;
        private Entry? _entry;

        internal Lease(TlsContextCache cache, Entry entry)
        {
            _cache = cache;
            _entry = entry;
            Context = entry.Context;
        }

        internal TlsContext Context { get; }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _entry, null) is { } entry)
            {
                _cache.Return(entry);
            }
        }
    }

    /// <summary>A context and who uses it; under the lock.</summary>
    [SuppressMessage("Design", "CA1001", Justification = "The cache disposes of the context.")]
    internal sealed class Entry(TlsContext context)
    {
        internal TlsContext Context => context;

        internal long LastUse { get; set; }

        internal int Users { get; set; }

        internal bool IsDropped { get; set; }
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

using System.Text;

namespace AwsIO;

/// <summary>Certificates, keys, trust and versions that TLS connections share (<c>aws_tls_ctx</c>). Used on any thread.</summary>
public sealed class TlsContext : IDisposable
{
    private readonly TlsContextOptions _options;
    private readonly TlsProviderContext _inner;

    private TlsContext(TlsContextOptions options, TlsProviderContext inner, bool isServer)
    {
        _options = options;
        _inner = inner;
        IsServer = isServer;
    }

    /// <summary>Whether connections of this context are the server's end.</summary>
    public bool IsServer { get; }

    /// <summary>Whether the peer must show a certificate that is trusted.</summary>
    public bool VerifiesPeer => _options.VerifyPeer ?? !IsServer;

    /// <summary>Whether a server's certificate must be for the name that was dialled.</summary>
    public bool VerifiesHostName => _options.VerifyHostName;

    /// <summary>Makes a context for clients (<c>aws_tls_client_ctx_new</c>). Any thread.</summary>
    /// <param name="options">How; copied.</param>
    /// <returns>
    /// The context, or <see cref="IoErrorCode.TlsContextError"/>, <see cref="IoErrorCode.TlsDefaultTrustStoreNotFound"/>,
    /// <see cref="IoErrorCode.TlsVersionUnsupported"/>, <see cref="IoErrorCode.InvalidArgument"/> with what is wrong.
    /// </returns>
    public static IoResult<TlsContext> CreateClient(TlsContextOptions options) => Create(options, isServer: false);

    /// <summary>Makes a context for servers (<c>aws_tls_server_ctx_new</c>). Any thread.</summary>
    /// <param name="options">How; copied. A certificate and its key are needed.</param>
    /// <returns>
    /// The context, or <see cref="IoErrorCode.TlsContextError"/>, <see cref="IoErrorCode.TlsVersionUnsupported"/>,
    /// <see cref="IoErrorCode.InvalidArgument"/> with what is wrong.
    /// </returns>
    public static IoResult<TlsContext> CreateServer(TlsContextOptions options) => Create(options, isServer: true);

    /// <summary>Options for a client's connection to a host.</summary>
    /// <param name="serverName">The host's name, or its address in text.</param>
    /// <returns>New options.</returns>
    public TlsConnectionOptions ForHost(string serverName)
    {
        ArgumentException.ThrowIfNullOrEmpty(serverName);
        return new TlsConnectionOptions(this) { ServerName = serverName };
    }

    /// <summary>Options for a server's connections.</summary>
    /// <returns>New options.</returns>
    public TlsConnectionOptions ForServer() => new(this);

    /// <summary>Lets go of the certificates and keys. Connections that exist go on; new ones fail.</summary>
    public void Dispose() => _inner.Dispose();

    internal static IoError ValidateAlpn(IReadOnlyList<string> protocols)
    {
        foreach (string protocol in protocols)
        {
            int size = protocol is null ? 0 : Encoding.UTF8.GetByteCount(protocol);
            if (size is 0 or > 255)
            {
                return new IoError(
                    IoErrorCode.InvalidArgument, $"The ALPN protocol '{protocol}' has {size} bytes; it must have 1 to 255.");
            }
        }

        return IoError.None;
    }

    internal IoResult<TlsSession> CreateSession(TlsConnectionOptions options, ITlsTransport transport) =>
        _inner.CreateSession(options, transport);

    private static IoResult<TlsContext> Create(TlsContextOptions options, bool isServer)
    {
        ArgumentNullException.ThrowIfNull(options);
        TlsContextOptions copy = options.Clone();
        IoError invalid = Validate(copy, isServer);
        if (invalid.IsError)
        {
            return new(invalid);
        }

        IoResult<TlsProviderContext> inner = (copy.Provider ?? TlsProviders.Default).CreateContext(copy, isServer);
        return inner.IsSuccess ? new(new TlsContext(copy, inner.Value, isServer)) : new(inner.Error);
    }

    private static IoError Validate(TlsContextOptions options, bool isServer)
    {
        if (string.IsNullOrWhiteSpace(options.CertificatePem) != string.IsNullOrWhiteSpace(options.PrivateKeyPem))
        {
            return new IoError(
                IoErrorCode.InvalidArgument, "A certificate needs its private key, and a key its certificate: set both, or neither.");
        }

        if (isServer && string.IsNullOrWhiteSpace(options.CertificatePem))
        {
            return new IoError(IoErrorCode.InvalidArgument, "A TLS server needs a certificate: set CertificatePem and PrivateKeyPem.");
        }

        if (!IsKnown(options.MinimumVersion) || !IsKnown(options.MaximumVersion))
        {
            return new IoError(
                IoErrorCode.TlsVersionUnsupported,
                $"Versions {options.MinimumVersion} to {options.MaximumVersion} are not supported: AwsIO speaks TLS 1.2 and 1.3.");
        }

        if (options.MinimumVersion != TlsVersion.SystemDefault && options.MaximumVersion < options.MinimumVersion)
        {
            return new IoError(
                IoErrorCode.InvalidArgument, $"The highest version, {options.MaximumVersion}, is below the lowest, {options.MinimumVersion}.");
        }

        return ValidateAlpn(options.Alpn);
    }

    private static bool IsKnown(TlsVersion version) => version is TlsVersion.Tls12 or TlsVersion.Tls13 or TlsVersion.SystemDefault;
}

namespace AwsIO;

/// <summary>What TLS connections of one kind have in common (<c>aws_tls_ctx_options</c>).</summary>
public sealed class TlsContextOptions
{
    /// <summary>The own certificate in PEM, with the certificates of its chain behind it; a server needs one.</summary>
    public string? CertificatePem { get; set; }

    /// <summary>The own certificate's private key in PEM.</summary>
    public string? PrivateKeyPem { get; set; }

    /// <summary>
    /// The authorities to trust, in PEM; null for the system's (<c>override_default_trust_store</c>). What is set here replaces the
    /// system's entirely.
    /// </summary>
    public string? TrustedCertificatesPem { get; set; }

    /// <summary>
    /// Whether the peer must show a certificate that the trusted authorities vouch for; null, the default, means true for clients and
    /// false for servers.
    /// </summary>
    public bool? VerifyPeer { get; set; }

    /// <summary>
    /// Whether a client also checks that the server's certificate is for the name that was dialled; on by default. Off, any
    /// certificate of a trusted authority will do.
    /// </summary>
    public bool VerifyHostName { get; set; } = true;

    /// <summary>The protocols to offer (client) or to choose from (server) by ALPN, the most wanted first; none by default.</summary>
    public IReadOnlyList<string> Alpn { get; set; } = [];

    /// <summary>The lowest version to speak; TLS 1.2 by default.</summary>
    public TlsVersion MinimumVersion { get; set; } = TlsVersion.SystemDefault;

    /// <summary>The highest version to speak; the library's newest by default.</summary>
    public TlsVersion MaximumVersion { get; set; } = TlsVersion.SystemDefault;

    /// <summary>Who does the cryptography; null for the platform's default, OpenSSL.</summary>
    public ITlsProvider? Provider { get; set; }

    internal TlsContextOptions Clone()
    {
        TlsContextOptions copy = (TlsContextOptions)MemberwiseClone();
        copy.Alpn = [.. Alpn];
        return copy;
    }
}

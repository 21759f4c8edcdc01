namespace AwsIO.Tasks;

/// <summary>TLS of a server: a certificate and its key are needed.</summary>
public sealed class TlsServerOptions
{
    /// <summary>The certificate in PEM, with those of its chain behind it.</summary>
    public required string CertificatePem { get; set; }

    /// <summary>The certificate's private key in PEM.</summary>
    public required string PrivateKeyPem { get; set; }

    /// <summary>The protocols to choose from by ALPN, the most wanted first.</summary>
    public IReadOnlyList<string> Alpn { get; set; } = [];

    /// <summary>Whether clients must show a certificate that the trusted authorities vouch for; off by default.</summary>
    public bool RequireClientCertificate { get; set; }

    /// <summary>The authorities that vouch for clients, in PEM, in place of the system's; null for the system's.</summary>
    public string? TrustedCertificatesPem { get; set; }

    /// <summary>The lowest version to speak; TLS 1.2 by default.</summary>
    public TlsVersion MinimumVersion { get; set; } = TlsVersion.SystemDefault;

    /// <summary>The highest version to speak; the library's newest by default.</summary>
    public TlsVersion MaximumVersion { get; set; } = TlsVersion.SystemDefault;

    /// <summary>How long a handshake may take, from the accepting of the connection on; 10 seconds by default.</summary>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(10);

    internal TlsContextOptions ToContextOptions() => new()
    {
        CertificatePem = CertificatePem,
        PrivateKeyPem = PrivateKeyPem,
        Alpn = Alpn,
        VerifyPeer = RequireClientCertificate,
        TrustedCertificatesPem = TrustedCertificatesPem,
        MinimumVersion = MinimumVersion,
        MaximumVersion = MaximumVersion,
    };
}

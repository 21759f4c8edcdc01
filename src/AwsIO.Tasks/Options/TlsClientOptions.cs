namespace AwsIO.Tasks;

/// <summary>TLS of a client. Empty options verify the peer against the system's trusted authorities and the name dialled.</summary>
public sealed class TlsClientOptions
{
    /// <summary>The protocols to offer by ALPN, the most wanted first.</summary>
    public IReadOnlyList<string> Alpn { get; set; } = [];

    /// <summary>The name that the server's certificate must be for; null for the name that is dialled.</summary>
    public string? ServerName { get; set; }

    /// <summary>The authorities to trust, in PEM, in place of the system's; null for the system's.</summary>
    public string? TrustedCertificatesPem { get; set; }

    /// <summary>Whether the server must show a trusted certificate; on by default. Off, anybody can pose as the server.</summary>
    public bool VerifyPeer { get; set; } = true;

    /// <summary>Whether the certificate must be for the server's name; on by default.</summary>
    public bool VerifyHostName { get; set; } = true;

    /// <summary>The own certificate and its chain in PEM, for servers that ask for one.</summary>
    public string? CertificatePem { get; set; }

    /// <summary>The own certificate's private key in PEM.</summary>
    public string? PrivateKeyPem { get; set; }

    /// <summary>The lowest version to speak; TLS 1.2 by default.</summary>
    public TlsVersion MinimumVersion { get; set; } = TlsVersion.SystemDefault;

    /// <summary>The highest version to speak; the library's newest by default.</summary>
    public TlsVersion MaximumVersion { get; set; } = TlsVersion.SystemDefault;

    /// <summary>How long the handshake may take; 10 seconds by default.</summary>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(10);

    internal TlsContextOptions ToContextOptions() => new()
    {
        Alpn = Alpn,
        TrustedCertificatesPem = TrustedCertificatesPem,
        VerifyPeer = VerifyPeer,
        VerifyHostName = VerifyHostName,
        CertificatePem = CertificatePem,
        PrivateKeyPem = PrivateKeyPem,
        MinimumVersion = MinimumVersion,
        MaximumVersion = MaximumVersion,
    };
}

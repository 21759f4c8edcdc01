namespace AwsIO;

/// <summary>What a TLS handshake agreed on.</summary>
public sealed class TlsConnectionInfo
{
    /// <summary>The version as the library names it, such as <c>TLSv1.3</c>.</summary>
    public required string Version { get; init; }

    /// <summary>The cipher suite's name.</summary>
    public required string CipherSuite { get; init; }

    /// <summary>The protocol that ALPN agreed on; null for none (<c>aws_tls_handler_protocol</c>).</summary>
    public string? Protocol { get; init; }

    /// <summary>The server name that the client asked for; null for none (<c>aws_tls_handler_server_name</c>).</summary>
    public string? ServerName { get; init; }

    /// <summary>The peer's own certificate in DER; empty when it showed none.</summary>
    public ReadOnlyMemory<byte> PeerCertificate { get; init; }
}

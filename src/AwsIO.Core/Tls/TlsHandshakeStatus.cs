namespace AwsIO;

/// <summary>How far a TLS handshake has come (<c>aws_tls_negotiation_status</c>).</summary>
public enum TlsHandshakeStatus
{
    /// <summary>Nothing was sent or received.</summary>
    None = 0,

    /// <summary>It goes on.</summary>
    Ongoing = 1,

    /// <summary>It is done.</summary>
    Success = 2,

    /// <summary>It has failed.</summary>
    Failure = 3,
}

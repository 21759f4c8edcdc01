namespace AwsIO;

/// <summary>Versions of TLS (<c>aws_tls_versions</c>).</summary>
public enum TlsVersion
{
    /// <summary>TLS 1.2.</summary>
    Tls12 = 3,

    /// <summary>TLS 1.3.</summary>
    Tls13 = 4,

    /// <summary>The default: 1.2 as the lowest, the library's newest as the highest.</summary>
    SystemDefault = 128,
}

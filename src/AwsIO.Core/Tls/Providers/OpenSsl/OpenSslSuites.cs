namespace AwsIO;

/// <summary>The cipher suites of TLS 1.2 that are spoken, the most wanted first.</summary>
/// <remarks>
/// The order of upstream's default. No DHE: its group is the server's own choice, and nobody can tell a good one from a trapped one.
/// Suites that the loaded library does not know are passed over.
/// </remarks>
internal static class OpenSslSuites
{
    /// <summary>In OpenSSL's own form, with a NUL behind it.</summary>
    internal static ReadOnlySpan<byte> Tls12 =>
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"u8
        + "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"u8
        + "ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA384:ECDHE-RSA-AES256-SHA384:"u8
        + "ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES256-SHA:"u8

        // Without forward secrecy: for peers that have nothing else.
        + "AES128-GCM-SHA256:AES256-GCM-SHA384:AES128-SHA256:AES256-SHA256:AES128-SHA:AES256-SHA"u8;
}

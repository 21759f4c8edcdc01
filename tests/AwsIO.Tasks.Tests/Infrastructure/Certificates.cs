using AwsIO.Testing;

namespace AwsIO.Tasks.Tests.Infrastructure;

/// <summary>One authority and one certificate of its for all tests: keys take a while to make.</summary>
internal static class Certificates
{
    private static readonly Lazy<(TestCertificateAuthority Authority, TestCertificate Server)> s_made = new(static () =>
    {
        TestCertificateAuthority authority = new();
        return (authority, authority.Issue());
    });

    internal static TestCertificateAuthority Authority => s_made.Value.Authority;

    internal static TestCertificate Server => s_made.Value.Server;

    internal static TlsServerOptions ServerOptions() => new()
    {
        CertificatePem = Server.CertificatePem,
        PrivateKeyPem = Server.PrivateKeyPem,
        Alpn = ["test"],
    };

    internal static TlsClientOptions ClientOptions() => new()
    {
        TrustedCertificatesPem = Authority.CertificatePem,
        ServerName = "localhost",
        Alpn = ["test"],
    };
}

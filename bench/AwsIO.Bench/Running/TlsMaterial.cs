using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using AwsIO.Testing;

namespace AwsIO.Bench.Running;

/// <summary>The server's certificate, its key and the root that clients trust: one set for an invocation.</summary>
internal sealed class TlsMaterial
{
    /// <summary>The name that clients ask for and verify.</summary>
    public const string ServerName = "localhost";

    private TlsMaterial(string authorityPem, TestCertificate certificate)
    {
        AuthorityPem = authorityPem;
        Certificate = certificate;
    }

    public string AuthorityPem { get; }

    public TestCertificate Certificate { get; }

    public static TlsMaterial Create()
    {
        using var authority = new TestCertificateAuthority();
        return new TlsMaterial(authority.CertificatePem, authority.Issue());
    }

    public SslServerAuthenticationOptions ToServerOptions() =>
        new() { ServerCertificateContext = Certificate.ToSslStreamContext() };

    public SslClientAuthenticationOptions ToClientOptions()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.Add(X509Certificate2.CreateFromPem(AuthorityPem));
        return new SslClientAuthenticationOptions { TargetHost = ServerName, CertificateChainPolicy = policy };
    }
}

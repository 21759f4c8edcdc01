using AwsIO.Testing;

namespace AwsIO.Tests.Infrastructure.Connections;

/// <summary>Certificates and contexts for tests, made once.</summary>
internal static class TlsParts
{
    private static readonly Lazy<TestCertificateAuthority> s_authority = new(static () => new TestCertificateAuthority());
    private static readonly Lazy<TestCertificate> s_localhost = new(static () => s_authority.Value.Issue());

    internal static TestCertificateAuthority Authority => s_authority.Value;

    /// <summary>A good certificate for localhost and its addresses.</summary>
    internal static TestCertificate Localhost => s_localhost.Value;

    internal static TlsContext Server(TestCertificate? certificate = null, Action<TlsContextOptions>? change = null)
    {
        certificate ??= Localhost;
        TlsContextOptions options = new()
        {
            CertificatePem = certificate.CertificatePem,
            PrivateKeyPem = certificate.PrivateKeyPem,
        };
        change?.Invoke(options);
        return Made(TlsContext.CreateServer(options));
    }

    internal static TlsContext Client(Action<TlsContextOptions>? change = null)
    {
        TlsContextOptions options = new() { TrustedCertificatesPem = Authority.CertificatePem };
        change?.Invoke(options);
        return Made(TlsContext.CreateClient(options));
    }

    internal static TlsContextOptions Only(this TlsContextOptions options, TlsVersion version)
    {
        options.MinimumVersion = version;
        options.MaximumVersion = version;
        return options;
    }

    internal static TlsConnectionOptions Localhosted(this TlsContext context) => context.ForHost("localhost");

    private static TlsContext Made(IoResult<TlsContext> result)
    {
        Assert.True(result.IsSuccess, result.Error.ToString());
        return result.Value;
    }
}

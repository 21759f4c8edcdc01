using AwsIO.Testing;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Tls;

/// <summary>What a context can be made of, and what it says when it cannot.</summary>
public sealed class ContextTests
{
    private static readonly TestCertificate s_rsa =
        TlsParts.Authority.Issue(new TestCertificateOptions { KeyKind = TestKeyKind.Rsa2048, Intermediates = 1 });

    private static readonly TestCertificate s_ec = TlsParts.Localhost;

    [Fact]
    [Trait("Upstream", "test_duplicate_cert_import")]
    public void Two_contexts_can_be_made_of_one_certificate()
    {
        using TlsContext first = Made(s_rsa.CertificatePem, s_rsa.PrivateKeyPem);
        using TlsContext second = Made(s_rsa.CertificatePem, s_rsa.PrivateKeyPem);

        Assert.NotSame(first, second);
    }

    [Fact]
    [Trait("Upstream", "test_ecc_cert_import")]
    public void An_elliptic_key_will_do()
    {
        using System.Security.Cryptography.ECDsa key = System.Security.Cryptography.ECDsa.Create();
        key.ImportFromPem(s_ec.PrivateKeyPem);

        using TlsContext context = Made(s_ec.CertificatePem, key.ExportECPrivateKeyPem());

        Assert.True(context.IsServer);
    }

    [Fact]
    [Trait("Upstream", "test_pkcs8_import")]
    public void A_pkcs8_key_will_do()
    {
        Assert.StartsWith("-----BEGIN PRIVATE KEY-----", s_rsa.PrivateKeyPem, StringComparison.Ordinal);

        using TlsContext context = Made(s_rsa.CertificatePem, s_rsa.PrivateKeyPem);

        Assert.False(context.VerifiesPeer);
    }

    [Fact]
    public void A_pkcs1_key_will_do()
    {
        using System.Security.Cryptography.RSA key = System.Security.Cryptography.RSA.Create();
        key.ImportFromPem(s_rsa.PrivateKeyPem);

        using TlsContext context = Made(s_rsa.CertificatePem, key.ExportRSAPrivateKeyPem());

        Assert.True(context.IsServer);
    }

    [Fact]
    [Trait("Upstream", "tls_destroy_null_context")]
    public void Disposing_a_context_again_does_nothing()
    {
        TlsContext context = Made(s_ec.CertificatePem, s_ec.PrivateKeyPem);

        context.Dispose();
        Exception? second = Record.Exception(context.Dispose);

        Assert.Null(second);
    }

    [Theory]
    [InlineData("\r\n", "")]
    [InlineData("\n", "leading text that is no PEM\n\n")]
    [InlineData("\r\n", "Bag Attributes\r\n    friendlyName: x\r\n")]
    public void Pem_text_may_have_other_line_ends_and_text_around_it(string lineEnd, string before)
    {
        string certificate = before + s_rsa.CertificatePem.TrimEnd('\n').Replace("\n", lineEnd, StringComparison.Ordinal);
        string key = before + s_rsa.PrivateKeyPem.TrimEnd('\n').Replace("\n", lineEnd, StringComparison.Ordinal);

        using TlsContext context = Made(certificate, key);

        Assert.True(context.IsServer);
    }

    [Fact]
    public void A_key_and_its_certificates_may_stand_in_one_text()
    {
        string all = s_rsa.PrivateKeyPem + s_rsa.CertificatePem;

        using TlsContext context = Made(all, all);

        Assert.True(context.IsServer);
    }

    [Fact]
    public void A_key_of_another_certificate_is_named_as_the_fault() =>
        Refused("private key does not belong", s_rsa.CertificatePem, OtherKey(TestKeyKind.Rsa2048));

    [Fact]
    public void A_key_of_another_kind_is_named_as_the_fault() => Refused("private key", s_rsa.CertificatePem, s_ec.PrivateKeyPem);

    [Theory]
    [InlineData("nonsense")]
    [InlineData("-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    [InlineData("-----BEGIN CERTIFICATE-----\n")]
    public void A_bad_certificate_is_named_as_the_fault(string pem) => Refused("CertificatePem", pem, s_rsa.PrivateKeyPem);

    [Theory]
    [InlineData("nonsense")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")]
    public void A_bad_key_is_named_as_the_fault(string pem) => Refused("PrivateKeyPem", s_rsa.CertificatePem, pem);

    [Fact]
    public void A_certificate_where_the_key_should_be_is_named_as_the_fault() =>
        Refused("PrivateKeyPem", s_rsa.CertificatePem, s_rsa.CertificatePem);

    [Fact]
    public void A_bad_certificate_behind_a_good_one_is_not_passed_over()
    {
        using System.Security.Cryptography.X509Certificates.X509Certificate2 leaf = s_rsa.ToX509();
        string broken = leaf.ExportCertificatePem() + "\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

        Refused("CertificatePem", broken, s_rsa.PrivateKeyPem);
    }

    [Fact]
    public void A_bad_authority_behind_a_good_one_is_not_passed_over()
    {
        IoResult<TlsContext> result = TlsContext.CreateClient(new TlsContextOptions
        {
            TrustedCertificatesPem =
                TlsParts.Authority.CertificatePem + "\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        });

        Assert.Equal(IoErrorCode.TlsContextError, result.Error.Code);
        Assert.Contains("TrustedCertificatesPem", result.Error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_with_a_password_is_refused_rather_than_asked_for()
    {
        using System.Security.Cryptography.RSA key = System.Security.Cryptography.RSA.Create(2048);
        string secret = key.ExportEncryptedPkcs8PrivateKeyPem(
            "password",
            new System.Security.Cryptography.PbeParameters(
                System.Security.Cryptography.PbeEncryptionAlgorithm.Aes256Cbc,
                System.Security.Cryptography.HashAlgorithmName.SHA256,
                1000));

        Refused("password", s_rsa.CertificatePem, secret);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  \n")]
    [InlineData("no certificate")]
    public void Authorities_that_hold_no_certificate_are_refused(string pem)
    {
        IoResult<TlsContext> result = TlsContext.CreateClient(new TlsContextOptions { TrustedCertificatesPem = pem });

        Assert.Equal(IoErrorCode.TlsContextError, result.Error.Code);
        Assert.Contains("TrustedCertificatesPem", result.Error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_needs_a_certificate()
    {
        IoResult<TlsContext> result = TlsContext.CreateServer(new TlsContextOptions());

        Assert.Equal(IoErrorCode.InvalidArgument, result.Error.Code);
        Assert.Contains("certificate", result.Error.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_certificate_and_its_key_come_together(bool certificate)
    {
        IoResult<TlsContext> result = TlsContext.CreateClient(new TlsContextOptions
        {
            CertificatePem = certificate ? s_ec.CertificatePem : null,
            PrivateKeyPem = certificate ? null : s_ec.PrivateKeyPem,
        });

        Assert.Equal(IoErrorCode.InvalidArgument, result.Error.Code);
    }

    [Fact]
    public void Options_are_copied()
    {
        List<string> protocols = ["h2"];
        TlsContextOptions options = new()
        {
            TrustedCertificatesPem = TlsParts.Authority.CertificatePem,
            Alpn = protocols,
            VerifyHostName = false,
        };
        using TlsContext context = TlsContext.CreateClient(options).Value;

        protocols.Add("x");
        options.VerifyHostName = true;
        options.VerifyPeer = false;

        Assert.False(context.VerifiesHostName);
        Assert.True(context.VerifiesPeer);
    }

    [Fact]
    [Trait("Upstream", "test_concurrent_cert_import")]
    public async Task Many_threads_can_make_contexts_at_once()
    {
        using Barrier together = new(8);
        Task<int>[] workers = [.. Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
            () =>
            {
                together.SignalAndWait(TestContext.Current.CancellationToken);
                int good = 0;
                for (int i = 0; i < 25; i++)
                {
                    using TlsContext server = Made(s_rsa.CertificatePem, s_rsa.PrivateKeyPem);
                    using TlsContext client = TlsParts.Client();
                    IoResult<TlsContext> bad = TlsContext.CreateServer(
                        new TlsContextOptions { CertificatePem = s_rsa.CertificatePem, PrivateKeyPem = s_ec.PrivateKeyPem });
                    good += server.IsServer && !client.IsServer && bad.Error.Code == IoErrorCode.TlsContextError ? 1 : 0;
                }

                return good;
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default))];

        Assert.All(await Task.WhenAll(workers).Within(), static good => Assert.Equal(25, good));
    }

    private static TlsContext Made(string certificate, string key)
    {
        IoResult<TlsContext> result = TlsContext.CreateServer(
            new TlsContextOptions { CertificatePem = certificate, PrivateKeyPem = key });
        Assert.True(result.IsSuccess, result.Error.ToString());
        return result.Value;
    }

    private static string OtherKey(TestKeyKind kind) =>
        TlsParts.Authority.Issue(new TestCertificateOptions { KeyKind = kind }).PrivateKeyPem;

    private static void Refused(string named, string certificate, string key)
    {
        IoResult<TlsContext> result = TlsContext.CreateServer(
            new TlsContextOptions { CertificatePem = certificate, PrivateKeyPem = key });

        Assert.Equal(IoErrorCode.TlsContextError, result.Error.Code);
        Assert.Contains(named, result.Error.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("evil.example\0.bank.example")]
    [InlineData("\0")]
    public void A_server_name_with_a_NUL_is_refused(string name)
    {
        using TlsContext client = TlsParts.Client();
        IoError error = client.ForHost(name).Validate();
        Assert.Equal(IoErrorCode.InvalidArgument, error.Code);
        Assert.Contains("NUL", error.Detail, StringComparison.Ordinal);
    }
}

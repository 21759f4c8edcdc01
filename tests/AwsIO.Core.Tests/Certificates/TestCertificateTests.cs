using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AwsIO.Testing;

namespace AwsIO.Tests.Certificates;

/// <summary>AwsIO.Testing: what it issues is what was asked for, as .NET's own X.509 sees it.</summary>
public sealed class TestCertificateTests
{
    private const string ServerUsage = "1.3.6.1.5.5.7.3.1";
    private const string ClientUsage = "1.3.6.1.5.5.7.3.2";

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(TestKeyKind.EcdsaP256, 256)]
    [InlineData(TestKeyKind.EcdsaP384, 384)]
    [InlineData(TestKeyKind.EcdsaP521, 521)]
    [InlineData(TestKeyKind.Rsa2048, 2048)]
    [InlineData(TestKeyKind.Rsa3072, 3072)]
    [InlineData(TestKeyKind.Rsa4096, 4096)]
    public void A_certificate_has_a_key_of_the_kind_asked_for_that_fits_it(TestKeyKind kind, int bits)
    {
        using TestCertificateAuthority authority = new();
        using X509Certificate2 certificate = authority.Issue(new TestCertificateOptions { KeyKind = kind }).ToX509();
        byte[] data = [1, 2, 3];

        if (kind is TestKeyKind.Rsa2048 or TestKeyKind.Rsa3072 or TestKeyKind.Rsa4096)
        {
            using RSA open = certificate.GetRSAPublicKey()!;
            using RSA secret = certificate.GetRSAPrivateKey()!;
            byte[] signature = secret.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            Assert.Equal(bits, open.KeySize);
            Assert.True(open.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        }
        else
        {
            using ECDsa open = certificate.GetECDsaPublicKey()!;
            using ECDsa secret = certificate.GetECDsaPrivateKey()!;
            Assert.Equal(bits, open.KeySize);
            Assert.True(open.VerifyData(data, secret.SignData(data, HashAlgorithmName.SHA256), HashAlgorithmName.SHA256));
        }

        Assert.Empty(Problems(authority, certificate));
    }

    [Theory]
    [InlineData(TestKeyKind.EcdsaP256, TestKeyKind.Rsa2048)]
    [InlineData(TestKeyKind.Rsa2048, TestKeyKind.EcdsaP384)]
    public void An_authority_vouches_for_keys_of_another_kind(TestKeyKind root, TestKeyKind leaf)
    {
        using TestCertificateAuthority authority = new(new TestCertificateAuthorityOptions { KeyKind = root, CommonName = "Other Root" });
        using X509Certificate2 certificate = authority.Issue(new TestCertificateOptions { KeyKind = leaf }).ToX509();

        Assert.Equal("CN=Other Root", certificate.Issuer);
        Assert.Empty(Problems(authority, certificate));
    }

    [Fact]
    public void Without_options_a_certificate_is_for_localhost_and_its_addresses()
    {
        using TestCertificateAuthority authority = new();
        using X509Certificate2 certificate = authority.Issue().ToX509();

        Assert.Equal("CN=localhost", certificate.Subject);
        Assert.True(certificate.MatchesHostname("localhost"));
        Assert.True(certificate.MatchesHostname("127.0.0.1"));
        Assert.True(certificate.MatchesHostname("::1"));
        Assert.False(certificate.MatchesHostname("example.com"));
        Assert.Equal([ServerUsage, ClientUsage], Usages(certificate));
    }

    [Fact]
    public void A_certificate_has_the_names_and_addresses_asked_for_and_no_others()
    {
        using TestCertificateAuthority authority = new();
        using X509Certificate2 certificate = authority.Issue(new TestCertificateOptions
        {
            CommonName = "somebody",
            DnsNames = ["a.example", "*.b.example"],
            IPAddresses = [IPAddress.Parse("192.0.2.7")],
        }).ToX509();
        X509SubjectAlternativeNameExtension names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single();

        Assert.Equal("CN=somebody", certificate.Subject);
        Assert.Equal(["a.example", "*.b.example"], names.EnumerateDnsNames());
        Assert.Equal([IPAddress.Parse("192.0.2.7")], names.EnumerateIPAddresses());
        Assert.True(certificate.MatchesHostname("x.b.example"));
        Assert.False(certificate.MatchesHostname("localhost"));
    }

    [Fact]
    public void Without_names_there_is_no_extension_for_them()
    {
        using TestCertificateAuthority authority = new();
        using X509Certificate2 certificate = authority.Issue(new TestCertificateOptions { DnsNames = [], IPAddresses = [] }).ToX509();

        Assert.Empty(certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>());
        Assert.True(certificate.MatchesHostname("localhost"));
    }

    [Theory]
    [InlineData(-10, -5)]
    [InlineData(5, 10)]
    public void A_certificate_outside_its_time_is_refused_for_its_time_alone(int fromDays, int toDays)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using TestCertificateAuthority authority = new();
        using X509Certificate2 certificate = authority.Issue(new TestCertificateOptions
        {
            NotBefore = now.AddDays(fromDays),
            NotAfter = now.AddDays(toDays),
        }).ToX509();

        Assert.Equal([X509ChainStatusFlags.NotTimeValid], Problems(authority, certificate));
        Assert.Equal(now.AddDays(toDays).UtcDateTime, certificate.NotAfter.ToUniversalTime(), TimeSpan.FromSeconds(1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Intermediates_lead_from_the_certificate_to_the_root(int count)
    {
        using TestCertificateAuthority authority = new();
        TestCertificate issued = authority.Issue(new TestCertificateOptions { Intermediates = count });
        using X509Certificate2 certificate = issued.ToX509();
        X509Certificate2Collection sent = [];
        sent.ImportFromPem(issued.CertificatePem);
        X509Certificate2Collection intermediates = issued.ToX509Intermediates();
        using X509Certificate2 root = authority.ToX509();

        Assert.Equal(count, intermediates.Count);
        Assert.Equal(count + 1, sent.Count);
        Assert.Equal(certificate.Thumbprint, sent[0].Thumbprint);
        Assert.Equal([.. sent.Skip(1).Select(one => one.Subject), root.Subject], sent.Select(one => one.Issuer));
        Assert.Empty(Problems(authority, certificate, intermediates));
        Assert.Equal(count > 0, Problems(authority, certificate).Count > 0);
    }

    [Fact]
    public void Another_authority_vouches_for_nothing_of_this_one_and_a_certificate_of_its_own_for_itself()
    {
        using TestCertificateAuthority authority = new();
        using TestCertificateAuthority other = new(new TestCertificateAuthorityOptions { CommonName = "Other Root" });
        using X509Certificate2 certificate = authority.Issue().ToX509();
        using X509Certificate2 selfSigned = authority.Issue(new TestCertificateOptions { SelfSigned = true }).ToX509();

        Assert.NotEmpty(Problems(other, certificate));
        Assert.Equal(selfSigned.Subject, selfSigned.Issuer);
        Assert.Equal([X509ChainStatusFlags.UntrustedRoot], Problems(authority, selfSigned));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Usages_are_those_asked_for(bool server, bool client)
    {
        using TestCertificateAuthority authority = new();
        using X509Certificate2 certificate = authority.Issue(new TestCertificateOptions
        {
            ServerAuthentication = server,
            ClientAuthentication = client,
        }).ToX509();
        string[] expected = [.. server ? [ServerUsage] : Array.Empty<string>(), .. client ? [ClientUsage] : Array.Empty<string>()];

        Assert.Equal(expected, Usages(certificate));

        // Where a certificate names no usage, it may be used for all.
        bool isForAll = !server && !client;
        Assert.Equal(client || isForAll, Problems(authority, certificate, usage: ClientUsage).Count == 0);
        Assert.Equal(server || isForAll, Problems(authority, certificate, usage: ServerUsage).Count == 0);
    }

    [Fact]
    public async Task A_server_and_a_client_of_NET_take_each_others_certificates()
    {
        using TestCertificateAuthority authority = new();
        TestCertificate server = authority.Issue(new TestCertificateOptions { Intermediates = 1, ClientAuthentication = false });
        using X509Certificate2 client = authority.Issue(new TestCertificateOptions { CommonName = "a client", ServerAuthentication = false }).ToX509();
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        using TcpClient dialled = new();
        Task<TcpClient> accepting = listener.AcceptTcpClientAsync();
        await dialled.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using TcpClient accepted = await accepting.WaitAsync(s_limit);
        await using SslStream near = new(dialled.GetStream());
        await using SslStream far = new(accepted.GetStream());

        await Task.WhenAll(
            near.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                ClientCertificates = [client],
                CertificateChainPolicy = Policy(authority),
            }),
            far.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = server.ToSslStreamContext(),
                ClientCertificateRequired = true,
                CertificateChainPolicy = Policy(authority),
            })).WaitAsync(s_limit);

        Assert.True(near.IsMutuallyAuthenticated);
        Assert.Equal("CN=a client", far.RemoteCertificate!.Subject);
    }

    [Fact]
    public void Options_that_exclude_each_other_are_refused()
    {
        using TestCertificateAuthority authority = new();

        Assert.Throws<ArgumentException>(() => authority.Issue(new TestCertificateOptions { SelfSigned = true, Intermediates = 1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => authority.Issue(new TestCertificateOptions { Intermediates = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => authority.Issue(new TestCertificateOptions { KeyKind = (TestKeyKind)99 }));
    }

    [Fact]
    public async Task Several_threads_may_have_certificates_issued()
    {
        using TestCertificateAuthority authority = new();

        string[] serials = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() =>
        {
            using X509Certificate2 certificate = authority.Issue(new TestCertificateOptions { Intermediates = 0 }).ToX509();
            Assert.Empty(Problems(authority, certificate));
            return certificate.SerialNumber;
        }))).WaitAsync(s_limit);

        Assert.Equal(16, serials.Distinct().Count());
    }

    private static string[] Usages(X509Certificate2 certificate) =>
        [.. certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().SelectMany(all => all.EnhancedKeyUsages.Cast<Oid>()).Select(one => one.Value!)];

    private static X509ChainPolicy Policy(TestCertificateAuthority authority) => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        CustomTrustStore = { authority.ToX509() },
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
    };

    private static List<X509ChainStatusFlags> Problems(
        TestCertificateAuthority authority, X509Certificate2 certificate, X509Certificate2Collection? intermediates = null, string? usage = null)
    {
        using X509Chain chain = new() { ChainPolicy = Policy(authority) };
        chain.ChainPolicy.ExtraStore.AddRange(intermediates ?? []);
        if (usage is not null)
        {
            chain.ChainPolicy.ApplicationPolicy.Add(new Oid(usage));
        }

        bool isGood = chain.Build(certificate);
        List<X509ChainStatusFlags> problems = [.. chain.ChainStatus.Select(status => status.Status)];
        Assert.Equal(isGood, problems.Count == 0);
        return problems;
    }
}

using AwsIO.Testing;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Tls;

/// <summary>Certificates of clients.</summary>
public sealed class MutualTlsTests : ConnectionTest
{
    [Theory]
    [InlineData(TlsVersion.Tls12, TestKeyKind.Rsa2048)]
    [InlineData(TlsVersion.Tls12, TestKeyKind.EcdsaP256)]
    [InlineData(TlsVersion.Tls13, TestKeyKind.Rsa2048)]
    [InlineData(TlsVersion.Tls13, TestKeyKind.EcdsaP256)]
    [Trait("Upstream", "tls_client_channel_negotiation_success_mtls_tls13")]
    public async Task A_server_that_asks_is_shown_the_clients_certificate(TlsVersion version, TestKeyKind kind)
    {
        TestCertificate own = TlsParts.Authority.Issue(new TestCertificateOptions { CommonName = "client", KeyKind = kind });
        using TlsContext server = Asking(version);
        using TlsContext client = Showing(own, version);

        WirePair pair = await WirePair.Connect(this, client.Localhosted(), server.ForServer());
        await pair.Client.App.Send("hello").Within();
        await pair.Server.App.Received(5).Within();

        using System.Security.Cryptography.X509Certificates.X509Certificate2 expected = own.ToX509();
        Assert.Equal(expected.RawData, pair.Server.Tls!.Info!.PeerCertificate.ToArray());
    }

    [Fact]
    public async Task A_client_shows_its_intermediates_too()
    {
        TestCertificate own = TlsParts.Authority.Issue(new TestCertificateOptions { CommonName = "client", Intermediates = 2 });
        using TlsContext server = Asking(TlsVersion.Tls13);
        using TlsContext client = Showing(own, TlsVersion.Tls13);

        WirePair pair = await WirePair.Connect(this, client.Localhosted(), server.ForServer());

        Assert.True(pair.Server.Tls!.IsNegotiated);
    }

    [Theory]
    [InlineData(TlsVersion.Tls12)]
    [InlineData(TlsVersion.Tls13)]
    public async Task A_client_without_a_certificate_is_refused_by_a_server_that_asks(TlsVersion version)
    {
        using TlsContext server = Asking(version);
        using TlsContext client = TlsParts.Client(options => options.Only(version));
        WirePair pair = await WirePair.Create(this, client.Localhosted(), server.ForServer());

        await pair.Start();
        IoError servers = await pair.Server.Negotiated.Task.Within();
        IoError clientsEnd = await pair.Client.Ended.Task.Within();

        Assert.Equal(IoErrorCode.TlsNegotiationFailure, servers.Code);
        Assert.Contains("peer did not return a certificate", servers.Detail, StringComparison.Ordinal);

        // In TLS 1.3 a client is done before the server has looked: its first reading fails.
        Assert.Equal(
            version == TlsVersion.Tls12 ? IoErrorCode.TlsNegotiationFailure : IoErrorCode.TlsAlertReceived, clientsEnd.Code);
        Assert.Contains("alert", clientsEnd.Detail, StringComparison.Ordinal);
        Assert.Contains("server name localhost", clientsEnd.Detail, StringComparison.Ordinal);
        Assert.Equal(0, pair.Server.App.Count);
    }

    [Theory]
    [InlineData(TlsVersion.Tls12)]
    [InlineData(TlsVersion.Tls13)]
    public async Task A_clients_certificate_of_an_unknown_authority_is_refused(TlsVersion version)
    {
        using TestCertificateAuthority other = new();
        using TlsContext server = Asking(version);
        using TlsContext client = Showing(other.Issue(), version);
        WirePair pair = await WirePair.Create(this, client.Localhosted(), server.ForServer());

        await pair.Start();
        IoError servers = await pair.Server.Negotiated.Task.Within();
        IoError clientsEnd = await pair.Client.Ended.Task.Within();

        Assert.Equal(IoErrorCode.TlsNegotiationFailure, servers.Code);
        Assert.Contains("unable to get local issuer certificate", servers.Detail, StringComparison.Ordinal);
        Assert.Contains("unknown ca", clientsEnd.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_clients_certificate_for_servers_only_is_refused()
    {
        using TlsContext server = Asking(TlsVersion.Tls13);
        using TlsContext client = Showing(
            TlsParts.Authority.Issue(new TestCertificateOptions { ClientAuthentication = false }), TlsVersion.Tls13);
        WirePair pair = await WirePair.Create(this, client.Localhosted(), server.ForServer());

        await pair.Start();

        Assert.Contains("purpose", (await pair.Server.Negotiated.Task.Within()).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_clients_certificate_that_nobody_asks_for_is_not_shown()
    {
        using TlsContext server = TlsParts.Server();
        using TlsContext client = Showing(TlsParts.Authority.Issue(), TlsVersion.Tls13);

        WirePair pair = await WirePair.Connect(this, client.Localhosted(), server.ForServer());

        Assert.True(pair.Server.Tls!.Info!.PeerCertificate.IsEmpty);
    }

    private static TlsContext Asking(TlsVersion version) => TlsParts.Server(change: options =>
    {
        options.Only(version);
        options.VerifyPeer = true;
        options.TrustedCertificatesPem = TlsParts.Authority.CertificatePem;
    });

    private static TlsContext Showing(TestCertificate own, TlsVersion version) => TlsParts.Client(options =>
    {
        options.Only(version);
        options.CertificatePem = own.CertificatePem;
        options.PrivateKeyPem = own.PrivateKeyPem;
    });
}

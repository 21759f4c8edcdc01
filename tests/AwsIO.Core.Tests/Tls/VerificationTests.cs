using System.Net;
using AwsIO.Testing;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Tls;

/// <summary>What a client thinks of a server's certificate.</summary>
public sealed class VerificationTests : ConnectionTest
{
    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private static TestCertificate Expired =>
        TlsParts.Authority.Issue(new TestCertificateOptions { NotBefore = Now.AddYears(-3), NotAfter = Now.AddYears(-1) });

    private static TestCertificate Elsewhere =>
        TlsParts.Authority.Issue(new TestCertificateOptions { CommonName = "other.test", DnsNames = ["other.test"], IPAddresses = [] });

    private static TestCertificate SelfSigned => TlsParts.Authority.Issue(new TestCertificateOptions { SelfSigned = true });

    [Fact]
    [Trait("Upstream", "tls_client_channel_negotiation_error_expired")]
    public Task An_expired_certificate_is_refused() => Refused(Expired, "localhost", "expired");

    [Fact]
    public Task A_certificate_of_the_future_is_refused() => Refused(
        TlsParts.Authority.Issue(new TestCertificateOptions { NotBefore = Now.AddDays(2), NotAfter = Now.AddYears(1) }),
        "localhost",
        "not yet valid");

    [Fact]
    [Trait("Upstream", "tls_client_channel_negotiation_error_wrong_host_with_ca_override")]
    public Task A_certificate_for_another_host_is_refused_though_its_root_is_trusted() =>
        Refused(Elsewhere, "localhost", "hostname mismatch");

    [Fact]
    public Task A_certificate_for_another_address_is_refused() => Refused(
        TlsParts.Authority.Issue(new TestCertificateOptions { DnsNames = ["127.0.0.1"], IPAddresses = [IPAddress.Parse("127.0.0.2")] }),
        "127.0.0.1",
        "IP address mismatch");

    [Fact]
    [Trait("Upstream", "tls_client_channel_negotiation_error_self_signed")]
    public Task A_self_signed_certificate_is_refused() => Refused(SelfSigned, "localhost", "self-signed certificate");

    [Fact]
    [Trait("Upstream", "tls_client_channel_negotiation_error_untrusted_root")]
    public async Task A_certificate_of_an_unknown_authority_is_refused()
    {
        using TestCertificateAuthority other = new();

        await Refused(other.Issue(), "localhost", "unable to get local issuer certificate");
    }

    [Fact]
    public async Task A_missing_intermediate_is_refused()
    {
        TestCertificate whole = TlsParts.Authority.Issue(new TestCertificateOptions { Intermediates = 1 });

        await Refused(LeafAlone(whole), whole.PrivateKeyPem, "localhost", "unable to get local issuer certificate");
    }

    [Fact]
    public Task A_certificate_for_clients_only_is_refused() => Refused(
        TlsParts.Authority.Issue(new TestCertificateOptions { ServerAuthentication = false }), "localhost", "purpose");

    [Fact]
    [Trait("Upstream", "tls_certificate_chain_test")]
    public async Task A_server_that_sends_its_intermediates_is_verified_by_the_root_alone()
    {
        WirePair pair = await Accepted(TlsParts.Authority.Issue(new TestCertificateOptions { Intermediates = 2 }), "localhost");

        Assert.True(pair.Client.Tls!.IsNegotiated);
    }

    [Theory]
    [InlineData("a.wild.test", true)]
    [InlineData("A.WILD.TEST", true)]
    [InlineData("a.wild.test.", true)]
    [InlineData("wild.test", false)]
    [InlineData("a.b.wild.test", false)]
    [InlineData("awild.test", false)]
    public async Task A_wildcard_stands_for_one_label(string name, bool good)
    {
        TestCertificate wildcard = TlsParts.Authority.Issue(
            new TestCertificateOptions { CommonName = "wild", DnsNames = ["*.wild.test"], IPAddresses = [] });
        if (good)
        {
            WirePair pair = await Accepted(wildcard, name);
            Assert.True(pair.Client.Tls!.IsNegotiated);
        }
        else
        {
            await Refused(wildcard, name, "hostname mismatch");
        }
    }

    [Theory]
    [InlineData("a*.part.test")]
    [InlineData("*b.part.test")]
    public Task A_wildcard_within_a_label_counts_for_nothing(string pattern) => Refused(
        TlsParts.Authority.Issue(new TestCertificateOptions { CommonName = "part", DnsNames = [pattern], IPAddresses = [] }),
        "ab.part.test",
        "hostname mismatch");

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("0:0:0:0:0:0:0:1")]
    [InlineData("[::1]")]
    [InlineData("::1%1")]
    public async Task An_address_is_looked_for_among_the_certificates_addresses(string address)
    {
        WirePair pair = await Accepted(TlsParts.Localhost, address);

        Assert.True(pair.Client.Tls!.IsNegotiated);
        Assert.Null(pair.Server.Tls!.Info!.ServerName);
    }

    [Theory]
    [InlineData("bücher.test")]
    [InlineData("BÜCHER.test")]
    [InlineData("xn--bcher-kva.test")]
    public async Task An_international_name_is_asked_for_and_checked_in_its_ascii_form(string name)
    {
        WirePair pair = await Accepted(
            TlsParts.Authority.Issue(
                new TestCertificateOptions { CommonName = "idn", DnsNames = ["xn--bcher-kva.test"], IPAddresses = [] }),
            name);

        Assert.Equal("xn--bcher-kva.test", pair.Server.Tls!.Info!.ServerName);
    }

    [Fact]
    public async Task A_name_with_an_underscore_is_checked_as_it_is()
    {
        WirePair pair = await Accepted(
            TlsParts.Authority.Issue(new TestCertificateOptions { CommonName = "u", DnsNames = ["my_host.test"], IPAddresses = [] }),
            "my_host.test");

        Assert.Equal("my_host.test", pair.Server.Tls!.Info!.ServerName);
    }

    [Fact]
    [Trait("Upstream", "tls_client_channel_negotiation_no_verify_expired")]
    public Task Without_verification_an_expired_certificate_will_do() => AcceptedUnverified(Expired);

    [Fact]
    [Trait("Upstream", "tls_client_channel_negotiation_no_verify_wrong_host")]
    public Task Without_verification_a_certificate_for_another_host_will_do() => AcceptedUnverified(Elsewhere);

    [Fact]
    [Trait("Upstream", "tls_client_channel_negotiation_no_verify_self_signed")]
    public Task Without_verification_a_self_signed_certificate_will_do() => AcceptedUnverified(SelfSigned);

    [Fact]
    [Trait("Upstream", "tls_client_channel_negotiation_no_verify_untrusted_root")]
    public async Task Without_verification_an_unknown_authority_will_do()
    {
        using TestCertificateAuthority other = new();

        await AcceptedUnverified(other.Issue());
    }

    [Fact]
    [Trait("Upstream", "tls_client_channel_negotiation_success_no_verify_incomplete_chain")]
    public async Task Without_verification_an_incomplete_chain_will_do()
    {
        TestCertificate whole = TlsParts.Authority.Issue(new TestCertificateOptions { Intermediates = 1 });
        using TlsContext server = TlsParts.Server(
            whole, options => options.CertificatePem = LeafAlone(whole));
        using TlsContext client = TlsParts.Client(options => options.VerifyPeer = false);

        WirePair pair = await WirePair.Connect(this, client.Localhosted(), server.ForServer());

        Assert.True(pair.Client.Tls!.IsNegotiated);
    }

    [Fact]
    public async Task Without_the_host_check_any_name_of_a_trusted_authority_will_do()
    {
        using TlsContext server = TlsParts.Server(Elsewhere);
        using TlsContext client = TlsParts.Client(options => options.VerifyHostName = false);

        WirePair named = await WirePair.Connect(this, client.Localhosted(), server.ForServer());
        WirePair nameless = await WirePair.Connect(this, new TlsConnectionOptions(client), server.ForServer());

        Assert.Equal("localhost", named.Server.Tls!.Info!.ServerName);
        Assert.Null(nameless.Server.Tls!.Info!.ServerName);
    }

    [Fact]
    public async Task Without_the_host_check_the_authority_still_counts()
    {
        using TestCertificateAuthority other = new();
        using TlsContext server = TlsParts.Server(other.Issue());
        using TlsContext client = TlsParts.Client(options => options.VerifyHostName = false);
        WirePair pair = await WirePair.Create(this, new TlsConnectionOptions(client), server.ForServer());

        await pair.Start();

        Assert.Equal(IoErrorCode.TlsNegotiationFailure, (await pair.Client.Negotiated.Task.Within()).Code);
    }

    [Fact]
    [Trait("Upstream", "tls_client_channel_negotiation_error_untrusted_root_due_to_ca_override")]
    public async Task An_authority_of_ones_own_replaces_all_others()
    {
        using TestCertificateAuthority mine = new();
        using TlsContext server = TlsParts.Server();
        using TlsContext trustsIt = TlsParts.Client();
        using TlsContext trustsMine = TlsParts.Client(options => options.TrustedCertificatesPem = mine.CertificatePem);

        WirePair good = await WirePair.Connect(this, trustsIt.Localhosted(), server.ForServer());
        WirePair bad = await WirePair.Create(this, trustsMine.Localhosted(), server.ForServer());
        await bad.Start();

        Assert.True(good.Client.Tls!.IsNegotiated);
        Assert.Equal(IoErrorCode.TlsNegotiationFailure, (await bad.Client.Negotiated.Task.Within()).Code);
    }

    [Fact]
    public async Task Several_authorities_can_be_trusted_at_once()
    {
        using TestCertificateAuthority other = new();
        using TlsContext client = TlsParts.Client(
            options => options.TrustedCertificatesPem = other.CertificatePem + TlsParts.Authority.CertificatePem);
        using TlsContext first = TlsParts.Server(other.Issue());
        using TlsContext second = TlsParts.Server();

        WirePair one = await WirePair.Connect(this, client.Localhosted(), first.ForServer());
        WirePair two = await WirePair.Connect(this, client.Localhosted(), second.ForServer());

        Assert.True(one.Client.Tls!.IsNegotiated);
        Assert.True(two.Client.Tls!.IsNegotiated);
    }

    private static string LeafAlone(TestCertificate certificate)
    {
        using System.Security.Cryptography.X509Certificates.X509Certificate2 leaf = certificate.ToX509();
        return leaf.ExportCertificatePem();
    }

    private async Task<WirePair> Accepted(TestCertificate certificate, string name)
    {
        using TlsContext server = TlsParts.Server(certificate);
        using TlsContext client = TlsParts.Client();
        return await WirePair.Connect(this, client.ForHost(name), server.ForServer());
    }

    private async Task AcceptedUnverified(TestCertificate certificate)
    {
        using TlsContext server = TlsParts.Server(certificate);
        using TlsContext client = TlsParts.Client(options => options.VerifyPeer = false);

        WirePair pair = await WirePair.Connect(this, client.Localhosted(), server.ForServer());
        await pair.Client.App.Send("still encrypted").Within();
        await pair.Server.App.Received(15).Within();

        Assert.Equal("still encrypted", pair.Server.App.Text);
    }

    private Task Refused(TestCertificate certificate, string name, string reason) =>
        Refused(certificate.CertificatePem, certificate.PrivateKeyPem, name, reason);

    private async Task Refused(string certificatePem, string keyPem, string name, string reason)
    {
        using TlsContext server = TlsParts.Server(change: options =>
        {
            options.CertificatePem = certificatePem;
            options.PrivateKeyPem = keyPem;
        });
        using TlsContext client = TlsParts.Client();
        WirePair pair = await WirePair.Create(this, client.ForHost(name), server.ForServer());

        await pair.Start();
        IoError clients = await pair.Client.Negotiated.Task.Within();
        IoError clientEnd = await pair.Client.Ended.Task.Within();
        IoError serverEnd = await pair.Server.Ended.Task.Within();

        Assert.Equal(IoErrorCode.TlsNegotiationFailure, clients.Code);
        Assert.Contains(reason, clients.Detail, StringComparison.OrdinalIgnoreCase);
        Assert.Contains($"server name {name}", clients.Detail, StringComparison.Ordinal);
        Assert.Equal(clients, clientEnd);
        Assert.True(serverEnd.IsError);
        Assert.False(pair.Client.Tls!.IsNegotiated);
        Assert.Equal(0, pair.Server.App.Count);
    }
}

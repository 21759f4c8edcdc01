using AwsIO.Testing;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Interop.Tests.Faults;

/// <summary>Servers whose certificate our client must not take.</summary>
public sealed class BadServerCertificateTests : ConnectionTest
{
    [Theory]
    [InlineData(Peer.OpenSsl, TlsVersion.Tls12)]
    [InlineData(Peer.OpenSsl, TlsVersion.Tls13)]
    [InlineData(Peer.SslStream, TlsVersion.Tls12)]
    [InlineData(Peer.SslStream, TlsVersion.Tls13)]
    [Trait("Upstream", "tls_client_channel_negotiation_error_expired")]
    public Task An_expired_one_is_refused(Peer peer, TlsVersion version) =>
        Refused(peer, version, Expired(), "certificate has expired", "certificate expired");

    [Theory]
    [InlineData(Peer.OpenSsl, TlsVersion.Tls12)]
    [InlineData(Peer.OpenSsl, TlsVersion.Tls13)]
    [InlineData(Peer.SslStream, TlsVersion.Tls12)]
    [InlineData(Peer.SslStream, TlsVersion.Tls13)]
    [Trait("Upstream", "tls_client_channel_negotiation_error_self_signed")]
    public Task A_self_signed_one_is_refused(Peer peer, TlsVersion version) =>
        Refused(peer, version, SelfSigned(), "self-signed certificate", "unknown ca");

    [Theory]
    [InlineData(Peer.OpenSsl, TlsVersion.Tls12)]
    [InlineData(Peer.OpenSsl, TlsVersion.Tls13)]
    [InlineData(Peer.SslStream, TlsVersion.Tls12)]
    [InlineData(Peer.SslStream, TlsVersion.Tls13)]
    [Trait("Upstream", "tls_client_channel_negotiation_error_untrusted_root")]
    public Task One_of_an_unknown_authority_is_refused(Peer peer, TlsVersion version) =>
        Refused(peer, version, OfAnotherAuthority(), "unable to get local issuer certificate", "unknown ca");

    [Theory]
    [InlineData(Peer.OpenSsl, TlsVersion.Tls12)]
    [InlineData(Peer.OpenSsl, TlsVersion.Tls13)]
    [InlineData(Peer.SslStream, TlsVersion.Tls12)]
    [InlineData(Peer.SslStream, TlsVersion.Tls13)]
    [Trait("Upstream", "tls_client_channel_negotiation_error_wrong_host")]
    [Trait("Upstream", "tls_client_channel_negotiation_error_wrong_host_with_ca_override")]
    public Task One_for_another_host_is_refused(Peer peer, TlsVersion version) =>
        Refused(peer, version, OfAnotherHost(), "hostname mismatch", "bad certificate");

    [Theory]
    [InlineData(Peer.OpenSsl)]
    [InlineData(Peer.SslStream)]
    [Trait("Upstream", "tls_client_channel_negotiation_no_verify_expired")]
    [Trait("Upstream", "tls_client_channel_negotiation_no_verify_wrong_host")]
    [Trait("Upstream", "tls_client_channel_negotiation_no_verify_self_signed")]
    [Trait("Upstream", "tls_client_channel_negotiation_no_verify_untrusted_root")]
    public async Task Each_is_taken_by_a_client_that_does_not_look(Peer peer)
    {
        using TlsContext careless = TlsParts.Client(options => options.VerifyPeer = false);
        ClientBootstrap bootstrap = new(Group, new FixedResolver("127.0.0.1"));
        foreach (TestCertificate certificate in new[] { Expired(), SelfSigned(), OfAnotherAuthority(), OfAnotherHost() })
        {
            TlsServers server = await TlsServers.Start(this, peer, TlsVersion.Tls13, certificate);

            Dialled client = await this.Dial("localhost", server.Port, careless.Localhosted(), bootstrap: bootstrap).Ready();

            Assert.True(client.Tls!.IsNegotiated);
            Assert.False(client.Tls.Info!.PeerCertificate.IsEmpty);
            await client.App.Send("x").Within();
        }
    }

    private static TestCertificate Expired() => TlsParts.Authority.Issue(new TestCertificateOptions
    {
        NotBefore = TimeProvider.System.GetUtcNow().AddDays(-20),
        NotAfter = TimeProvider.System.GetUtcNow().AddDays(-10),
    });

    private static TestCertificate SelfSigned() => TlsParts.Authority.Issue(new TestCertificateOptions { SelfSigned = true });

    private static TestCertificate OfAnotherHost() => TlsParts.Authority.Issue(
        new TestCertificateOptions { CommonName = "elsewhere.test", DnsNames = ["elsewhere.test"], IPAddresses = [] });

    private static TestCertificate OfAnotherAuthority()
    {
        using TestCertificateAuthority other = new(new TestCertificateAuthorityOptions { CommonName = "Nobody's Root" });
        return other.Issue();
    }

    private async Task Refused(Peer peer, TlsVersion version, TestCertificate certificate, string reason, string alert)
    {
        using TlsContext context = TlsParts.Client();
        ClientBootstrap bootstrap = new(Group, new FixedResolver("127.0.0.1"));
        TlsServers bad = await TlsServers.Start(this, peer, version, certificate);

        Dialled client = this.Dial("localhost", bad.Port, context.Localhosted(), bootstrap: bootstrap);
        IoError error = await client.Setup.Task.Within();

        Assert.Equal(IoErrorCode.TlsNegotiationFailure, error.Code);
        Assert.StartsWith(
            $"TLS handshake with 127.0.0.1:{bad.Port} (server name localhost) failed: the peer's certificate was refused: ",
            error.Detail,
            StringComparison.Ordinal);
        Assert.Contains(reason, error.Detail, StringComparison.OrdinalIgnoreCase);
        await bad.WasRefused(alert);

        TlsServers good = await TlsServers.Start(this, peer, version, TlsParts.Localhost);
        Dialled next = await this.Dial("localhost", good.Port, context.Localhosted(), bootstrap: bootstrap).Ready();
        Assert.Equal(IoError.None, await next.App.Send("x").Within());
    }
}

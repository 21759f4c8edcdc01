using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AwsIO.Testing;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Tls;

/// <summary>Servers that insist on what is broken or too old.</summary>
public sealed class BrokenCryptographyTests : ConnectionTest
{
    private const ushort DheRsaAes128GcmSha256 = 0x009E;

    [Fact]
    [Trait("Upstream", "tls_client_channel_negotiation_error_broken_crypto_rc4")]
    public Task RC4_is_refused() => SuiteRefused(0x0005);

    [Fact]
    [Trait("Upstream", "tls_client_channel_negotiation_error_broken_crypto_rc4_md5")]
    public Task RC4_with_MD5_is_refused() => SuiteRefused(0x0004);

    [Fact]
    [Trait("Upstream", "tls_client_channel_negotiation_error_broken_crypto_null")]
    public Task A_cipher_that_hides_nothing_is_refused() => SuiteRefused(0x003B);

    [Fact]
    public Task Triple_DES_is_refused() => SuiteRefused(0x000A);

    [Fact]
    [Trait("Upstream", "tls_client_channel_negotiation_error_legacy_crypto_tls10")]
    public Task TLS_1_0_is_refused() => VersionRefused(0x0301);

    [Fact]
    [Trait("Upstream", "tls_client_channel_negotiation_error_override_legacy_crypto_tls11")]
    public Task TLS_1_1_is_refused() => VersionRefused(0x0302);

    [Fact]
    public Task SSL_3_is_refused() => VersionRefused(0x0300);

    [Fact]
    [Trait("Upstream", "tls_client_channel_negotiation_error_broken_crypto_dh480")]
    public Task A_group_of_480_bits_is_refused() => GroupRefused(480);

    [Fact]
    [Trait("Upstream", "tls_client_channel_negotiation_error_broken_crypto_dh512")]
    public Task A_group_of_512_bits_is_refused() => GroupRefused(512);

    [Fact]
    [Trait("Upstream", "tls_client_channel_negotiation_error_broken_crypto_dh1024")]
    public Task A_group_of_1024_bits_is_refused() => GroupRefused(1024);

    private Task SuiteRefused(ushort suite) => Refused("cipher returned", server => server.Hello(0x0303, suite).Done());

    private Task VersionRefused(ushort version) => Refused("unsupported protocol", server => server.Hello(version, 0xC013).Done());

    // No group is looked at: a suite whose group the server chooses was never offered.
    private Task GroupRefused(int bits) => Refused("cipher returned", server =>
    {
        TestCertificate certificate = TlsParts.Authority.Issue(new TestCertificateOptions { KeyKind = TestKeyKind.Rsa2048 });
        using X509Certificate2 leaf = certificate.ToX509();
        using RSA key = leaf.GetRSAPrivateKey()!;
        server.Hello(0x0303, DheRsaAes128GcmSha256).Certificate(leaf).KeyExchange(bits, key).Done();
    });

    private async Task Refused(string reason, Action<ScriptedServer> script)
    {
        using TlsContext client = TlsParts.Client();
        WirePair pair = await WirePair.Create(this, client.Localhosted(), null);

        await pair.Start();
        await pair.Server.App.Received(50).Within();
        ScriptedServer server = new(pair.Server.App.Bytes);
        script(server);
        await pair.Server.App.Send(server.Flight).Within();
        IoError error = await pair.Client.Negotiated.Task.Within();

        Assert.Equal(IoErrorCode.TlsNegotiationFailure, error.Code);
        Assert.Contains(reason, error.Detail, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(error, await pair.Client.Ended.Task.Within());
    }
}

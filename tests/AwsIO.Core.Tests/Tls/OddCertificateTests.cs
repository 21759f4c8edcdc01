using System.Security.Cryptography;
using AwsIO.Testing;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Tls;

/// <summary>Certificates with unusual subjects, keys, hashes and policies.</summary>
public sealed class OddCertificateTests : ConnectionTest
{
    [Fact]
    [Trait("Upstream", "tls_client_channel_negotiation_error_no_subject")]
    public Task An_expired_certificate_without_a_subject_is_refused() => Refused(OddCertificate.Issue("", expired: true));

    [Fact]
    [Trait("Upstream", "tls_client_channel_negotiation_success_no_verify_no_subject")]
    public Task Without_verification_a_certificate_without_a_subject_will_do() =>
        Accepted(OddCertificate.Issue("", expired: true), verifies: false);

    [Fact]
    public Task A_certificate_without_a_subject_and_with_the_right_alternative_name_is_accepted() =>
        Accepted(OddCertificate.Issue(""));

    [Fact]
    [Trait("Upstream", "tls_client_channel_negotiation_error_no_common_name")]
    public Task An_expired_certificate_without_a_common_name_is_refused() => Refused(OddCertificate.Issue("O=Nobody", expired: true));

    [Fact]
    [Trait("Upstream", "tls_client_channel_negotiation_success_no_verify_no_common_name")]
    public Task Without_verification_a_certificate_without_a_common_name_will_do() =>
        Accepted(OddCertificate.Issue("O=Nobody", expired: true), verifies: false);

    [Fact]
    public async Task A_name_that_stands_in_the_common_name_only_does_not_count_beside_alternative_names()
    {
        OddCertificate odd = OddCertificate.Issue("CN=localhost", dnsName: "other.test");

        await Refused(odd, "hostname mismatch");
    }

    [Fact]
    [Trait("Upstream", "tls_client_channel_negotiation_success_extended_validation")]
    public Task A_certificate_with_an_extended_validation_policy_is_accepted() =>
        Accepted(OddCertificate.Issue("CN=localhost, O=Somebody", policy: "2.23.140.1.1"));

    [Fact]
    [Trait("Category", "Slow")]
    [Trait("Upstream", "tls_client_channel_negotiation_success_rsa8192")]
    public async Task A_very_large_rsa_key_is_accepted()
    {
        using RSA key = RSA.Create(8192);

        await Accepted(OddCertificate.Issue("CN=localhost", key));
    }

    [Fact]
    [Trait("Upstream", "tls_client_channel_negotiation_success_sha256")]
    public Task A_signature_with_SHA_256_is_accepted() => Hashed(HashAlgorithmName.SHA256);

    [Fact]
    [Trait("Upstream", "tls_client_channel_negotiation_success_sha384")]
    public Task A_signature_with_SHA_384_is_accepted() => Hashed(HashAlgorithmName.SHA384);

    [Fact]
    [Trait("Upstream", "tls_client_channel_negotiation_success_sha512")]
    public Task A_signature_with_SHA_512_is_accepted() => Hashed(HashAlgorithmName.SHA512);

    [Fact]
    [Trait("Upstream", "tls_client_channel_negotiation_success_rsa2048")]
    public Task An_rsa_key_of_2048_bits_is_accepted() => Keyed(TestKeyKind.Rsa2048);

    [Fact]
    [Trait("Upstream", "tls_client_channel_negotiation_success_ecc256")]
    public Task A_key_on_P_256_is_accepted() => Keyed(TestKeyKind.EcdsaP256);

    [Fact]
    [Trait("Upstream", "tls_client_channel_negotiation_success_ecc384")]
    public Task A_key_on_P_384_is_accepted() => Keyed(TestKeyKind.EcdsaP384);

    private Task Hashed(HashAlgorithmName hash) => Issued(new TestCertificateOptions { KeyKind = TestKeyKind.Rsa2048, Hash = hash });

    private Task Keyed(TestKeyKind kind) => Issued(new TestCertificateOptions { KeyKind = kind });

    private async Task Issued(TestCertificateOptions options)
    {
        using TlsContext server = TlsParts.Server(TlsParts.Authority.Issue(options));
        using TlsContext client = TlsParts.Client();

        WirePair pair = await WirePair.Connect(this, client.Localhosted(), server.ForServer());

        Assert.True(pair.Client.Tls!.IsNegotiated);
    }

    private async Task Accepted(OddCertificate certificate, bool verifies = true)
    {
        using TlsContext server = certificate.Server();
        using TlsContext client = certificate.Client(verifies);

        WirePair pair = await WirePair.Connect(this, client.Localhosted(), server.ForServer());

        Assert.True(pair.Client.Tls!.IsNegotiated);
    }

    private async Task Refused(OddCertificate certificate, string reason = "expired")
    {
        using TlsContext server = certificate.Server();
        using TlsContext client = certificate.Client();
        WirePair pair = await WirePair.Create(this, client.Localhosted(), server.ForServer());

        await pair.Start();
        IoError error = await pair.Client.Negotiated.Task.Within();

        Assert.Equal(IoErrorCode.TlsNegotiationFailure, error.Code);
        Assert.Contains(reason, error.Detail, StringComparison.OrdinalIgnoreCase);
    }
}

using System.Net;
using System.Security.Cryptography;

namespace AwsIO.Testing;

/// <summary>
/// What one certificate of a <see cref="TestCertificateAuthority"/> looks like. The defaults make a certificate for
/// <c>localhost</c> and the loopback addresses that serves as a server's and as a client's.
/// </summary>
public sealed class TestCertificateOptions
{
    /// <summary>The common name in the subject. Default: <c>localhost</c>.</summary>
    public string CommonName { get; init; } = "localhost";

    /// <summary>The DNS names among the subject's alternative names. Default: <c>localhost</c>.</summary>
    public IReadOnlyList<string> DnsNames { get; init; } = ["localhost"];

    /// <summary>The IP addresses among the subject's alternative names. Default: 127.0.0.1 and ::1.</summary>
    public IReadOnlyList<IPAddress> IPAddresses { get; init; } = [IPAddress.Loopback, IPAddress.IPv6Loopback];

    /// <summary>When the certificate becomes valid. Default: a day ago.</summary>
    public DateTimeOffset NotBefore { get; init; } = TimeProvider.System.GetUtcNow().AddDays(-1);

    /// <summary>When the certificate expires; in the past for an expired one. Default: in a year.</summary>
    public DateTimeOffset NotAfter { get; init; } = TimeProvider.System.GetUtcNow().AddYears(1);

    /// <summary>The kind of the certificate's key. Default: ECDSA P-256.</summary>
    public TestKeyKind KeyKind { get; init; } = TestKeyKind.EcdsaP256;

    /// <summary>The hash that the issuer signs with. Default: SHA-256.</summary>
    public HashAlgorithmName Hash { get; init; } = HashAlgorithmName.SHA256;

    /// <summary>Whether the extended key usage names server authentication. Default: true.</summary>
    public bool ServerAuthentication { get; init; } = true;

    /// <summary>Whether the extended key usage names client authentication. Default: true.</summary>
    public bool ClientAuthentication { get; init; } = true;

    /// <summary>
    /// How many intermediate authorities stand between the root and this certificate, made anew for it.
    /// Default: 0, issued by the root itself.
    /// </summary>
    public int Intermediates { get; init; }

    /// <summary>
    /// Whether the certificate signs itself, so that no authority vouches for it. Excludes
    /// <see cref="Intermediates"/>. Default: false.
    /// </summary>
    public bool SelfSigned { get; init; }
}

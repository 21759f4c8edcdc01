using System.Security.Cryptography;

namespace AwsIO.Testing;

/// <summary>What the root certificate of a <see cref="TestCertificateAuthority"/> looks like.</summary>
public sealed class TestCertificateAuthorityOptions
{
    /// <summary>The common name of the root. Default: <c>AwsIO Test Root</c>.</summary>
    public string CommonName { get; init; } = "AwsIO Test Root";

    /// <summary>The kind of the root's key, and of its intermediates' keys. Default: ECDSA P-256.</summary>
    public TestKeyKind KeyKind { get; init; } = TestKeyKind.EcdsaP256;

    /// <summary>The hash of the root's own signature. Default: SHA-256.</summary>
    public HashAlgorithmName Hash { get; init; } = HashAlgorithmName.SHA256;

    /// <summary>
    /// When the root becomes valid. Default: ten years ago, so that a leaf which expired long ago still has a
    /// valid issuer and a test sees the error that it asked for.
    /// </summary>
    public DateTimeOffset NotBefore { get; init; } = TimeProvider.System.GetUtcNow().AddYears(-10);

    /// <summary>When the root expires. Default: in ten years.</summary>
    public DateTimeOffset NotAfter { get; init; } = TimeProvider.System.GetUtcNow().AddYears(10);
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AwsIO.Testing;

/// <summary>One key pair, whatever its kind: hides that RSA and ECDSA share no useful base class here.</summary>
internal sealed class TestKeyPair : IDisposable
{
    private readonly AsymmetricAlgorithm _key;

    public TestKeyPair(TestKeyKind kind)
    {
        _key = kind switch
        {
            TestKeyKind.EcdsaP256 => ECDsa.Create(ECCurve.NamedCurves.nistP256),
            TestKeyKind.EcdsaP384 => ECDsa.Create(ECCurve.NamedCurves.nistP384),
            TestKeyKind.EcdsaP521 => ECDsa.Create(ECCurve.NamedCurves.nistP521),
            TestKeyKind.Rsa2048 => RSA.Create(2048),
            TestKeyKind.Rsa3072 => RSA.Create(3072),
            TestKeyKind.Rsa4096 => RSA.Create(4096),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind of key."),
        };
    }

    /// <summary>Key transport (TLS 1.2 without forward secrecy) needs its own usage bit, which only RSA has.</summary>
    public X509KeyUsageFlags LeafUsage =>
        _key is RSA
            ? X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment
            : X509KeyUsageFlags.DigitalSignature;

    public string PrivateKeyPem => _key.ExportPkcs8PrivateKeyPem() + "\n";

    public X509SignatureGenerator CreateSigner() =>
        _key is RSA rsa
            ? X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1)
            : X509SignatureGenerator.CreateForECDsa((ECDsa)_key);

    public CertificateRequest CreateRequest(X500DistinguishedName subject, HashAlgorithmName hash) =>
        _key is RSA rsa
            ? new CertificateRequest(subject, rsa, hash, RSASignaturePadding.Pkcs1)
            : new CertificateRequest(subject, (ECDsa)_key, hash);

    public void Dispose() => _key.Dispose();
}

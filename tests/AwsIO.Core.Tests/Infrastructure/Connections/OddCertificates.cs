using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AwsIO.Tests.Infrastructure.Connections;

/// <summary>Certificates that the certificate authority for tests does not issue: strange subjects, huge keys, policies.</summary>
internal sealed class OddCertificate
{
    private OddCertificate(string rootPem, string certificatePem, string keyPem)
    {
        RootPem = rootPem;
        CertificatePem = certificatePem;
        PrivateKeyPem = keyPem;
    }

    internal string RootPem { get; }

    internal string CertificatePem { get; }

    internal string PrivateKeyPem { get; }

    /// <summary>Issues a certificate under a root of its own.</summary>
    internal static OddCertificate Issue(
        string subject,
        AsymmetricAlgorithm? key = null,
        string? dnsName = "localhost",
        bool expired = false,
        string? policy = null)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using ECDsa rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest rootRequest = new("CN=Odd Root", rootKey, HashAlgorithmName.SHA256);
        rootRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using X509Certificate2 root = rootRequest.CreateSelfSigned(now.AddYears(-5), now.AddYears(5));

        using ECDsa own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        key ??= own;
        CertificateRequest request = key is RSA rsa
            ? new CertificateRequest(new X500DistinguishedName(subject), rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest(new X500DistinguishedName(subject), (ECDsa)key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        if (dnsName is not null)
        {
            SubjectAlternativeNameBuilder names = new();
            names.AddDnsName(dnsName);
            request.CertificateExtensions.Add(names.Build(critical: subject.Length == 0));
        }

        if (policy is not null)
        {
            request.CertificateExtensions.Add(new X509Extension("2.5.29.32", Policies(policy), critical: false));
        }

        using X509Certificate2 leaf = request.Create(
            new X500DistinguishedName("CN=Odd Root"),
            X509SignatureGenerator.CreateForECDsa(rootKey),
            now.AddYears(-2),
            expired ? now.AddYears(-1) : now.AddYears(1),
            [1, 2, 3, 4]);
        return new OddCertificate(root.ExportCertificatePem(), leaf.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    internal TlsContext Server()
    {
        IoResult<TlsContext> made = TlsContext.CreateServer(
            new TlsContextOptions { CertificatePem = CertificatePem, PrivateKeyPem = PrivateKeyPem });
        Assert.True(made.IsSuccess, made.Error.ToString());
        return made.Value;
    }

    internal TlsContext Client(bool verifies = true) => TlsParts.Client(options =>
    {
        options.TrustedCertificatesPem = RootPem;
        options.VerifyPeer = verifies;
    });

    private static byte[] Policies(string oid)
    {
        System.Formats.Asn1.AsnWriter writer = new(System.Formats.Asn1.AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
        }

        return writer.Encode();
    }
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AwsIO.Testing;

/// <summary>A certificate that may sign others, with its key: the root or an intermediate.</summary>
internal sealed class TestIssuer : IDisposable
{
    private readonly TestKeyPair _key;
    private readonly X500DistinguishedName _name;
    private readonly X509SubjectKeyIdentifierExtension _identifier;

    private TestIssuer(
        TestKeyPair key,
        X500DistinguishedName name,
        X509SubjectKeyIdentifierExtension identifier,
        string pem
    )
    {
        _key = key;
        _name = name;
        _identifier = identifier;
        CertificatePem = pem;
    }

    public string CertificatePem { get; }

    public static TestIssuer CreateRoot(TestCertificateAuthorityOptions options) =>
        Create(
            options.CommonName,
            options,
            static (request, key, o) => Sign(request, request.SubjectName, key, o.NotBefore, o.NotAfter)
        );

    public static X500DistinguishedName Name(string commonName)
    {
        var builder = new X500DistinguishedNameBuilder();
        builder.AddCommonName(commonName);
        return builder.Build();
    }

    /// <summary>
    /// Signs with a signature generator: unlike the overload that takes the issuer's certificate, it mixes key kinds
    /// (an RSA leaf under an ECDSA root) and refuses no dates, and tests need both.
    /// </summary>
    public static string Sign(
        CertificateRequest request,
        X500DistinguishedName issuer,
        TestKeyPair key,
        DateTimeOffset notBefore,
        DateTimeOffset notAfter
    )
    {
        byte[] serial = RandomNumberGenerator.GetBytes(16);

        // A serial number is a positive integer with no leading zero byte.
        serial[0] = (byte)((serial[0] & 0x7f) | 0x40);
        using X509Certificate2 certificate = request.Create(issuer, key.CreateSigner(), notBefore, notAfter, serial);
        return certificate.ExportCertificatePem() + "\n";
    }

    public TestIssuer CreateIntermediate(string commonName, TestCertificateAuthorityOptions options) =>
        Create(commonName, options, (request, _, o) => Issue(request, o.NotBefore, o.NotAfter));

    public string Issue(CertificateRequest request, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(_identifier)
        );
        return Sign(request, _name, _key, notBefore, notAfter);
    }

    public void Dispose() => _key.Dispose();

    private static TestIssuer Create(
        string commonName,
        TestCertificateAuthorityOptions options,
        Func<CertificateRequest, TestKeyPair, TestCertificateAuthorityOptions, string> sign
    )
    {
        var key = new TestKeyPair(options.KeyKind);
        try
        {
            X500DistinguishedName name = Name(commonName);
            CertificateRequest request = key.CreateRequest(name, options.Hash);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
            request.CertificateExtensions.Add(
                new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true)
            );
            var identifier = new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false);
            request.CertificateExtensions.Add(identifier);
            return new TestIssuer(key, name, identifier, sign(request, key, options));
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }
}

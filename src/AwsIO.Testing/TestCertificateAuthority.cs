using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AwsIO.Testing;

/// <summary>
/// A certificate authority in memory for tests, samples and benchmarks: a root made at run time, and certificates
/// that it issues. Nothing is stored, so there is no fixed key to leak and no certificate that expires one day.
/// Safe to use from several threads.
/// </summary>
public sealed class TestCertificateAuthority : IDisposable
{
    private readonly TestCertificateAuthorityOptions _options;
    private readonly TestIssuer _root;

    // One key signs for all callers, and the platform's key objects do not promise to be used by two at once.
    private readonly object _lock = new();

    /// <summary>Makes a root with the default options: ECDSA P-256, valid for ten years either way.</summary>
    public TestCertificateAuthority()
        : this(new TestCertificateAuthorityOptions()) { }

    /// <summary>Makes a root.</summary>
    /// <param name="options">What the root looks like.</param>
    public TestCertificateAuthority(TestCertificateAuthorityOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _root = TestIssuer.CreateRoot(options);
    }

    /// <summary>The root certificate in PEM: what the other side is told to trust.</summary>
    public string CertificatePem => _root.CertificatePem;

    /// <summary>
    /// Makes the root certificate without its key, for <see cref="X509ChainPolicy.CustomTrustStore"/>. The caller
    /// disposes it.
    /// </summary>
    /// <returns>A new object at each call.</returns>
    public X509Certificate2 ToX509() => X509Certificate2.CreateFromPem(CertificatePem);

    /// <summary>Issues a certificate for <c>localhost</c> with the default options.</summary>
    /// <returns>The certificate with its private key.</returns>
    public TestCertificate Issue() => Issue(new TestCertificateOptions());

    /// <summary>Issues a certificate.</summary>
    /// <param name="options">What the certificate looks like.</param>
    /// <returns>The certificate with its private key and its intermediates.</returns>
    /// <exception cref="ArgumentException">The options exclude each other.</exception>
    public TestCertificate Issue(TestCertificateOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Intermediates, nameof(options));
        if (options.SelfSigned && options.Intermediates > 0)
        {
            throw new ArgumentException("A self-signed certificate has no intermediates.", nameof(options));
        }

        using var key = new TestKeyPair(options.KeyKind);
        CertificateRequest request = key.CreateRequest(TestIssuer.Name(options.CommonName), options.Hash);
        AddLeafExtensions(request, key, options);

        if (options.SelfSigned)
        {
            string selfSigned = TestIssuer.Sign(request, request.SubjectName, key, options.NotBefore, options.NotAfter);
            return new TestCertificate(selfSigned, [], key.PrivateKeyPem);
        }

        lock (_lock)
        {
            return IssueThroughChain(request, key, options);
        }
    }

    /// <summary>Frees the root's key. Certificates issued before stay good.</summary>
    public void Dispose() => _root.Dispose();

    private TestCertificate IssueThroughChain(
        CertificateRequest request,
        TestKeyPair key,
        TestCertificateOptions options
    )
    {
        var intermediates = new List<TestIssuer>();
        try
        {
            TestIssuer issuer = _root;
            for (int i = 0; i < options.Intermediates; i++)
            {
                issuer = issuer.CreateIntermediate($"{_options.CommonName} Intermediate {i + 1}", _options);
                intermediates.Add(issuer);
            }

            string leaf = issuer.Issue(request, options.NotBefore, options.NotAfter);

            // A server sends its own certificate first, then each one's issuer: the last made comes first.
            string[] chain = [.. intermediates.Select(i => i.CertificatePem).Reverse()];
            return new TestCertificate(leaf, chain, key.PrivateKeyPem);
        }
        finally
        {
            intermediates.ForEach(i => i.Dispose());
        }
    }

    private static void AddLeafExtensions(CertificateRequest request, TestKeyPair key, TestCertificateOptions options)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(key.LeafUsage, critical: true));

        var usages = new OidCollection();
        if (options.ServerAuthentication)
        {
            usages.Add(new Oid("1.3.6.1.5.5.7.3.1"));
        }

        if (options.ClientAuthentication)
        {
            usages.Add(new Oid("1.3.6.1.5.5.7.3.2"));
        }

        if (usages.Count > 0)
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(usages, critical: false));
        }

        var names = new SubjectAlternativeNameBuilder();
        foreach (string name in options.DnsNames)
        {
            names.AddDnsName(name);
        }

        foreach (IPAddress address in options.IPAddresses)
        {
            names.AddIpAddress(address);
        }

        if (options.DnsNames.Count + options.IPAddresses.Count > 0)
        {
            request.CertificateExtensions.Add(names.Build());
        }
    }
}

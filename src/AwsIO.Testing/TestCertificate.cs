using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace AwsIO.Testing;

/// <summary>
/// A certificate with its private key and its intermediates, made at run time by a
/// <see cref="TestCertificateAuthority"/>. It holds text only, so there is nothing to dispose.
/// </summary>
public sealed class TestCertificate
{
    private readonly string _leafPem;
    private readonly IReadOnlyList<string> _intermediatePems;

    internal TestCertificate(string leafPem, IReadOnlyList<string> intermediatePems, string privateKeyPem)
    {
        _leafPem = leafPem;
        _intermediatePems = intermediatePems;
        PrivateKeyPem = privateKeyPem;
        CertificatePem = string.Concat(intermediatePems.Prepend(leafPem));
    }

    /// <summary>
    /// The certificate and, after it, its intermediates from the nearest issuer upwards, without the root: what a
    /// server sends. PEM.
    /// </summary>
    public string CertificatePem { get; }

    /// <summary>The private key as PKCS#8 in PEM (<c>BEGIN PRIVATE KEY</c>).</summary>
    public string PrivateKeyPem { get; }

    /// <summary>
    /// Makes the certificate with its private key, without intermediates. The caller disposes it. On Linux and
    /// macOS the key in memory is good for <see cref="SslStream"/>.
    /// </summary>
    /// <returns>A new object at each call.</returns>
    public X509Certificate2 ToX509() => X509Certificate2.CreateFromPem(_leafPem, PrivateKeyPem);

    /// <summary>Makes the intermediates, from the nearest issuer upwards. The caller disposes them.</summary>
    /// <returns>A new collection at each call; empty where the root issued the certificate itself.</returns>
    public X509Certificate2Collection ToX509Intermediates()
    {
        var collection = new X509Certificate2Collection();
        foreach (string pem in _intermediatePems)
        {
            collection.Add(X509Certificate2.CreateFromPem(pem));
        }

        return collection;
    }

    /// <summary>
    /// Makes what a server gives to <see cref="SslServerAuthenticationOptions.ServerCertificateContext"/> so that it
    /// sends its intermediates too.
    /// </summary>
    /// <returns>A new context, which looks nothing up on the network.</returns>
    public SslStreamCertificateContext ToSslStreamContext() =>
        SslStreamCertificateContext.Create(ToX509(), ToX509Intermediates(), offline: true);
}

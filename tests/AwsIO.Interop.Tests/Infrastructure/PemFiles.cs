using AwsIO.Testing;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Interop.Tests.Infrastructure;

/// <summary>Certificates as files, which programs want.</summary>
internal sealed class PemFiles
{
    private PemFiles(string directory)
    {
        Authority = Path.Combine(directory, "authority.pem");
        Certificate = Path.Combine(directory, "certificate.pem");
        Key = Path.Combine(directory, "key.pem");
    }

    internal string Authority { get; }

    internal string Certificate { get; }

    internal string Key { get; }

    internal static PemFiles Write(ConnectionTest test, TestCertificate? certificate = null, string? authorityPem = null)
    {
        certificate ??= TlsParts.Localhost;
        return Write(test, certificate.CertificatePem, certificate.PrivateKeyPem, authorityPem ?? TlsParts.Authority.CertificatePem);
    }

    internal static PemFiles Write(ConnectionTest test, string certificatePem, string keyPem, string authorityPem)
    {
        string directory = Directory.CreateTempSubdirectory("awsio-interop-").FullName;
        test.After(() => Directory.Delete(directory, recursive: true));
        PemFiles files = new(directory);
        File.WriteAllText(files.Authority, authorityPem);
        File.WriteAllText(files.Certificate, certificatePem);
        File.WriteAllText(files.Key, keyPem);
        return files;
    }
}

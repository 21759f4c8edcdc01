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
        string directory = Directory.CreateTempSubdirectory("awsio-interop-").FullName;
        test.After(() => Directory.Delete(directory, recursive: true));
        PemFiles files = new(directory);
        File.WriteAllText(files.Authority, authorityPem ?? TlsParts.Authority.CertificatePem);
        File.WriteAllText(files.Certificate, certificate.CertificatePem);
        File.WriteAllText(files.Key, certificate.PrivateKeyPem);
        return files;
    }
}

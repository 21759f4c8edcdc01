using System.Runtime.InteropServices;
using System.Text;
using AwsIO.Native.OpenSsl;

namespace AwsIO;

/// <summary>
/// Finds the system's trusted certificates: where the environment says (<c>SSL_CERT_FILE</c>, <c>SSL_CERT_DIR</c>), where OpenSSL was
/// built to look, and where the distributions keep them.
/// </summary>
internal static unsafe class OpenSslTrustStore
{
    private static readonly string[] s_directories =
    [
        "/etc/ssl/certs", "/etc/pki/tls/certs", "/system/etc/security/cacerts", "/usr/local/share/certs", "/etc/openssl/certs",
    ];

    private static readonly string[] s_files =
    [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/pki/tls/cacert.pem",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem",
    ];

    /// <summary>Has a context trust them.</summary>
    /// <returns>Whether there are any.</returns>
    internal static bool TrustSystem(nint context)
    {
        // OpenSSL itself is content with places that do not exist: the first handshake would tell, and not of this.
        string? file = Environment.GetEnvironmentVariable("SSL_CERT_FILE");
        string? directories = Environment.GetEnvironmentVariable("SSL_CERT_DIR");
        bool isTold = !string.IsNullOrEmpty(file) || !string.IsNullOrEmpty(directories);
        file = string.IsNullOrEmpty(file) ? Text(LibCrypto.X509_get_default_cert_file()) : file;
        directories = string.IsNullOrEmpty(directories) ? Text(LibCrypto.X509_get_default_cert_dir()) : directories;
        if (File.Exists(file) || directories.Split(':').Any(HoldsFiles))
        {
            return LibSsl.SSL_CTX_set_default_verify_paths(context) == 1;
        }

        return !isTold && (s_files.Any(known => File.Exists(known) && Load(context, known, isFile: true))
            || s_directories.Any(known => HoldsFiles(known) && Load(context, known, isFile: false)));
    }

    private static bool HoldsFiles(string directory)
    {
        try
        {
            return Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool Load(nint context, string place, bool isFile)
    {
        fixed (byte* path = Encoding.UTF8.GetBytes(place + "\0"))
        {
            return LibSsl.SSL_CTX_load_verify_locations(context, isFile ? path : null, isFile ? null : path) == 1;
        }
    }

    private static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using AwsIO.Native.OpenSsl;

namespace AwsIO;

/// <summary>Reads PEM text with OpenSSL.</summary>
internal static unsafe class OpenSslPem
{
    /// <summary>
    /// The certificates of a text, in order, up to the first that cannot be read; the caller frees each. Whatever is wrong stands in
    /// OpenSSL's error queue.
    /// </summary>
    internal static List<nint> ReadCertificates(string pem, out bool isWhole)
    {
        List<nint> certificates = [];
        WithBio(pem, bio =>
        {
            while (true)
            {
                nint certificate = LibCrypto.PEM_read_bio_X509(bio, null, 0, null);
                if (certificate == 0)
                {
                    return 0;
                }

                certificates.Add(certificate);
            }
        });

        // To OpenSSL the end of the text is an error too: that nothing more begins in it.
        isWhole = certificates.Count > 0 && LibCrypto.LastErrorIs(LibCrypto.PemLibrary, LibCrypto.PemNoStartLine);
        if (isWhole)
        {
            LibCrypto.ERR_clear_error();
        }

        return certificates;
    }

    /// <summary>The first private key of a text, or 0; the caller frees it.</summary>
    internal static nint ReadPrivateKey(string pem) =>
        WithBio(pem, static bio => LibCrypto.PEM_read_bio_PrivateKey(bio, null, &OnPassword, null));

    private static nint WithBio(string text, Func<nint, nint> read)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        try
        {
            fixed (byte* buffer = bytes)
            {
                nint bio = LibCrypto.BIO_new_mem_buf(buffer, bytes.Length);
                try
                {
                    return bio == 0 ? 0 : read(bio);
                }
                finally
                {
                    _ = LibCrypto.BIO_free(bio);
                }
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    // Without a callback OpenSSL would ask for the password on the terminal.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnPassword(byte* buffer, int size, int forWriting, void* state) => -1;
}

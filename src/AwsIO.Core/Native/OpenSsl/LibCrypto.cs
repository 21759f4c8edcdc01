using System.Runtime.InteropServices;

namespace AwsIO.Native.OpenSsl;

/// <summary>Functions of libcrypto, under their own names.</summary>
/// <remarks>Those that only touch a field skip the GC transition; those that may work or call back keep it.</remarks>
internal static unsafe partial class LibCrypto
{
    internal const int PemLibrary = 9;
    internal const int PemNoStartLine = 108;

    private const string Library = OpenSslLibrary.Crypto;

    [DllImport(Library)]
    internal static extern ulong OpenSSL_version_num();

    // Errors.
    [DllImport(Library), SuppressGCTransition]
    internal static extern void ERR_clear_error();

    [DllImport(Library)]
    internal static extern ulong ERR_get_error();

    [DllImport(Library)]
    internal static extern ulong ERR_peek_last_error();

    [DllImport(Library)]
    internal static extern byte* ERR_reason_error_string(ulong error);

    [DllImport(Library)]
    private static extern void ERR_new();

    // Variadic in C: nothing stands behind the format, which is null.
    [DllImport(Library)]
    private static extern void ERR_set_error(int library, int reason, byte* format);

    [DllImport(Library)]
    private static extern void ERR_put_error(int library, int function, int reason, byte* file, int line);

    // BIO.
    [DllImport(Library)]
    internal static extern void BIO_meth_free(nint method);

    [DllImport(Library)]
    internal static extern int BIO_meth_set_write(nint method, delegate* unmanaged[Cdecl]<nint, byte*, int, int> write);

    [DllImport(Library)]
    internal static extern int BIO_meth_set_read(nint method, delegate* unmanaged[Cdecl]<nint, byte*, int, int> read);

    [DllImport(Library)]
    internal static extern int BIO_meth_set_ctrl(nint method, delegate* unmanaged[Cdecl]<nint, int, nint, void*, nint> control);

    [DllImport(Library)]
    internal static extern int BIO_free(nint bio);

    [DllImport(Library), SuppressGCTransition]
    internal static extern void BIO_set_data(nint bio, nint data);

    [DllImport(Library), SuppressGCTransition]
    internal static extern nint BIO_get_data(nint bio);

    [DllImport(Library), SuppressGCTransition]
    internal static extern void BIO_set_init(nint bio, int init);

    [DllImport(Library), SuppressGCTransition]
    internal static extern void BIO_set_flags(nint bio, int flags);

    [DllImport(Library), SuppressGCTransition]
    internal static extern void BIO_clear_flags(nint bio, int flags);

    // PEM, X.509, keys.
    [DllImport(Library)]
    internal static extern void EVP_PKEY_free(nint key);

    [DllImport(Library)]
    internal static extern void X509_free(nint certificate);

    [DllImport(Library)]
    internal static extern byte* X509_verify_cert_error_string(long code);

    [DllImport(Library)]
    internal static extern void X509_STORE_free(nint store);

    [DllImport(Library)]
    internal static extern byte* X509_get_default_cert_file();

    [DllImport(Library)]
    internal static extern byte* X509_get_default_cert_dir();

    /// <summary>Whether the last error in the queue is this one.</summary>
    internal static bool LastErrorIs(int library, int reason)
    {
        ulong error = ERR_peek_last_error();
        return (int)((error >> (OpenSslLibrary.IsVersion3 ? 23 : 24)) & 0xFF) == library && ReasonOf(error) == reason;
    }

    /// <summary>The reason's number in an error; its place differs between the versions.</summary>
    internal static int ReasonOf(ulong error) => (int)(error & (OpenSslLibrary.IsVersion3 ? 0x7FFFFFul : 0xFFFul));

    /// <summary>Puts into the error queue what a function leaves there that has found no memory.</summary>
    internal static void RaiseOutOfMemory()
    {
        const int sslLibrary = 20;
        if (OpenSslLibrary.IsVersion3)
        {
            const int mallocFailure = (3 << 18) | 256;
            ERR_new();
            ERR_set_error(sslLibrary, mallocFailure, null);
        }
        else
        {
            const int mallocFailure = 65;
            ERR_put_error(sslLibrary, 0, mallocFailure, null, 0);
        }
    }

    /// <summary>Empties the error queue and gives its last reason in OpenSSL's own words.</summary>
    internal static string TakeErrorText(string fallback)
    {
        ulong error = ERR_peek_last_error();
        byte* text = error == 0 ? null : ERR_reason_error_string(error);
        string reason = text is null ? fallback : Marshal.PtrToStringUTF8((nint)text) ?? fallback;
        ERR_clear_error();
        return reason;
    }
}

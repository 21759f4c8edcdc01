using System.Runtime.InteropServices;
using AwsIO.Native.Faults;

namespace AwsIO.Native.OpenSsl;

/// <summary>Functions of libcrypto that need memory: each asks first whether a test wants it to have none.</summary>
internal static unsafe partial class LibCrypto
{
    internal static int BIO_get_new_index() =>
        IsToFail(NativeCall.BioGetNewIndex) ? -1 : BIO_get_new_index_();

    internal static nint BIO_meth_new(int type, byte* name) =>
        IsToFail(NativeCall.BioMethNew) ? 0 : BIO_meth_new_(type, name);

    internal static nint BIO_new(nint method) =>
        IsToFail(NativeCall.BioNew) ? 0 : BIO_new_(method);

    internal static nint BIO_new_mem_buf(byte* buffer, int length) =>
        IsToFail(NativeCall.BioNewMemBuf) ? 0 : BIO_new_mem_buf_(buffer, length);

    internal static nint PEM_read_bio_X509(nint bio, nint* certificate, nint passwordCallback, byte* password) =>
        IsToFail(NativeCall.PemReadBioX509) ? 0 : PEM_read_bio_X509_(bio, certificate, passwordCallback, password);

    internal static nint PEM_read_bio_PrivateKey(
        nint bio, nint* key, delegate* unmanaged[Cdecl]<byte*, int, int, void*, int> passwordCallback, void* password) =>
        IsToFail(NativeCall.PemReadBioPrivateKey) ? 0
            : PEM_read_bio_PrivateKey_(bio, key, passwordCallback, password);

    internal static nint X509_STORE_new() =>
        IsToFail(NativeCall.X509StoreNew) ? 0 : X509_STORE_new_();

    internal static int X509_STORE_add_cert(nint store, nint certificate) =>
        IsToFail(NativeCall.X509StoreAddCert) ? 0 : X509_STORE_add_cert_(store, certificate);

    internal static int i2d_X509(nint certificate, byte** output) =>
        IsToFail(NativeCall.I2dX509) ? -1 : i2d_X509_(certificate, output);

    internal static int X509_VERIFY_PARAM_set1_ip_asc(nint parameters, byte* address) =>
        IsToFail(NativeCall.SslSetVerifyName) ? 0 : X509_VERIFY_PARAM_set1_ip_asc_(parameters, address);

    private static bool IsToFail(NativeCall call) => NativeFaults.IsOn && NativeFaults.FailsOpenSsl(call);

    [DllImport(Library, EntryPoint = "BIO_get_new_index")]
    private static extern int BIO_get_new_index_();

    [DllImport(Library, EntryPoint = "BIO_meth_new")]
    private static extern nint BIO_meth_new_(int type, byte* name);

    [DllImport(Library, EntryPoint = "BIO_new")]
    private static extern nint BIO_new_(nint method);

    [DllImport(Library, EntryPoint = "BIO_new_mem_buf")]
    private static extern nint BIO_new_mem_buf_(byte* buffer, int length);

    [DllImport(Library, EntryPoint = "PEM_read_bio_X509")]
    private static extern nint PEM_read_bio_X509_(nint bio, nint* certificate, nint passwordCallback, byte* password);

    [DllImport(Library, EntryPoint = "PEM_read_bio_PrivateKey")]
    private static extern nint PEM_read_bio_PrivateKey_(
        nint bio, nint* key, delegate* unmanaged[Cdecl]<byte*, int, int, void*, int> passwordCallback, void* password);

    [DllImport(Library, EntryPoint = "X509_STORE_new")]
    private static extern nint X509_STORE_new_();

    [DllImport(Library, EntryPoint = "X509_STORE_add_cert")]
    private static extern int X509_STORE_add_cert_(nint store, nint certificate);

    [DllImport(Library, EntryPoint = "i2d_X509")]
    private static extern int i2d_X509_(nint certificate, byte** output);

    [DllImport(Library, EntryPoint = "X509_VERIFY_PARAM_set1_ip_asc")]
    private static extern int X509_VERIFY_PARAM_set1_ip_asc_(nint parameters, byte* address);
}

using System.Runtime.InteropServices;
using AwsIO.Native.Faults;

namespace AwsIO.Native.OpenSsl;

/// <summary>Functions of libssl that need memory, or can fail otherwise: each asks first whether a test wants it to have none.</summary>
internal static unsafe partial class LibSsl
{
    internal static int OPENSSL_init_ssl(ulong options, nint settings) =>
        IsToFail(NativeCall.OpenSslInitSsl) ? 0 : OPENSSL_init_ssl_(options, settings);

    internal static nint SSL_CTX_new(nint method) =>
        IsToFail(NativeCall.SslCtxNew) ? 0 : SSL_CTX_new_(method);

    internal static int SSL_CTX_set_cipher_list(nint context, byte* list) =>
        IsToFail(NativeCall.SslCtxSetCipherList) ? 0 : SSL_CTX_set_cipher_list_(context, list);

    internal static int SSL_CTX_use_certificate(nint context, nint certificate) =>
        IsToFail(NativeCall.SslCtxUseCertificate) ? 0 : SSL_CTX_use_certificate_(context, certificate);

    internal static int SSL_CTX_use_PrivateKey(nint context, nint key) =>
        IsToFail(NativeCall.SslCtxUsePrivateKey) ? 0 : SSL_CTX_use_PrivateKey_(context, key);

    internal static int SSL_CTX_check_private_key(nint context) =>
        IsToFail(NativeCall.SslCtxCheckPrivateKey) ? 0 : SSL_CTX_check_private_key_(context);

    internal static int SSL_CTX_set_default_verify_paths(nint context) =>
        IsToFail(NativeCall.SslCtxSetDefaultVerifyPaths) ? 0 : SSL_CTX_set_default_verify_paths_(context);

    internal static int SSL_CTX_load_verify_locations(nint context, byte* file, byte* directory) =>
        IsToFail(NativeCall.SslCtxLoadVerifyLocations) ? 0 : SSL_CTX_load_verify_locations_(context, file, directory);

    internal static nint SSL_new(nint context) =>
        IsToFail(NativeCall.SslNew) ? 0 : SSL_new_(context);

    internal static int SSL_set_ex_data(nint ssl, int index, nint data) =>
        IsToFail(NativeCall.SslSetExData) ? 0 : SSL_set_ex_data_(ssl, index, data);

    internal static int SSL_set_alpn_protos(nint ssl, byte* protocols, uint length) =>
        IsToFail(NativeCall.SslSetAlpnProtos) ? 1 : SSL_set_alpn_protos_(ssl, protocols, length);

    internal static int SSL_set1_host(nint ssl, byte* name) =>
        IsToFail(NativeCall.SslSetVerifyName) ? 0 : SSL_set1_host_(ssl, name);

    internal static int SSL_do_handshake(nint ssl) =>
        IsToFail(NativeCall.SslDoHandshake) ? -1 : SSL_do_handshake_(ssl);

    internal static int SSL_read(nint ssl, byte* buffer, int length) =>
        IsToFail(NativeCall.SslRead) ? -1 : SSL_read_(ssl, buffer, length);

    internal static int SSL_write(nint ssl, byte* buffer, int length) =>
        IsToFail(NativeCall.SslWrite) ? -1 : SSL_write_(ssl, buffer, length);

    internal static int SSL_shutdown(nint ssl) =>
        IsToFail(NativeCall.SslShutdown) ? -1 : SSL_shutdown_(ssl);

    private static bool IsToFail(NativeCall call) => NativeFaults.IsOn && NativeFaults.FailsOpenSsl(call);

    [DllImport(Library, EntryPoint = "OPENSSL_init_ssl")]
    private static extern int OPENSSL_init_ssl_(ulong options, nint settings);

    [DllImport(Library, EntryPoint = "SSL_CTX_new")]
    private static extern nint SSL_CTX_new_(nint method);

    [DllImport(Library, EntryPoint = "SSL_CTX_set_cipher_list")]
    private static extern int SSL_CTX_set_cipher_list_(nint context, byte* list);

    [DllImport(Library, EntryPoint = "SSL_CTX_use_certificate")]
    private static extern int SSL_CTX_use_certificate_(nint context, nint certificate);

    [DllImport(Library, EntryPoint = "SSL_CTX_use_PrivateKey")]
    private static extern int SSL_CTX_use_PrivateKey_(nint context, nint key);

    [DllImport(Library, EntryPoint = "SSL_CTX_check_private_key")]
    private static extern int SSL_CTX_check_private_key_(nint context);

    [DllImport(Library, EntryPoint = "SSL_CTX_set_default_verify_paths")]
    private static extern int SSL_CTX_set_default_verify_paths_(nint context);

    [DllImport(Library, EntryPoint = "SSL_CTX_load_verify_locations")]
    private static extern int SSL_CTX_load_verify_locations_(nint context, byte* file, byte* directory);

    [DllImport(Library, EntryPoint = "SSL_new")]
    private static extern nint SSL_new_(nint context);

    [DllImport(Library, EntryPoint = "SSL_set_ex_data"), SuppressGCTransition]
    private static extern int SSL_set_ex_data_(nint ssl, int index, nint data);

    [DllImport(Library, EntryPoint = "SSL_set_alpn_protos")]
    private static extern int SSL_set_alpn_protos_(nint ssl, byte* protocols, uint length);

    [DllImport(Library, EntryPoint = "SSL_set1_host")]
    private static extern int SSL_set1_host_(nint ssl, byte* name);

    // These work, and call back into our BIO: the GC transition stays.
    [DllImport(Library, EntryPoint = "SSL_do_handshake")]
    private static extern int SSL_do_handshake_(nint ssl);

    [DllImport(Library, EntryPoint = "SSL_read")]
    private static extern int SSL_read_(nint ssl, byte* buffer, int length);

    [DllImport(Library, EntryPoint = "SSL_write")]
    private static extern int SSL_write_(nint ssl, byte* buffer, int length);

    [DllImport(Library, EntryPoint = "SSL_shutdown")]
    private static extern int SSL_shutdown_(nint ssl);
}

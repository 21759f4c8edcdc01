using System.Runtime.InteropServices;
using AwsIO.Native.Faults;

namespace AwsIO.Native.OpenSsl;

/// <summary>Functions of libssl, under their own names, and those that its header makes of <c>SSL_ctrl</c>.</summary>
internal static unsafe partial class LibSsl
{
    internal const int ErrorWantRead = 2;
    internal const int ErrorWantWrite = 3;
    internal const int ErrorZeroReturn = 6;

    internal const int VerifyNone = 0;
    internal const int VerifyPeer = 1;
    internal const int VerifyFailIfNoPeerCertificate = 2;

    internal const int AlpnOk = 0;
    internal const int AlpnFatal = 2;
    internal const int AlpnNotAcknowledged = 3;

    internal const int HostNameType = 0;
    internal const uint NoPartialWildcards = 0x4;

    internal const ulong OptionNoRenegotiation = 1ul << 30;
    internal const ulong OptionNoCompression = 1ul << 17;
    internal const ulong OptionCipherServerPreference = 1ul << 22;

    internal const long ModePartialWrite = 1;
    internal const long ModeMovingWriteBuffer = 2;
    internal const long ModeReleaseBuffers = 16;

    private const string Library = OpenSslLibrary.Ssl;

    private const int ControlMode = 33;
    private const int ControlSessionCacheMode = 44;
    private const int ControlHostName = 55;
    private const int ControlChainCertificate = 89;
    private const int ControlMinVersion = 123;
    private const int ControlMaxVersion = 124;
    private const int ControlSetVerifyStore = 106;

    internal static bool SetMode(nint context, long mode) => SSL_CTX_ctrl(context, ControlMode, (nint)mode, null) != 0;

    internal static void DisableSessionCache(nint context) => SSL_CTX_ctrl(context, ControlSessionCacheMode, 0, null);

    internal static bool SetMinVersion(nint context, int version) =>
        !IsToFail(NativeCall.SslCtxSetMinProtoVersion) && SSL_CTX_ctrl(context, ControlMinVersion, version, null) == 1;

    internal static bool SetMaxVersion(nint context, int version) =>
        !IsToFail(NativeCall.SslCtxSetMaxProtoVersion) && SSL_CTX_ctrl(context, ControlMaxVersion, version, null) == 1;

    /// <summary>Adds a certificate to the chain that is sent; the context takes a reference of its own.</summary>
    internal static bool AddChainCertificate(nint context, nint certificate) =>
        !IsToFail(NativeCall.SslCtxAddChainCert) && SSL_CTX_ctrl(context, ControlChainCertificate, 1, (void*)certificate) == 1;

    /// <summary>Sets the certificates that peers are verified against, in place of all others; takes a reference of its own.</summary>
    internal static bool SetVerifyStore(nint context, nint store) =>
        !IsToFail(NativeCall.SslCtxSetVerifyStore) && SSL_CTX_ctrl(context, ControlSetVerifyStore, 1, (void*)store) == 1;

    internal static bool SetServerName(nint ssl, byte* name) =>
        !IsToFail(NativeCall.SslSetHostName) && SSL_ctrl(ssl, ControlHostName, HostNameType, name) == 1;

    [DllImport(Library)]
    internal static extern nint TLS_client_method();

    [DllImport(Library)]
    internal static extern nint TLS_server_method();

    [DllImport(Library)]
    internal static extern void SSL_CTX_free(nint context);

    [DllImport(Library)]
    internal static extern ulong SSL_CTX_set_options(nint context, ulong options);

    [DllImport(Library)]
    internal static extern int SSL_CTX_get_security_level(nint context);

    [DllImport(Library)]
    internal static extern void SSL_CTX_set_security_level(nint context, int level);

    [DllImport(Library)]
    internal static extern void SSL_CTX_set_verify(nint context, int mode, nint callback);

    [DllImport(Library)]
    internal static extern int SSL_CTX_set_session_id_context(nint context, byte* name, uint length);

    [DllImport(Library)]
    internal static extern void SSL_CTX_set_alpn_select_cb(
        nint context, delegate* unmanaged[Cdecl]<nint, byte**, byte*, byte*, uint, void*, int> select, void* argument);

    [DllImport(Library)]
    internal static extern void SSL_free(nint ssl);

    [DllImport(Library)]
    internal static extern void SSL_set_bio(nint ssl, nint read, nint write);

    [DllImport(Library)]
    internal static extern void SSL_set_connect_state(nint ssl);

    [DllImport(Library)]
    internal static extern void SSL_set_accept_state(nint ssl);

    [DllImport(Library), SuppressGCTransition]
    internal static extern nint SSL_get_ex_data(nint ssl, int index);

    [DllImport(Library)]
    internal static extern void SSL_set_hostflags(nint ssl, uint flags);

    [DllImport(Library)]
    internal static extern nint SSL_get0_param(nint ssl);

    [DllImport(Library)]
    internal static extern int SSL_get_error(nint ssl, int result);

    [DllImport(Library), SuppressGCTransition]
    internal static extern int SSL_pending(nint ssl);

    [DllImport(Library)]
    internal static extern long SSL_get_verify_result(nint ssl);

    [DllImport(Library)]
    internal static extern byte* SSL_get_version(nint ssl);

    [DllImport(Library)]
    internal static extern nint SSL_get_current_cipher(nint ssl);

    [DllImport(Library)]
    internal static extern byte* SSL_CIPHER_get_name(nint cipher);

    [DllImport(Library)]
    internal static extern void SSL_get0_alpn_selected(nint ssl, byte** protocol, uint* length);

    [DllImport(Library)]
    internal static extern byte* SSL_get_servername(nint ssl, int type);

    /// <summary>The peer's certificate with a reference of the caller's, by the name that the loaded version gives it; 0 for none.</summary>
    internal static nint GetPeerCertificate(nint ssl) =>
        OpenSslLibrary.IsVersion3 ? SSL_get1_peer_certificate(ssl) : SSL_get_peer_certificate(ssl);

    [DllImport(Library)]
    private static extern nint SSL_get1_peer_certificate(nint ssl);

    [DllImport(Library)]
    private static extern nint SSL_get_peer_certificate(nint ssl);

    [DllImport(Library)]
    private static extern nint SSL_CTX_ctrl(nint context, int command, nint number, void* pointer);

    [DllImport(Library)]
    private static extern nint SSL_ctrl(nint ssl, int command, nint number, void* pointer);
}

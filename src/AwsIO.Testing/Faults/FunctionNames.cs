using System.Diagnostics.CodeAnalysis;

namespace AwsIO.Testing;

/// <summary>The functions by their names in C, and what each can answer.</summary>
internal static class FunctionNames
{
    private static readonly Dictionary<NativeFunction, string> s_names = new()
    {
        [NativeFunction.Socket] = "socket",
        [NativeFunction.Connect] = "connect",
        [NativeFunction.Bind] = "bind",
        [NativeFunction.Listen] = "listen",
        [NativeFunction.Accept4] = "accept4",
        [NativeFunction.Recv] = "recv",
        [NativeFunction.Send] = "send",
        [NativeFunction.SendMsg] = "sendmsg",
        [NativeFunction.Shutdown] = "shutdown",
        [NativeFunction.SetSockOpt] = "setsockopt",
        [NativeFunction.GetSockOpt] = "getsockopt",
        [NativeFunction.GetSockName] = "getsockname",
        [NativeFunction.Close] = "close",
        [NativeFunction.Read] = "read",
        [NativeFunction.Write] = "write",
        [NativeFunction.Pipe2] = "pipe2",
        [NativeFunction.Ioctl] = "ioctl",
        [NativeFunction.GetAddrInfo] = "getaddrinfo",
        [NativeFunction.PthreadCreate] = "pthread_create",
        [NativeFunction.SchedGetAffinity] = "sched_getaffinity",
        [NativeFunction.SchedSetAffinity] = "sched_setaffinity",
        [NativeFunction.GetPeerName] = "getpeername",
        [NativeFunction.Fcntl] = "fcntl",
        [NativeFunction.IfNameToIndex] = "if_nametoindex",
        [NativeFunction.EventFd] = "eventfd",
        [NativeFunction.EventFdWrite] = "eventfd_write",
        [NativeFunction.EpollCreate1] = "epoll_create1",
        [NativeFunction.EpollCtl] = "epoll_ctl",
        [NativeFunction.EpollWait] = "epoll_wait",
        [NativeFunction.EpollPwait2] = "epoll_pwait2",
        [NativeFunction.Kqueue] = "kqueue",
        [NativeFunction.Kevent] = "kevent",
        [NativeFunction.KeventTrigger] = "kevent_trigger",
        [NativeFunction.KeventWait] = "kevent_wait",
        [NativeFunction.SendTo] = "sendto",
        [NativeFunction.RecvMsg] = "recvmsg",
        [NativeFunction.SendMMsg] = "sendmmsg",
        [NativeFunction.RecvMMsg] = "recvmmsg",
        [NativeFunction.BioMethNew] = "BIO_meth_new",
        [NativeFunction.BioNew] = "BIO_new",
        [NativeFunction.BioNewMemBuf] = "BIO_new_mem_buf",
        [NativeFunction.PemReadBioX509] = "PEM_read_bio_X509",
        [NativeFunction.PemReadBioPrivateKey] = "PEM_read_bio_PrivateKey",
        [NativeFunction.X509StoreNew] = "X509_STORE_new",
        [NativeFunction.X509StoreAddCert] = "X509_STORE_add_cert",
        [NativeFunction.I2dX509] = "i2d_X509",
        [NativeFunction.BioGetNewIndex] = "BIO_get_new_index",
        [NativeFunction.SslCtxNew] = "SSL_CTX_new",
        [NativeFunction.SslCtxSetCipherList] = "SSL_CTX_set_cipher_list",
        [NativeFunction.SslCtxUseCertificate] = "SSL_CTX_use_certificate",
        [NativeFunction.SslCtxUsePrivateKey] = "SSL_CTX_use_PrivateKey",
        [NativeFunction.SslCtxAddChainCert] = "SSL_CTX_add1_chain_cert",
        [NativeFunction.SslCtxSetVerifyStore] = "SSL_CTX_set1_verify_cert_store",
        [NativeFunction.SslCtxSetDefaultVerifyPaths] = "SSL_CTX_set_default_verify_paths",
        [NativeFunction.SslCtxLoadVerifyLocations] = "SSL_CTX_load_verify_locations",
        [NativeFunction.SslNew] = "SSL_new",
        [NativeFunction.SslSetExData] = "SSL_set_ex_data",
        [NativeFunction.SslSetAlpnProtos] = "SSL_set_alpn_protos",
        [NativeFunction.SslSetHostName] = "SSL_set_tlsext_host_name",
        [NativeFunction.SslSetVerifyName] = "SSL_set1_host",
        [NativeFunction.SslDoHandshake] = "SSL_do_handshake",
        [NativeFunction.SslRead] = "SSL_read",
        [NativeFunction.SslWrite] = "SSL_write",
        [NativeFunction.SslShutdown] = "SSL_shutdown",
        [NativeFunction.SslCtxSetMinProtoVersion] = "SSL_CTX_set_min_proto_version",
        [NativeFunction.SslCtxSetMaxProtoVersion] = "SSL_CTX_set_max_proto_version",
        [NativeFunction.SslCtxCheckPrivateKey] = "SSL_CTX_check_private_key",
        [NativeFunction.OpenSslInitSsl] = "OPENSSL_init_ssl",
    };

    private static readonly Dictionary<string, NativeFunction> s_functions = s_names.ToDictionary(
        static pair => pair.Value, static pair => pair.Key, StringComparer.OrdinalIgnoreCase);

    internal static int Count { get; } = s_names.Keys.Max(static function => (int)function) + 1;

    internal static IEnumerable<string> All => s_names.Values;

    internal static bool IsDefined(NativeFunction function) => s_names.ContainsKey(function);

    internal static string Of(NativeFunction function) => s_names[function];

    internal static bool TryFind(string name, out NativeFunction function) => s_functions.TryGetValue(name, out function);

    /// <summary>Says why a function cannot have an outcome.</summary>
    internal static bool Refuses(NativeFunction function, FaultOutcome outcome, [NotNullWhen(true)] out string? why)
    {
        why = outcome.Error is { } error ? RefusesError(function, error) : RefusesShort(function);
        return why is not null;
    }

    private static string? RefusesShort(NativeFunction function) => function
        is NativeFunction.Recv or NativeFunction.Send or NativeFunction.SendMsg or NativeFunction.Read or NativeFunction.Write
            or NativeFunction.EpollWait or NativeFunction.EpollPwait2 or NativeFunction.KeventWait
            or NativeFunction.SendMMsg or NativeFunction.RecvMMsg
        ? null
        : $"{Of(function)} moves no bytes that could be fewer: it can fail, but not be shortened";

    private static string? RefusesError(NativeFunction function, string error) => function switch
    {
        NativeFunction.GetAddrInfo => FaultErrors.IsLookUps(error) ? null : "getaddrinfo fails with codes of its own: EAI_AGAIN and others",
        _ when FaultErrors.IsLookUps(error) => $"{error} is an answer of getaddrinfo alone",
        >= NativeFunction.BioMethNew => error == "ENOMEM" ? null : $"{Of(function)} of OpenSSL can only be made to find no memory: ENOMEM",
        NativeFunction.PthreadCreate => error == "EAGAIN" ? null : "pthread_create fails with EAGAIN alone",
        NativeFunction.EventFdWrite => error == "EINTR" ? null : "eventfd_write fails with EINTR alone: a wake-up that is lost has no other cause",
        NativeFunction.EpollWait => error == "EINTR" ? null : "epoll_wait fails with EINTR alone: anything else ends the process",
        NativeFunction.KeventTrigger => error == "EINTR" ? null : "kevent_trigger fails with EINTR alone: a wake-up that is lost has no other cause",
        NativeFunction.KeventWait => error == "EINTR" ? null : "kevent_wait fails with EINTR alone: anything else ends the process",
        NativeFunction.EpollPwait2 => error is "EINTR" or "ENOSYS" or "EPERM" ? null
            : "epoll_pwait2 fails with EINTR, ENOSYS or EPERM alone: anything else ends the process",
        _ => null,
    };
}

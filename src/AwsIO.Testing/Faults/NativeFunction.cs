namespace AwsIO.Testing;

/// <summary>
/// The functions of the system, and of OpenSSL, that a <see cref="FaultPlan"/> can fail. A plan's text has them under their own names:
/// <c>recv</c>, <c>accept4</c>, <c>SSL_CTX_new</c>.
/// </summary>
public enum NativeFunction
{
    /// <summary><c>socket</c>.</summary>
    Socket = 0,

    /// <summary><c>connect</c>. An EINTR is answered after the call has been made: the attempt goes on, as it does in the kernel.</summary>
    Connect = 1,

    /// <summary><c>bind</c>.</summary>
    Bind = 2,

    /// <summary><c>listen</c>.</summary>
    Listen = 3,

    /// <summary><c>accept4</c>, or <c>accept</c> where there is none.</summary>
    Accept4 = 4,

    /// <summary><c>recv</c>; can be shortened.</summary>
    Recv = 5,

    /// <summary><c>send</c>; can be shortened.</summary>
    Send = 6,

    /// <summary><c>sendmsg</c>; can be shortened.</summary>
    SendMsg = 7,

    /// <summary><c>shutdown</c>.</summary>
    Shutdown = 8,

    /// <summary><c>setsockopt</c>.</summary>
    SetSockOpt = 9,

    /// <summary><c>getsockopt</c>.</summary>
    GetSockOpt = 10,

    /// <summary><c>getsockname</c>.</summary>
    GetSockName = 11,

    /// <summary><c>close</c>. It closes, whatever it answers, as the kernel's does.</summary>
    Close = 12,

    /// <summary><c>read</c>; can be shortened.</summary>
    Read = 13,

    /// <summary><c>write</c>; can be shortened.</summary>
    Write = 14,

    /// <summary><c>pipe2</c>, or <c>pipe</c> where there is none.</summary>
    Pipe2 = 15,

    /// <summary><c>ioctl</c>.</summary>
    Ioctl = 16,

    /// <summary><c>getaddrinfo</c>; fails with codes of its own, such as <c>EAI_AGAIN</c>.</summary>
    GetAddrInfo = 17,

    /// <summary><c>pthread_create</c>: the start of one of AwsIO's threads. Fails with <c>EAGAIN</c> alone.</summary>
    PthreadCreate = 18,

    /// <summary><c>sched_getaffinity</c>.</summary>
    SchedGetAffinity = 19,

    /// <summary><c>sched_setaffinity</c>.</summary>
    SchedSetAffinity = 20,

    /// <summary><c>getpeername</c>: whether a connection stands, where an event does not say it.</summary>
    GetPeerName = 21,

    /// <summary><c>fcntl</c>: makes a descriptor non-blocking where the system cannot make it so at once, as macOS.</summary>
    Fcntl = 22,

    /// <summary><c>if_nametoindex</c>: which network interface a name stands for. Whatever it fails with, there is none.</summary>
    IfNameToIndex = 23,

    /// <summary><c>eventfd</c>.</summary>
    EventFd = 24,

    /// <summary><c>eventfd_write</c>: the write that wakes a loop. Fails with <c>EINTR</c> alone; the kernel has no other reason.</summary>
    EventFdWrite = 25,

    /// <summary><c>epoll_create1</c>.</summary>
    EpollCreate1 = 26,

    /// <summary><c>epoll_ctl</c>.</summary>
    EpollCtl = 27,

    /// <summary><c>epoll_wait</c>; can be shortened to fewer events. Fails with <c>EINTR</c> alone: anything else ends the process.</summary>
    EpollWait = 28,

    /// <summary>
    /// <c>epoll_pwait2</c>; can be shortened to fewer events. Fails with <c>EINTR</c>; with <c>ENOSYS</c> or <c>EPERM</c> the process uses
    /// <c>epoll_wait</c> from then on.
    /// </summary>
    EpollPwait2 = 29,

    /// <summary><c>kqueue</c>.</summary>
    Kqueue = 32,

    /// <summary><c>kevent</c> that adds, enables or deletes filters.</summary>
    Kevent = 33,

    /// <summary>
    /// <c>kevent_trigger</c>: the <c>kevent</c> that wakes a loop, and the one that makes it ready for that. Fails with <c>EINTR</c> alone.
    /// </summary>
    KeventTrigger = 34,

    /// <summary>
    /// <c>kevent_wait</c>: the <c>kevent</c> that waits; can be shortened to fewer events. Fails with <c>EINTR</c> alone: anything else ends
    /// the process.
    /// </summary>
    KeventWait = 35,

    /// <summary><c>sendto</c>: one datagram. It is sent whole or fails.</summary>
    SendTo = 40,

    /// <summary><c>recvmsg</c>: one datagram.</summary>
    RecvMsg = 41,

    /// <summary>
    /// <c>sendmmsg</c>: several datagrams; can be shortened to fewer of them. With <c>ENOSYS</c> each is sent by a <c>sendto</c>.
    /// </summary>
    SendMMsg = 42,

    /// <summary>
    /// <c>recvmmsg</c>: several datagrams; can be shortened to fewer of them. With <c>ENOSYS</c> each is received by a <c>recvmsg</c>.
    /// </summary>
    RecvMMsg = 43,

    /// <summary>
    /// <c>BIO_meth_new</c>. As all functions of OpenSSL it fails with <c>ENOMEM</c> alone. Used once in a process, unless it fails.
    /// </summary>
    BioMethNew = 48,

    /// <summary><c>BIO_new</c>.</summary>
    BioNew = 49,

    /// <summary><c>BIO_new_mem_buf</c>.</summary>
    BioNewMemBuf = 50,

    /// <summary><c>PEM_read_bio_X509</c>.</summary>
    PemReadBioX509 = 51,

    /// <summary><c>PEM_read_bio_PrivateKey</c>.</summary>
    PemReadBioPrivateKey = 52,

    /// <summary><c>X509_STORE_new</c>.</summary>
    X509StoreNew = 53,

    /// <summary><c>X509_STORE_add_cert</c>.</summary>
    X509StoreAddCert = 54,

    /// <summary><c>i2d_X509</c>.</summary>
    I2dX509 = 55,

    /// <summary><c>BIO_get_new_index</c>. Used once in a process, unless it fails.</summary>
    BioGetNewIndex = 56,

    /// <summary><c>SSL_CTX_new</c>.</summary>
    SslCtxNew = 64,

    /// <summary><c>SSL_CTX_set_cipher_list</c>.</summary>
    SslCtxSetCipherList = 65,

    /// <summary><c>SSL_CTX_use_certificate</c>.</summary>
    SslCtxUseCertificate = 66,

    /// <summary><c>SSL_CTX_use_PrivateKey</c>.</summary>
    SslCtxUsePrivateKey = 67,

    /// <summary><c>SSL_CTX_add1_chain_cert</c>.</summary>
    SslCtxAddChainCert = 68,

    /// <summary><c>SSL_CTX_set1_verify_cert_store</c>.</summary>
    SslCtxSetVerifyStore = 69,

    /// <summary><c>SSL_CTX_set_default_verify_paths</c>.</summary>
    SslCtxSetDefaultVerifyPaths = 70,

    /// <summary><c>SSL_CTX_load_verify_locations</c>.</summary>
    SslCtxLoadVerifyLocations = 71,

    /// <summary><c>SSL_new</c>.</summary>
    SslNew = 72,

    /// <summary><c>SSL_set_ex_data</c>.</summary>
    SslSetExData = 73,

    /// <summary><c>SSL_set_alpn_protos</c>.</summary>
    SslSetAlpnProtos = 74,

    /// <summary><c>SSL_set_tlsext_host_name</c>: the name that a client asks for.</summary>
    SslSetHostName = 75,

    /// <summary><c>SSL_set1_host</c>, or its like for an address: the name that a certificate is checked against.</summary>
    SslSetVerifyName = 76,

    /// <summary><c>SSL_do_handshake</c>.</summary>
    SslDoHandshake = 77,

    /// <summary><c>SSL_read</c>.</summary>
    SslRead = 78,

    /// <summary><c>SSL_write</c>.</summary>
    SslWrite = 79,

    /// <summary><c>SSL_shutdown</c>.</summary>
    SslShutdown = 80,

    /// <summary><c>SSL_CTX_set_min_proto_version</c>.</summary>
    SslCtxSetMinProtoVersion = 81,

    /// <summary><c>SSL_CTX_set_max_proto_version</c>.</summary>
    SslCtxSetMaxProtoVersion = 82,

    /// <summary><c>SSL_CTX_check_private_key</c>.</summary>
    SslCtxCheckPrivateKey = 83,

    /// <summary><c>OPENSSL_init_ssl</c>. Used once in a process: if it fails, the process has no TLS.</summary>
    OpenSslInitSsl = 84,
}

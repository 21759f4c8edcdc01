using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AwsIO.Native.OpenSsl;

namespace AwsIO;

/// <summary>An <c>SSL_CTX</c> with the options of its connections.</summary>
internal sealed unsafe class OpenSslContext : TlsProviderContext
{
    /// <summary>
    /// The strength that keys, groups and signatures must have: 112 bits, so no RSA below 2048 bits and no SHA-1 signature. Some
    /// distributions' default is lower.
    /// </summary>
    internal const int LeastSecurityLevel = 2;

    private readonly SafeSslContextHandle _handle;
    private readonly TlsContextOptions _options;
    private readonly bool _isServer;

    private OpenSslContext(SafeSslContextHandle handle, TlsContextOptions options, bool isServer)
    {
        _handle = handle;
        _options = options;
        _isServer = isServer;
        Alpn = OpenSslSession.EncodeAlpn(options.Alpn);
    }

    /// <summary>The protocols in ALPN's own form.</summary>
    internal byte[] Alpn { get; }

    private bool VerifiesPeer => _options.VerifyPeer ?? !_isServer;

    [SuppressMessage("Reliability", "CA2000", Justification = "The result owns the handle.")]
    internal static IoResult<TlsProviderContext> Create(TlsContextOptions options, bool isServer)
    {
        LibCrypto.ERR_clear_error();
        nint pointer = LibSsl.SSL_CTX_new(isServer ? LibSsl.TLS_server_method() : LibSsl.TLS_client_method());
        if (pointer == 0)
        {
            return new(ContextError("Making a TLS context failed"));
        }

        OpenSslContext context = new(new SafeSslContextHandle(pointer), options, isServer);
        IoError error = context.Configure(pointer);
        if (error.IsError)
        {
            context.Dispose();
            LibCrypto.ERR_clear_error();
            return new(error);
        }

        return new(context);
    }

    public override IoResult<TlsSession> CreateSession(TlsConnectionOptions options, ITlsTransport transport)
    {
        bool added = false;
        try
        {
            _handle.DangerousAddRef(ref added);
            return OpenSslSession.Create(_handle.Pointer, this, options, transport, _isServer, VerifiesPeer && _options.VerifyHostName);
        }
        catch (ObjectDisposedException)
        {
            return new(new IoError(IoErrorCode.InvalidState, "The TLS context was disposed."));
        }
        finally
        {
            if (added)
            {
                // From its making on the session holds a reference of its own to the native context.
                _handle.DangerousRelease();
            }
        }
    }

    protected override void Dispose(bool disposing) => _handle.Dispose();

    private static IoError ContextError(string what) =>
        new(IoErrorCode.TlsContextError, $"{what}: {LibCrypto.TakeErrorText("no further reason given")}.");

    private static IoError Unreadable(string option, int good) => ContextError(good == 0
        ? $"{option} holds no certificate that can be read"
        : $"{option} holds {good} good certificate(s), and behind them one that cannot be read");

    private IoError Configure(nint context)
    {
        LibSsl.SSL_CTX_set_options(
            context, LibSsl.OptionNoCompression | LibSsl.OptionNoRenegotiation | (_isServer ? LibSsl.OptionCipherServerPreference : 0));

        // Buffers go back while a connection is idle; a partial write never occurs, since the transport takes everything.
        LibSsl.SetMode(context, LibSsl.ModeReleaseBuffers | LibSsl.ModePartialWrite | LibSsl.ModeMovingWriteBuffer);
        LibSsl.DisableSessionCache(context);
        IoError error = ConfigureVersions(context);
        if (error.IsNone)
        {
            error = ConfigureStrength(context);
        }

        if (error.IsNone)
        {
            error = ConfigureTrust(context);
        }

        if (error.IsNone && !string.IsNullOrWhiteSpace(_options.CertificatePem))
        {
            error = ConfigureCertificate(context);
        }

        if (_isServer)
        {
            LibSsl.SSL_CTX_set_alpn_select_cb(context, &OnSelectAlpn, null);

            // Without it, OpenSSL refuses clients with a certificate that come back with a ticket. Which context a ticket is of, its
            // keys say.
            ReadOnlySpan<byte> name = "AwsIO"u8;
            fixed (byte* pointer = name)
            {
                _ = LibSsl.SSL_CTX_set_session_id_context(context, pointer, (uint)name.Length);
            }
        }

        return error;
    }

    private IoError ConfigureVersions(nint context)
    {
        int lowest = _options.MinimumVersion == TlsVersion.Tls13 ? 0x0304 : 0x0303;
        int highest = _options.MaximumVersion switch { TlsVersion.Tls12 => 0x0303, TlsVersion.Tls13 => 0x0304, _ => 0 };
        return LibSsl.SetMinVersion(context, lowest) && LibSsl.SetMaxVersion(context, highest)
            ? IoError.None
            : new IoError(
                IoErrorCode.TlsVersionUnsupported,
                $"The loaded OpenSSL refuses the TLS versions that were asked for: {LibCrypto.TakeErrorText("it does not support them")}.");
    }

    /// <summary>Says what TLS 1.2 may use, whatever the system's own configuration has; TLS 1.3 has nothing weak to take out.</summary>
    private static IoError ConfigureStrength(nint context)
    {
        // An administrator may ask for more than we do, never for less.
        if (LibSsl.SSL_CTX_get_security_level(context) < LeastSecurityLevel)
        {
            LibSsl.SSL_CTX_set_security_level(context, LeastSecurityLevel);
        }

        fixed (byte* list = OpenSslSuites.Tls12)
        {
            return LibSsl.SSL_CTX_set_cipher_list(context, list) == 1
                ? IoError.None
                : ContextError("The loaded OpenSSL, as the system configures it, has none of the TLS 1.2 cipher suites that are allowed");
        }
    }

    private IoError ConfigureTrust(nint context)
    {
        int mode = !VerifiesPeer ? LibSsl.VerifyNone
            : _isServer ? LibSsl.VerifyPeer | LibSsl.VerifyFailIfNoPeerCertificate
            : LibSsl.VerifyPeer;
        LibSsl.SSL_CTX_set_verify(context, mode, 0);
        if (!VerifiesPeer)
        {
            return IoError.None;
        }

        if (_options.TrustedCertificatesPem is { } pem)
        {
            return TrustOnly(context, pem);
        }

        if (OpenSslTrustStore.TrustSystem(context))
        {
            return IoError.None;
        }

        // Most often there is none: OpenSSL was not even asked.
        string reason = LibCrypto.TakeErrorText("");
        return new IoError(
            IoErrorCode.TlsDefaultTrustStoreNotFound,
            "The system's trusted certificates could not be loaded: install them (ca-certificates), or set TrustedCertificatesPem."
            + (reason.Length == 0 ? "" : $" OpenSSL says: {reason}."));
    }

    private static IoError TrustOnly(nint context, string pem)
    {
        List<nint> certificates = OpenSslPem.ReadCertificates(pem, out bool isWhole);
        nint store = LibCrypto.X509_STORE_new();
        try
        {
            if (!isWhole)
            {
                return Unreadable(nameof(TlsContextOptions.TrustedCertificatesPem), certificates.Count);
            }

            // Without one of them, what it vouches for would be refused later, for no reason that anybody could see.
            return store != 0
                && certificates.TrueForAll(certificate => LibCrypto.X509_STORE_add_cert(store, certificate) == 1)
                && LibSsl.SetVerifyStore(context, store)
                ? IoError.None
                : ContextError("The trusted certificates could not be used");
        }
        finally
        {
            certificates.ForEach(LibCrypto.X509_free);
            LibCrypto.X509_STORE_free(store);
        }
    }

    private IoError ConfigureCertificate(nint context)
    {
        List<nint> chain = OpenSslPem.ReadCertificates(_options.CertificatePem!, out bool isWhole);
        nint key = 0;
        try
        {
            if (!isWhole)
            {
                return Unreadable(nameof(TlsContextOptions.CertificatePem), chain.Count);
            }

            key = OpenSslPem.ReadPrivateKey(_options.PrivateKeyPem!);
            if (key == 0)
            {
                return ContextError("PrivateKeyPem holds no private key that can be read (one with a password cannot)");
            }

            if (LibSsl.SSL_CTX_use_certificate(context, chain[0]) != 1)
            {
                return ContextError("The certificate could not be used");
            }

            if (LibSsl.SSL_CTX_use_PrivateKey(context, key) != 1 || LibSsl.SSL_CTX_check_private_key(context) != 1)
            {
                return ContextError("The private key does not belong to the certificate");
            }

            for (int i = 1; i < chain.Count; i++)
            {
                if (!LibSsl.AddChainCertificate(context, chain[i]))
                {
                    return ContextError("A certificate of the chain could not be used");
                }
            }

            return IoError.None;
        }
        finally
        {
            chain.ForEach(LibCrypto.X509_free);
            LibCrypto.EVP_PKEY_free(key);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnSelectAlpn(nint ssl, byte** selected, byte* selectedLength, byte* offered, uint length, void* argument)
    {
        // No exception may leave: below is native code.
        try
        {
            return OpenSslSession.Find(LibSsl.SSL_get_ex_data(ssl, 0)) is { } session
                ? session.SelectAlpn(selected, selectedLength, new ReadOnlySpan<byte>(offered, (int)length))
                : LibSsl.AlpnFatal;
        }
        catch (Exception)
        {
            return LibSsl.AlpnFatal;
        }
    }
}

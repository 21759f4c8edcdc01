using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using AwsIO.Native.OpenSsl;

namespace AwsIO;

/// <summary>An <c>SSL</c> on a BIO of ours.</summary>
internal sealed unsafe partial class OpenSslSession : TlsSession
{
    private readonly OpenSslContext _context;
    private readonly ITlsTransport _transport;
    private readonly byte[] _alpn;
    private readonly bool _isServer;
    private readonly string? _serverName;
    private SafeSslHandle _handle = null!;
    private nint _ssl;
    private IoError _error;
    private Exception? _transportFailure;
    private TlsConnectionInfo? _info;

    private OpenSslSession(OpenSslContext context, TlsConnectionOptions options, ITlsTransport transport, bool isServer)
    {
        _context = context;
        _transport = transport;
        _isServer = isServer;
        _serverName = options.ServerName;
        _alpn = options.Alpn is { } own ? EncodeAlpn(own) : context.Alpn;
    }

    public override IoError Error => _error;

    public override bool HasPending => _ssl != 0 && LibSsl.SSL_pending(_ssl) > 0;

    public override TlsConnectionInfo Info => _info ??= ReadInfo();

    [SuppressMessage("Reliability", "CA2000", Justification = "The result owns the session.")]
    internal static IoResult<TlsSession> Create(
        nint sslContext,
        OpenSslContext context,
        TlsConnectionOptions options,
        ITlsTransport transport,
        bool isServer,
        bool verifiesName)
    {
        LibCrypto.ERR_clear_error();
        nint ssl = LibSsl.SSL_new(sslContext);
        if (ssl == 0)
        {
            return new(CreationError());
        }

        OpenSslSession session = new(context, options, transport, isServer);

        // Weak, so that a session which nobody disposed can still be collected, and its native part with it.
        GCHandle self = GCHandle.Alloc(session, GCHandleType.Weak);
        session._handle = new SafeSslHandle(ssl, self);
        session._ssl = ssl;
        nint bio = LibSsl.SSL_set_ex_data(ssl, 0, GCHandle.ToIntPtr(self)) == 1 ? OpenSslBio.Create(self) : 0;
        IoError error = bio == 0 ? CreationError() : IoError.None;
        if (error.IsNone)
        {
            LibSsl.SSL_set_bio(ssl, bio, bio);
            error = isServer ? session.ConfigureServer() : session.ConfigureClient(verifiesName);
        }

        if (error.IsError)
        {
            session.Dispose();
            return new(error);
        }

        return new(session);
    }

    private static IoError CreationError() =>
        new(IoErrorCode.TlsContextError, $"Making a TLS session failed: {LibCrypto.TakeErrorText("no reason given")}.");

    /// <summary>Finds the session behind the handle that native code keeps; null when it is gone.</summary>
    internal static OpenSslSession? Find(nint data) =>
        data == 0 ? null : GCHandle.FromIntPtr(data).Target as OpenSslSession;

    public override TlsStep Handshake()
    {
        if (!IsUsable())
        {
            return TlsStep.Failed;
        }

        LibCrypto.ERR_clear_error();
        int result = LibSsl.SSL_do_handshake(_ssl);
        return result == 1 ? TlsStep.Done : Classify(result);
    }

    public override TlsStep Read(Span<byte> plaintext, out int count)
    {
        int result;
        count = 0;
        if (!IsUsable())
        {
            return TlsStep.Failed;
        }

        LibCrypto.ERR_clear_error();
        fixed (byte* buffer = plaintext)
        {
            result = LibSsl.SSL_read(_ssl, buffer, plaintext.Length);
        }

        if (result > 0)
        {
            count = result;
            return TlsStep.Done;
        }

        return Classify(result);
    }

    public override TlsStep Write(ReadOnlySpan<byte> plaintext, out int count)
    {
        count = 0;
        if (!IsUsable())
        {
            return TlsStep.Failed;
        }

        LibCrypto.ERR_clear_error();
        fixed (byte* buffer = plaintext)
        {
            while (count < plaintext.Length)
            {
                int result = LibSsl.SSL_write(_ssl, buffer + count, plaintext.Length - count);
                if (result <= 0)
                {
                    // The transport takes everything: a write waits for nothing but the rest of a TLS 1.3 message after the handshake,
                    // such as a ticket, of which a first part has been read.
                    TlsStep step = Classify(result);
                    if (step == TlsStep.Closed)
                    {
                        _error = new IoError(IoErrorCode.TlsWriteFailure, "the connection's writing direction has ended.");
                        step = TlsStep.Failed;
                    }

                    return step;
                }

                count += result;
            }
        }

        return TlsStep.Done;
    }

    public override void WriteCloseNotify()
    {
        if (_error.IsNone && !_handle.IsClosed)
        {
            LibCrypto.ERR_clear_error();
            _ = LibSsl.SSL_shutdown(_ssl);
            LibCrypto.ERR_clear_error();

            // The native part is found from here by a weak handle only.
            GC.KeepAlive(this);
        }
    }

    internal int ReadCiphertext(Span<byte> destination)
    {
        try
        {
            return _transport.ReadCiphertext(destination);
        }
        catch (Exception exception)
        {
            _transportFailure = exception;
            return -1;
        }
    }

    internal bool WriteCiphertext(ReadOnlySpan<byte> ciphertext)
    {
        try
        {
            _transport.WriteCiphertext(ciphertext);
            return true;
        }
        catch (Exception exception)
        {
            _transportFailure = exception;
            return false;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && _handle is { IsClosed: false } handle)
        {
            // What was negotiated may be asked for after the end.
            _info ??= _error.IsNone ? ReadInfo() : null;
            handle.Dispose();
            _ssl = 0;
        }
    }

    /// <summary>
    /// Whether OpenSSL may be asked for more. Without its SSL it would follow a null pointer. And once it has failed it must not be: after a
    /// fatal alert it answers as if the peer had said goodbye, so that data which was cut off would look whole.
    /// </summary>
    private bool IsUsable()
    {
        if (_ssl == 0 && _error.IsNone)
        {
            _error = new IoError(IoErrorCode.InvalidState, "the TLS session was disposed.");
        }

        return _error.IsNone;
    }

    private TlsStep Classify(int result)
    {
        switch (LibSsl.SSL_get_error(_ssl, result))
        {
            case LibSsl.ErrorWantRead or LibSsl.ErrorWantWrite:
                return TlsStep.NeedsInput;
            case LibSsl.ErrorZeroReturn:
                return TlsStep.Closed;
            default:
                _error = DescribeFailure();
                return TlsStep.Failed;
        }
    }
}

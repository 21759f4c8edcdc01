using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using AwsIO.Native.OpenSsl;

namespace AwsIO;

/// <summary>Names, ALPN, what was negotiated, and why it failed.</summary>
internal sealed unsafe partial class OpenSslSession
{
    // OpenSSL's reasons for alerts of the peer start here: the reason is this plus the alert's number.
    private const int AlertReasonBase = 1000;
    private const int CertificateVerifyFailed = 134;

    /// <summary>Protocols in ALPN's own form: each with its length before it.</summary>
    internal static byte[] EncodeAlpn(IReadOnlyList<string> protocols)
    {
        List<byte> encoded = [];
        foreach (string protocol in protocols)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(protocol);
            encoded.Add((byte)bytes.Length);
            encoded.AddRange(bytes);
        }

        return [.. encoded];
    }

    /// <summary>Chooses the first of the server's own protocols that the client offers.</summary>
    internal int SelectAlpn(byte** selected, byte* selectedLength, ReadOnlySpan<byte> offered)
    {
        if (_alpn.Length == 0)
        {
            return LibSsl.AlpnNotAcknowledged;
        }

        for (int own = 0; own < _alpn.Length; own += 1 + _alpn[own])
        {
            ReadOnlySpan<byte> wanted = _alpn.AsSpan(own + 1, _alpn[own]);
            for (int i = 0; i < offered.Length; i += 1 + offered[i])
            {
                int length = Math.Min(offered[i], offered.Length - i - 1);
                if (offered.Slice(i + 1, length).SequenceEqual(wanted))
                {
                    // Points into the client's own offer, which OpenSSL keeps until it has copied the answer.
                    *selected = (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(
                        ref MemoryMarshal.GetReference(offered[(i + 1)..]));
                    *selectedLength = (byte)length;
                    return LibSsl.AlpnOk;
                }
            }
        }

        return LibSsl.AlpnFatal;
    }

    private IoError ConfigureServer()
    {
        LibSsl.SSL_set_accept_state(_ssl);
        return IoError.None;
    }

    private IoError ConfigureClient(bool verifiesName)
    {
        LibSsl.SSL_set_connect_state(_ssl);
        if (_alpn.Length > 0)
        {
            fixed (byte* protocols = _alpn)
            {
                // Unlike the rest of OpenSSL, this answers 0 for success.
                if (LibSsl.SSL_set_alpn_protos(_ssl, protocols, (uint)_alpn.Length) != 0)
                {
                    return new IoError(
                        IoErrorCode.TlsContextError, $"the ALPN protocols could not be set: {LibCrypto.TakeErrorText("no reason given")}.");
                }
            }
        }

        return string.IsNullOrEmpty(_serverName) ? IoError.None : ConfigureName(_serverName, verifiesName);
    }

    private IoError ConfigureName(string name, bool verifies)
    {
        // An address is checked against the certificate's addresses, and may not be asked for by name (RFC 6066).
        // OpenSSL knows neither brackets nor scopes: it is given the plain address.
        bool isAddress = IPAddress.TryParse(name, out IPAddress? address);
        string ascii = isAddress ? new IPAddress(address!.GetAddressBytes()).ToString() : ToAscii(name);
        byte[] text = Encoding.ASCII.GetBytes(ascii + "\0");
        fixed (byte* pointer = text)
        {
            bool done = isAddress || LibSsl.SetServerName(_ssl, pointer);
            if (done && verifies)
            {
                LibSsl.SSL_set_hostflags(_ssl, LibSsl.NoPartialWildcards);
                done = isAddress
                    ? LibCrypto.X509_VERIFY_PARAM_set1_ip_asc(LibSsl.SSL_get0_param(_ssl), pointer) == 1
                    : LibSsl.SSL_set1_host(_ssl, pointer) == 1;
            }

            return done
                ? IoError.None
                : new IoError(
                    IoErrorCode.InvalidArgument,
                    $"'{name}' cannot be used as a TLS server name: {LibCrypto.TakeErrorText("OpenSSL refuses it")}.");
        }
    }

    private static string ToAscii(string name)
    {
        try
        {
            // Where the process runs without culture data, the mapping leaves capitals as they are.
            return new IdnMapping().GetAscii(name.TrimEnd('.').ToLowerInvariant());
        }
        catch (ArgumentException)
        {
            // Not a name by the rules of IDN, such as one with an underscore: used as it is.
            return name;
        }
    }

    /// <summary>The cause alone: what was being done, and with whom, is the handler's to say.</summary>
    private IoError DescribeFailure()
    {
        if (_transportFailure is { } exception)
        {
            LibCrypto.ERR_clear_error();
            return new IoError(IoErrorCode.TlsInternalError, exception.Message);
        }

        int reason = LibCrypto.ReasonOf(LibCrypto.ERR_peek_last_error());
        string text = LibCrypto.TakeErrorText("the connection ended");
        if (reason == CertificateVerifyFailed)
        {
            long verifyResult = LibSsl.SSL_get_verify_result(_ssl);
            string why = Marshal.PtrToStringUTF8((nint)LibCrypto.X509_verify_cert_error_string(verifyResult)) ?? "unknown";
            return new IoError(IoErrorCode.TlsNegotiationFailure, (int)verifyResult, $"the peer's certificate was refused: {why}.");
        }

        return reason is >= AlertReasonBase and < AlertReasonBase + 256
            ? new IoError(IoErrorCode.TlsAlertReceived, reason - AlertReasonBase, $"the peer sent an alert: {text}.")
            : new IoError(IoErrorCode.TlsNegotiationFailure, reason, $"{text}.");
    }

    private TlsConnectionInfo ReadInfo()
    {
        if (_ssl == 0)
        {
            return new TlsConnectionInfo { Version = "", CipherSuite = "", ServerName = _serverName };
        }

        byte* protocol = null;
        uint protocolLength = 0;
        LibSsl.SSL_get0_alpn_selected(_ssl, &protocol, &protocolLength);
        nint cipher = LibSsl.SSL_get_current_cipher(_ssl);
        return new TlsConnectionInfo
        {
            Version = Marshal.PtrToStringUTF8((nint)LibSsl.SSL_get_version(_ssl)) ?? "",
            CipherSuite = cipher == 0 ? "" : Marshal.PtrToStringUTF8((nint)LibSsl.SSL_CIPHER_get_name(cipher)) ?? "",
            Protocol = protocolLength == 0 ? null : Encoding.UTF8.GetString(protocol, (int)protocolLength),
            ServerName = _isServer ? Marshal.PtrToStringUTF8((nint)LibSsl.SSL_get_servername(_ssl, LibSsl.HostNameType)) : _serverName,
            PeerCertificate = ReadPeerCertificate(),
        };
    }

    private byte[] ReadPeerCertificate()
    {
        nint certificate = LibSsl.GetPeerCertificate(_ssl);
        if (certificate == 0)
        {
            return [];
        }

        int length = LibCrypto.i2d_X509(certificate, null);
        byte[] der = new byte[Math.Max(length, 0)];
        fixed (byte* start = der)
        {
            byte* position = start;
            _ = length > 0 ? LibCrypto.i2d_X509(certificate, &position) : 0;
        }

        LibCrypto.X509_free(certificate);
        return der;
    }
}

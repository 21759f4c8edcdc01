namespace AwsIO;

/// <summary>
/// The categories that AwsIO logs under, one for each of upstream's log subjects (<c>AWS_LS_IO_*</c>): what a filter of
/// Microsoft.Extensions.Logging names. A filter for <see cref="General"/> covers them all, as it is what each of them begins with.
/// </summary>
public static class IoLogCategories
{
    /// <summary>What belongs to no other (<c>AWS_LS_IO_GENERAL</c>).</summary>
    public const string General = "AwsIO";

    /// <summary>Event loops and their groups, and exceptions of callbacks (<c>AWS_LS_IO_EVENT_LOOP</c>).</summary>
    public const string EventLoop = "AwsIO.EventLoop";

    /// <summary>Sockets (<c>AWS_LS_IO_SOCKET</c>).</summary>
    public const string Socket = "AwsIO.Socket";

    /// <summary>The channel handler that stands on a socket (<c>AWS_LS_IO_SOCKET_HANDLER</c>).</summary>
    public const string SocketHandler = "AwsIO.SocketHandler";

    /// <summary>TLS: contexts, handshakes, sessions (<c>AWS_LS_IO_TLS</c>).</summary>
    public const string Tls = "AwsIO.Tls";

    /// <summary>The choice of a protocol by ALPN (<c>AWS_LS_IO_ALPN</c>).</summary>
    public const string Alpn = "AwsIO.Alpn";

    /// <summary>Looking up host names (<c>AWS_LS_IO_DNS</c>).</summary>
    public const string HostResolver = "AwsIO.HostResolver";

    /// <summary>Certificates and keys in files and stores (<c>AWS_LS_IO_PKI</c>).</summary>
    public const string Pki = "AwsIO.Pki";

    /// <summary>Channels (<c>AWS_LS_IO_CHANNEL</c>).</summary>
    public const string Channel = "AwsIO.Channel";

    /// <summary>Connecting and listening (<c>AWS_LS_IO_CHANNEL_BOOTSTRAP</c>).</summary>
    public const string ChannelBootstrap = "AwsIO.ChannelBootstrap";

    /// <summary>Files (<c>AWS_LS_IO_FILE_UTILS</c>).</summary>
    public const string FileUtils = "AwsIO.FileUtils";

    /// <summary>Shared libraries, loaded at run time (<c>AWS_LS_IO_SHARED_LIBRARY</c>).</summary>
    public const string SharedLibrary = "AwsIO.SharedLibrary";

    /// <summary>Retries with exponential backoff (<c>AWS_LS_IO_EXPONENTIAL_BACKOFF_RETRY_STRATEGY</c>).</summary>
    public const string ExponentialBackoffRetry = "AwsIO.ExponentialBackoffRetry";

    /// <summary>Retries within a budget (<c>AWS_LS_IO_STANDARD_RETRY_STRATEGY</c>).</summary>
    public const string StandardRetry = "AwsIO.StandardRetry";

    /// <summary>Keys in PKCS#11 tokens (<c>AWS_LS_IO_PKCS11</c>).</summary>
    public const string Pkcs11 = "AwsIO.Pkcs11";

    /// <summary>Text in PEM form (<c>AWS_LS_IO_PEM</c>).</summary>
    public const string Pem = "AwsIO.Pem";
}

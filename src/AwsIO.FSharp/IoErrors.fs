namespace AwsIO.FSharp

open AwsIO

/// <summary>
/// Patterns over <see cref="T:AwsIO.IoError"/>: what a caller may act on. Each gives the error's sentence, which names the operation and the
/// peer; neither is there on its own.
/// </summary>
[<AutoOpen>]
module IoErrors =
    let private whenCode codes (error: IoError) =
        if List.contains error.Code codes then
            Some error.Detail
        else
            None

    /// <summary>Nobody listens at the address.</summary>
    let (|Refused|_|) error =
        whenCode [ IoErrorCode.SocketConnectionRefused ] error

    /// <summary>An operation took longer than it may: connecting, a TLS handshake, a read with a timeout, or <c>Io.timeout</c>.</summary>
    let (|TimedOut|_|) error =
        whenCode [ IoErrorCode.SocketTimeout; IoErrorCode.TlsNegotiationTimeout ] error

    /// <summary>There is no such host, or it has no address of the kind asked for.</summary>
    let (|HostNotFound|_|) error =
        whenCode [ IoErrorCode.DnsInvalidName; IoErrorCode.DnsNoAddressForHost ] error

    /// <summary>Looking the name up failed, perhaps only for now.</summary>
    let (|LookupFailed|_|) error =
        whenCode [ IoErrorCode.DnsQueryFailed; IoErrorCode.DnsQueryAgain ] error

    /// <summary>The connection is closed, by this end or by the other.</summary>
    let (|Closed|_|) error =
        whenCode [ IoErrorCode.SocketClosed; IoErrorCode.SocketNotConnected ] error

    /// <summary>Somebody else uses the address.</summary>
    let (|AddressInUse|_|) error =
        whenCode [ IoErrorCode.SocketAddressInUse ] error

    /// <summary>TLS failed: the handshake, its options, or the data.</summary>
    let (|TlsFailed|_|) (error: IoError) =
        if error.IsTls then Some error.Detail else None

    /// <summary>The same operation may succeed when it is tried again later.</summary>
    let (|Transient|_|) (error: IoError) =
        if error.IsTransient then Some error.Detail else None

namespace AwsIO.Native.Platform;

/// <summary>Numbers of <c>sys/socket.h</c>, <c>netinet/tcp.h</c> and <c>netinet/in.h</c>.</summary>
internal sealed record SocketNumbers
{
    internal required int FamilyUnix { get; init; }

    internal required int FamilyIPv4 { get; init; }

    internal required int FamilyIPv6 { get; init; }

    /// <summary>SOCK_NONBLOCK; null where a socket is made non-blocking by a second call.</summary>
    internal required int? TypeNonBlocking { get; init; }

    /// <summary>SOCK_CLOEXEC; null where a socket is marked by a second call.</summary>
    internal required int? TypeCloseOnExec { get; init; }

    internal required bool HasAccept4 { get; init; }

    internal required int LevelSocket { get; init; }

    internal required int ReuseAddress { get; init; }

    internal required int ReusePort { get; init; }

    internal required int KeepAlive { get; init; }

    internal required int Broadcast { get; init; }

    internal required int OutOfBandInline { get; init; }

    internal required int SendBuffer { get; init; }

    internal required int ReceiveBuffer { get; init; }

    internal required int ReceiveLowWater { get; init; }

    internal required int SendTimeout { get; init; }

    internal required int ReceiveTimeout { get; init; }

    internal required int Error { get; init; }

    internal required int Type { get; init; }

    /// <summary>The option that counts in seconds: SO_LINGER_SEC on Darwin, whose SO_LINGER counts in ticks.</summary>
    internal required int Linger { get; init; }

    internal required int AcceptConnections { get; init; }

    /// <summary>SO_NOSIGPIPE; null where there is none.</summary>
    internal required int? NoSigPipe { get; init; }

    /// <summary>SO_NWRITE: bytes in the send buffer; null where an ioctl tells.</summary>
    internal required int? BytesToSend { get; init; }

    /// <summary>MSG_NOSIGNAL; 0 on Darwin, where SO_NOSIGPIPE stands for it: older versions do not know the flag.</summary>
    internal required int MessageNoSignal { get; init; }

    internal required int MessagePeek { get; init; }

    internal required int MessageTruncated { get; init; }

    internal required int MessageControlTruncated { get; init; }

    internal required int MessageWaitAll { get; init; }

    internal required int MessageDontWait { get; init; }

    internal required int TcpNoDelay { get; init; }

    /// <summary>TCP_KEEPIDLE, called TCP_KEEPALIVE on Darwin.</summary>
    internal required int TcpKeepIdle { get; init; }

    internal required int TcpKeepInterval { get; init; }

    internal required int TcpKeepCount { get; init; }

    /// <summary>TCP_NOPUSH, called TCP_CORK on Linux.</summary>
    internal required int TcpNoPush { get; init; }

    internal required int IPv6Only { get; init; }

    internal required int IPTimeToLive { get; init; }

    internal required int IPTypeOfService { get; init; }

    internal required int IPv6UnicastHops { get; init; }

    /// <summary>SOMAXCONN.</summary>
    internal required int MaxBacklog { get; init; }

    /// <summary>SO_BINDTODEVICE, which takes an interface's name; null where there is none.</summary>
    internal required int? BindToDevice { get; init; }

    /// <summary>IP_BOUND_IF, which takes an interface's index; null where there is none.</summary>
    internal required int? IPBoundInterface { get; init; }

    /// <summary>IPV6_BOUND_IF, which takes an interface's index; null where there is none.</summary>
    internal required int? IPv6BoundInterface { get; init; }

    /// <summary>The level of <see cref="CredentialsOption"/> and <see cref="ProcessOption"/>: SOL_SOCKET, or SOL_LOCAL on the BSDs.</summary>
    internal required int CredentialsLevel { get; init; }

    /// <summary>SO_PEERCRED, or LOCAL_PEERCRED on the BSDs.</summary>
    internal required int CredentialsOption { get; init; }

    /// <summary>LOCAL_PEERPID; null where the credentials tell, or nothing does.</summary>
    internal required int? ProcessOption { get; init; }

    /// <summary>TCP_USER_TIMEOUT, called TCP_RXT_CONNDROPTIME on Darwin; null where there is none.</summary>
    internal required int? TcpUserTimeout { get; init; }

    /// <summary>Whether <see cref="TcpUserTimeout"/> counts seconds; otherwise it counts milliseconds.</summary>
    internal required bool TcpUserTimeoutIsInSeconds { get; init; }

    /// <summary>TCP_QUICKACK; null where there is none.</summary>
    internal required int? TcpQuickAck { get; init; }

    /// <summary>TCP_DEFER_ACCEPT; null where there is none.</summary>
    internal required int? TcpDeferAccept { get; init; }

    internal required int IPv6TrafficClass { get; init; }

    /// <summary>Whether an accepted socket begins with all of its listener's options, so that none need be set again.</summary>
    internal required bool AcceptedInheritOptions { get; init; }
}

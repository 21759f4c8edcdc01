using AwsIO.Native.Platform;

namespace AwsIO.Native.Unix;

/// <summary>Numbers of the sockets API, as this platform has them. What is no constant is one to the JIT.</summary>
internal static class SocketConstants
{
    internal const int FamilyUnix = 1;
    internal const int FamilyIPv4 = 2;
    internal static readonly int FamilyIPv6 = Abi.Current.Sockets.FamilyIPv6;

    internal const int TypeStream = 1;
    internal const int TypeDatagram = 2;
    internal static readonly int NonBlocking = Abi.Current.Sockets.TypeNonBlocking ?? 0;
    internal static readonly int CloseOnExec = Abi.Current.Sockets.TypeCloseOnExec ?? 0;

    /// <summary>Whether a new descriptor has to be made non-blocking and closed on exec by calls of their own.</summary>
    internal static readonly bool NeedPreparing = !Abi.Current.Sockets.HasAccept4;

    internal static readonly int NoSignal = Abi.Current.Sockets.MessageNoSignal;
    internal static readonly int Truncated = Abi.Current.Sockets.MessageTruncated;
    internal const int ShutdownRead = 0;
    internal const int ShutdownWrite = 1;

    internal static readonly int LevelSocket = Abi.Current.Sockets.LevelSocket;
    internal static readonly int ReuseAddress = Abi.Current.Sockets.ReuseAddress;
    internal static readonly int Error = Abi.Current.Sockets.Error;
    internal static readonly int KeepAlive = Abi.Current.Sockets.KeepAlive;
    internal static readonly int Linger = Abi.Current.Sockets.Linger;

    internal const int LevelTcp = 6;
    internal const int TcpNoDelay = 1;
    internal static readonly int TcpKeepIdle = Abi.Current.Sockets.TcpKeepIdle;
    internal static readonly int TcpKeepInterval = Abi.Current.Sockets.TcpKeepInterval;
    internal static readonly int TcpKeepCount = Abi.Current.Sockets.TcpKeepCount;

    internal const int LevelIP = 0;
    internal const int LevelIPv6 = 41;
    internal static readonly int IPv6Only = Abi.Current.Sockets.IPv6Only;
}

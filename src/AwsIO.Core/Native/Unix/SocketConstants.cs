namespace AwsIO.Native.Unix;

/// <summary>Numbers of the sockets API, as Linux has them on x64 and arm64.</summary>
internal static class SocketConstants
{
    internal const int FamilyUnix = 1;
    internal const int FamilyIPv4 = 2;
    internal const int FamilyIPv6 = 10;

    internal const int TypeStream = 1;
    internal const int NonBlocking = 0x800;
    internal const int CloseOnExec = 0x80000;

    internal const int NoSignal = 0x4000;
    internal const int ShutdownRead = 0;
    internal const int ShutdownWrite = 1;

    internal const int LevelSocket = 1;
    internal const int ReuseAddress = 2;
    internal const int Error = 4;
    internal const int KeepAlive = 9;
    internal const int Linger = 13;

    internal const int LevelTcp = 6;
    internal const int TcpNoDelay = 1;
    internal const int TcpKeepIdle = 4;
    internal const int TcpKeepInterval = 5;
    internal const int TcpKeepCount = 6;

    internal const int LevelIPv6 = 41;
    internal const int IPv6Only = 26;
}

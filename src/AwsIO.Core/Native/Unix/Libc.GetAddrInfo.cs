using System.Runtime.InteropServices;

namespace AwsIO.Native.Unix;

/// <summary>Calls of <c>netdb.h</c>.</summary>
internal static unsafe partial class Libc
{
    /// <summary>getaddrinfo's answers, as Linux numbers them.</summary>
    internal const int NameNotFound = -2;
    internal const int TryAgain = -3;
    internal const int UnrecoverableFailure = -4;
    internal const int NoData = -5;
    internal const int OutOfMemory = -10;
    internal const int SystemFailure = -11;

    /// <summary>Looks a name up in the system's resolver; blocks.</summary>
    /// <returns>0, or getaddrinfo's own code; for <see cref="SystemFailure"/> <paramref name="errno"/> says more.</returns>
    internal static int GetAddrInfo(string name, out AddrInfo* list, out int errno)
    {
        AddrInfo hints = default;
        hints.SocketType = SocketConstants.TypeStream;
        AddrInfo* result = null;
        int code = getaddrinfo(name, null, &hints, &result);
        errno = Marshal.GetLastPInvokeError();
        list = result;
        return code;
    }

    /// <summary>Releases what <see cref="GetAddrInfo"/> gave.</summary>
    internal static void FreeAddrInfo(AddrInfo* list) => freeaddrinfo(list);

    /// <summary>getaddrinfo's own text for a code.</summary>
    internal static string DescribeAddrInfoError(int code) => Marshal.PtrToStringUTF8((nint)gai_strerror(code)) ?? $"error {code}";

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int getaddrinfo(string name, byte* service, AddrInfo* hints, AddrInfo** result);

    [LibraryImport(Library)]
    private static partial void freeaddrinfo(AddrInfo* list);

    [LibraryImport(Library)]
    private static partial byte* gai_strerror(int code);
}

/// <summary><c>struct addrinfo</c> of Linux.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AddrInfo
{
    internal int Flags;
    internal int Family;
    internal int SocketType;
    internal int Protocol;
    internal uint AddressLength;
    internal byte* Address;
    internal byte* CanonicalName;
    internal AddrInfo* Next;
}

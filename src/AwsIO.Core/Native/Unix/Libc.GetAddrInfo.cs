using System.Runtime.InteropServices;
using AwsIO.Native.Faults;
using AwsIO.Native.Platform;

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
    /// <param name="name">The name, in ASCII.</param>
    /// <param name="addresses">A copy of each socket address that was found, in the system's order.</param>
    /// <param name="errno">Says more about <see cref="SystemFailure"/>.</param>
    /// <returns>0, or getaddrinfo's own code, by Linux's numbers.</returns>
    internal static int GetAddrInfo(string name, out List<byte[]> addresses, out int errno)
    {
        addresses = [];
        AddrInfo hints = default;
        hints.SocketType = SocketConstants.TypeStream;
        AddrInfo* result = null;
        int code = NativeFaults.IsOn && NativeFaults.FailsLookUp(out int fault) ? fault
            : ToCanonicalAddrInfoError(getaddrinfo(name, null, &hints, &result));
        errno = LastError;
        if (code != 0)
        {
            return code;
        }

        for (AddrInfo* entry = result; entry is not null; entry = entry->Next)
        {
            addresses.Add(new ReadOnlySpan<byte>(entry->SocketAddress, (int)entry->AddressLength).ToArray());
        }

        freeaddrinfo(result);
        return 0;
    }

    /// <summary>The platform's number for one of getaddrinfo's codes: what users see.</summary>
    internal static int ToNativeAddrInfoError(int code) => Abi.IsLinux ? code : Abi.Current.Resolver.ToNative(code);

    private static int ToCanonicalAddrInfoError(int code) => Abi.IsLinux ? code : Abi.Current.Resolver.ToCanonical(code);

    /// <summary>getaddrinfo's own text for a code.</summary>
    internal static string DescribeAddrInfoError(int code) =>
        Marshal.PtrToStringUTF8((nint)gai_strerror(ToNativeAddrInfoError(code))) ?? $"error {code}";

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int getaddrinfo(string name, byte* service, AddrInfo* hints, AddrInfo** result);

    [LibraryImport(Library)]
    private static partial void freeaddrinfo(AddrInfo* list);

    [LibraryImport(Library)]
    private static partial byte* gai_strerror(int code);
}

/// <summary>
/// <c>struct addrinfo</c> of Linux. On the BSDs <see cref="Address"/> and <see cref="CanonicalName"/> have changed places.
/// </summary>
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

    internal readonly byte* SocketAddress => Abi.IsLinux ? Address : CanonicalName;
}

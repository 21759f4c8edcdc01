using System.Runtime.InteropServices;
using AwsIO.Native.Faults;

namespace AwsIO.Native.Unix;

/// <summary>Calls of <c>net/if.h</c>.</summary>
internal static partial class LibcInterfaces
{
    /// <summary>The most bytes that an interface's name may have: IFNAMSIZ without its closing NUL, the same on all platforms.</summary>
    internal const int MaxNameLength = 15;

    /// <summary>The index of a network interface of this machine; 0 when none has the name.</summary>
    internal static uint IndexOf(string name) =>
        NativeFaults.IsOn && NativeFaults.Fails(NativeCall.IfNameToIndex) ? 0 : if_nametoindex(name);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial uint if_nametoindex(string name);
}

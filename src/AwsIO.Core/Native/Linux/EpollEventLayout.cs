using System.Runtime.InteropServices;

namespace AwsIO.Native.Linux;

/// <summary>
/// Where the fields of <c>struct epoll_event</c> are: packed into 12 bytes on x64, as 32-bit programs have it there, and aligned into 16
/// wherever else a 64-bit word wants its alignment.
/// </summary>
/// <param name="Size">Bytes from one event to the next.</param>
/// <param name="DataOffset">Where the user's 64 bits begin; the mask is at 0.</param>
internal readonly record struct EpollEventLayout(int Size, int DataOffset)
{
    /// <summary>The most bytes that one event takes on any architecture.</summary>
    internal const int MaxSize = 16;

    private static EpollEventLayout Packed => new(12, 4);

    private static EpollEventLayout Aligned => new(16, 8);

    /// <summary>The layout on an architecture. 32-bit x86 aligns such words to 4 bytes, which comes to the same as packing.</summary>
    internal static EpollEventLayout Of(Architecture architecture) =>
        architecture is Architecture.X64 or Architecture.X86 ? Packed : Aligned;
}

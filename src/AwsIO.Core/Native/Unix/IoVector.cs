using System.Runtime.InteropServices;

namespace AwsIO.Native.Unix;

/// <summary><c>struct iovec</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    internal byte* Base;
    internal nuint Length;
}

/// <summary>
/// <c>struct msghdr</c> of Linux. That of the BSDs begins in the same way, has 32 bits for each count, and so reads as the same while only
/// a name and the vectors are set; its flags are elsewhere.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageHeader
{
    internal void* Name;
    internal uint NameLength;
    internal IoVector* Vectors;
    internal nuint VectorCount;
    internal void* Control;
    internal nuint ControlLength;
    internal int Flags;
}

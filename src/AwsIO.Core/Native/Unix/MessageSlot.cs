using System.Runtime.InteropServices;

namespace AwsIO.Native.Unix;

/// <summary><c>struct mmsghdr</c> of Linux: one datagram of several, and how many bytes of it there are.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MessageSlot
{
    internal MessageHeader Header;
    internal uint Length;
}

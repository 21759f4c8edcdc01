namespace AwsIO.Native.Platform;

/// <summary>Numbers of <c>sys/event.h</c>, and the layout of <c>struct kevent</c>.</summary>
internal sealed record KqueueNumbers
{
    // Where the fields are, and what the flags are, is the same wherever there is a kqueue that AwsIO knows.
    internal const int IdentOffset = 0;
    internal const int FilterOffset = 8;
    internal const int FlagsOffset = 10;
    internal const int FilterFlagsOffset = 12;
    internal const int DataOffset = 16;
    internal const int UserDataOffset = 24;

    internal const short FilterRead = -1;
    internal const short FilterWrite = -2;

    internal const ushort Add = 0x1;
    internal const ushort Delete = 0x2;
    internal const ushort Enable = 0x4;
    internal const ushort Disable = 0x8;
    internal const ushort OneShot = 0x10;
    internal const ushort Clear = 0x20;
    internal const ushort Receipt = 0x40;
    internal const ushort Dispatch = 0x80;
    internal const ushort Error = 0x4000;
    internal const ushort EndOfFile = 0x8000;

    internal const uint NoteTrigger = 0x0100_0000;
    internal const uint NoteLowWater = 1;
    internal const uint NoteCopy = 0xC000_0000;

    /// <summary>Bytes of one event. What is behind <see cref="UserDataOffset"/> + 8 is FreeBSD's ext, four words that stay zero.</summary>
    internal required int EventSize { get; init; }

    /// <summary>EVFILT_USER.</summary>
    internal required short FilterUser { get; init; }

    /// <summary>
    /// Whether both filters of a descriptor may be added by one call. FreeBSD wants two, as .NET's own sockets found out.
    /// </summary>
    internal required bool AddsBothFiltersAtOnce { get; init; }
}

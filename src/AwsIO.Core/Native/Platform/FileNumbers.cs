namespace AwsIO.Native.Platform;

/// <summary>Numbers of <c>fcntl.h</c>, <c>sys/ioctl.h</c> and <c>time.h</c>.</summary>
internal sealed record FileNumbers
{
    internal required int GetDescriptorFlags { get; init; }

    internal required int SetDescriptorFlags { get; init; }

    internal required int GetStatusFlags { get; init; }

    internal required int SetStatusFlags { get; init; }

    internal required int DuplicateCloseOnExec { get; init; }

    /// <summary>FD_CLOEXEC.</summary>
    internal required int DescriptorCloseOnExec { get; init; }

    /// <summary>O_NONBLOCK.</summary>
    internal required int NonBlocking { get; init; }

    /// <summary>O_CLOEXEC.</summary>
    internal required int CloseOnExec { get; init; }

    internal required bool HasPipe2 { get; init; }

    /// <summary>FIONBIO.</summary>
    internal required uint IoctlNonBlocking { get; init; }

    /// <summary>FIONREAD.</summary>
    internal required uint IoctlBytesToRead { get; init; }

    /// <summary>FIOCLEX.</summary>
    internal required uint IoctlCloseOnExec { get; init; }

    /// <summary>SIOCOUTQ or FIONWRITE: bytes in the send buffer; null where a socket option tells.</summary>
    internal required uint? IoctlBytesToSend { get; init; }

    /// <summary>CLOCK_MONOTONIC.</summary>
    internal required int ClockMonotonic { get; init; }
}

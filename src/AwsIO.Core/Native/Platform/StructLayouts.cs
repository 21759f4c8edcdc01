namespace AwsIO.Native.Platform;

/// <summary>Sizes and offsets of the structures that calls take besides addresses and events.</summary>
internal sealed record StructLayouts
{
    internal required int MessageHeaderSize { get; init; }

    internal required int MessageVectorCountOffset { get; init; }

    /// <summary>Bytes of msg_iovlen: a C int on the BSDs, a size_t on Linux.</summary>
    internal required int MessageVectorCountSize { get; init; }

    internal required int MessageControlOffset { get; init; }

    internal required int MessageControlLengthOffset { get; init; }

    internal required int MessageControlLengthSize { get; init; }

    internal required int MessageFlagsOffset { get; init; }

    internal required int ControlHeaderSize { get; init; }

    /// <summary>Bytes of cmsg_len.</summary>
    internal required int ControlLengthSize { get; init; }

    /// <summary>What the data of a control message, and the next message, are aligned to.</summary>
    internal required int ControlAlignment { get; init; }

    internal required int TimespecSize { get; init; }

    internal required int TimevalSize { get; init; }

    /// <summary>Bytes of tv_usec.</summary>
    internal required int TimevalMicrosecondsSize { get; init; }

    /// <summary>Bytes of <c>struct ucred</c>, or of <c>struct xucred</c> on the BSDs.</summary>
    internal required int CredentialsSize { get; init; }

    internal required int CredentialsUserOffset { get; init; }

    /// <summary>Where the group is; the first of several on the BSDs.</summary>
    internal required int CredentialsGroupOffset { get; init; }

    /// <summary>Where the process is; null where the structure does not tell.</summary>
    internal required int? CredentialsProcessOffset { get; init; }
}

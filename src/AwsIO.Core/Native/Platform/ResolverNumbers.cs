namespace AwsIO.Native.Platform;

/// <summary>Numbers of <c>netdb.h</c>, and the layout of <c>struct addrinfo</c>, which has 48 bytes everywhere.</summary>
internal sealed record ResolverNumbers
{
    internal const int AddrInfoSize = 48;
    internal const int FlagsOffset = 0;
    internal const int FamilyOffset = 4;
    internal const int SocketTypeOffset = 8;
    internal const int ProtocolOffset = 12;
    internal const int AddressLengthOffset = 16;
    internal const int NextOffset = 40;

    /// <summary>Where ai_addr is: it has changed places with ai_canonname.</summary>
    internal required int AddressOffset { get; init; }

    internal required int CanonicalNameOffset { get; init; }

    internal required int TryAgain { get; init; }

    internal required int BadFlags { get; init; }

    internal required int UnrecoverableFailure { get; init; }

    internal required int FamilyNotSupported { get; init; }

    internal required int OutOfMemory { get; init; }

    /// <summary>EAI_NODATA; null where EAI_NONAME stands for it.</summary>
    internal required int? NoData { get; init; }

    internal required int NameNotFound { get; init; }

    internal required int ServiceNotSupported { get; init; }

    internal required int SocketTypeNotSupported { get; init; }

    internal required int SystemFailure { get; init; }

    internal required int Overflow { get; init; }

    /// <summary>AI_PASSIVE, AI_CANONNAME, AI_NUMERICHOST: 1, 2 and 4 everywhere; the others differ.</summary>
    internal required int FlagAll { get; init; }

    internal required int FlagConfiguredOnly { get; init; }

    internal required int FlagMappedIPv4 { get; init; }

    internal required int FlagNumericService { get; init; }
}

namespace AwsIO.Native.Platform;

/// <summary>The kernels that AwsIO knows the numbers of.</summary>
internal enum AbiKind
{
    /// <summary>Linux on x64 and arm64, with glibc or musl.</summary>
    Linux,

    /// <summary>macOS on x64 and arm64.</summary>
    Darwin,

    /// <summary>FreeBSD 12 and later on amd64 and arm64.</summary>
    FreeBsd,
}

/// <summary>
/// What a platform's headers say, as a value: numbers, layouts and errno of one kernel. All three can be looked at on any of them,
/// so that a test on one checks the others.
/// </summary>
/// <remarks>
/// A field is null where the platform has no such thing. Code that runs often does not read these records but the static
/// readonly numbers that are filled from <see cref="Current"/>, which the JIT treats as constants.
/// </remarks>
internal sealed record Abi
{
    /// <summary>The platform that this process runs on.</summary>
    internal static readonly Abi Current =
        OperatingSystem.IsMacOS() ? Darwin : OperatingSystem.IsFreeBSD() ? FreeBsd : Linux;

    /// <summary>Whether this process runs on Linux, whose numbering of errno is the one inside AwsIO.</summary>
    internal static readonly bool IsLinux = Current.Kind == AbiKind.Linux;

    internal static Abi Linux => LinuxAbi.Value;

    internal static Abi Darwin => DarwinAbi.Value;

    internal static Abi FreeBsd => FreeBsdAbi.Value;

    internal required AbiKind Kind { get; init; }

    internal required SocketNumbers Sockets { get; init; }

    internal required FileNumbers Files { get; init; }

    internal required ResolverNumbers Resolver { get; init; }

    internal required StructLayouts Layouts { get; init; }

    internal required SockAddrLayout Addresses { get; init; }

    /// <summary>Null on Linux, which has no kqueue.</summary>
    internal required KqueueNumbers? Kqueue { get; init; }

    /// <summary>The errno value inside AwsIO, which is Linux's, for one of this platform.</summary>
    internal int ToCanonicalErrno(int native) => ErrnoTable.ToCanonical(Kind, native);

    /// <summary>This platform's errno value for the one inside AwsIO.</summary>
    internal int ToNativeErrno(int canonical) => ErrnoTable.ToNative(Kind, canonical);
}

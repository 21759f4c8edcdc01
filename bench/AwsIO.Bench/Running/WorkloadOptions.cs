namespace AwsIO.Bench.Running;

/// <summary>One workload as every implementation runs it.</summary>
internal sealed record WorkloadOptions
{
    /// <summary>Messages that a bulk client keeps in flight on each connection.</summary>
    public const int MessagesInFlight = 4;

    /// <summary>How often each quiet connection sends a message.</summary>
    public static readonly TimeSpan QuietInterval = TimeSpan.FromMilliseconds(100);

    private const int BulkSize = 64 * 1024;

    public required WorkloadKind Kind { get; init; }

    public required int Connections { get; init; }

    /// <summary>Bytes in a message.</summary>
    public required int Size { get; init; }

    public required TimeSpan Warmup { get; init; }

    public required TimeSpan Window { get; init; }

    /// <summary>Null for a plain workload.</summary>
    public TlsMaterial? Tls { get; init; }

    /// <summary>Whether the quiet connections have the one that sends all it can beside them.</summary>
    public bool Firehose { get; init; }

    /// <summary>Where strace is to write the number of system calls; null to run without it.</summary>
    public string? TraceFile { get; init; }

    /// <summary>
    /// What one read asks for, the same for all. An echo asks for more than a message, so that a short read tells that
    /// the socket is drained, and for no more than 64 KiB; bulk for as much as still helps.
    /// </summary>
    public int ReadSize => Kind == WorkloadKind.Bulk ? 256 * 1024 : (int)Math.Clamp(2L * Size, 4 * 1024, 64 * 1024);

    /// <summary>
    /// The server's addresses for <see cref="WorkloadKind.Connect"/>, one listening socket each. The side that closes
    /// keeps the pair of ports for a while (on Linux, a second between two ends on loopback), and a client has 28,000
    /// ports to one address: with one address a fast client would soon search through ports that are all kept. Others
    /// than Linux have only the first.
    /// </summary>
    public static IReadOnlyList<string> Addresses { get; } =
        OperatingSystem.IsLinux() ? ["127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"] : ["127.0.0.1"];

    /// <summary>The load of the one connection beside the quiet ones.</summary>
    public WorkloadOptions ToFirehose() => this with { Kind = WorkloadKind.Bulk, Connections = 1, Size = BulkSize, Firehose = false };
}

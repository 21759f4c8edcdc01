namespace AwsIO.Bench.Running;

/// <summary>One workload as every implementation runs it.</summary>
internal sealed record WorkloadOptions
{
    /// <summary>Messages that a bulk client keeps in flight on each connection.</summary>
    public const int MessagesInFlight = 4;

    public required WorkloadKind Kind { get; init; }

    public required int Connections { get; init; }

    /// <summary>Bytes in a message.</summary>
    public required int Size { get; init; }

    public required TimeSpan Warmup { get; init; }

    public required TimeSpan Window { get; init; }

    /// <summary>Null for a plain workload.</summary>
    public TlsMaterial? Tls { get; init; }

    /// <summary>
    /// What one read asks for, the same for all. An echo asks for more than a message, so that a short read tells that
    /// the socket is drained, and for no more than 64 KiB; bulk for as much as still helps.
    /// </summary>
    public int ReadSize => Kind == WorkloadKind.Bulk ? 256 * 1024 : (int)Math.Clamp(2L * Size, 4 * 1024, 64 * 1024);
}

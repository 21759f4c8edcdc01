using System.Text.Json.Serialization;
using AwsIO.Bench.Measuring;

namespace AwsIO.Bench.Running;

/// <summary>One implementation in one repetition. A child process prints one of these as JSON.</summary>
internal sealed record RunResult
{
    public string Implementation { get; init; } = "";

    /// <summary>From 1.</summary>
    public int Repetition { get; init; }

    public long Operations { get; init; }

    public long Bytes { get; init; }

    public double Seconds { get; init; }

    /// <summary>User and system time of the process.</summary>
    public double CpuSeconds { get; init; }

    /// <summary>On the managed heap; null where there is none.</summary>
    public long? AllocatedBytes { get; init; }

    /// <summary>Objects on the managed heap, estimated; null where there is none.</summary>
    public double? Allocations { get; init; }

    public LatencySummary? Latency { get; init; }

    /// <summary>Operations from start to end, warm-up included.</summary>
    public long TotalOperations { get; init; }

    /// <summary>Bytes of the load beside the one that is measured.</summary>
    public long BesideBytes { get; init; }

    /// <summary>Fairness: the latency without the connection that sends all it can.</summary>
    public LatencySummary? Alone { get; init; }

    /// <summary>Idle: of the process; in a report, of each connection end.</summary>
    public MemoryReading? Memory { get; init; }

    /// <summary>Per operation, where they were counted.</summary>
    public SyscallCounts? Syscalls { get; init; }

    /// <summary>Why it failed, which fails the whole invocation.</summary>
    public string? Error { get; init; }

    /// <summary>Why it could not be tried here, which fails nothing.</summary>
    public string? Skipped { get; init; }

    [JsonIgnore]
    public bool HasFigures => Error is null && Skipped is null;

    public double OperationsPerSecond => Seconds > 0 ? Operations / Seconds : 0;

    [JsonIgnore]
    public double MebibytesPerSecond => Seconds > 0 ? Bytes / Seconds / (1024 * 1024) : 0;

    [JsonIgnore]
    public double BesideMebibytesPerSecond => Seconds > 0 ? BesideBytes / Seconds / (1024 * 1024) : 0;

    [JsonIgnore]
    public double Cores => Seconds > 0 ? CpuSeconds / Seconds : 0;

    [JsonIgnore]
    public double? OperationsPerCpuSecond => CpuSeconds > 0 ? Operations / CpuSeconds : null;

    [JsonIgnore]
    public double? AllocationsPerOperation => Operations > 0 ? Allocations / Operations : null;

    [JsonIgnore]
    public double? AllocatedPerOperation =>
        AllocatedBytes is { } allocated && Operations > 0 ? (double)allocated / Operations : null;
}

namespace AwsIO.Bench.Running;

/// <summary>What one invocation was asked for.</summary>
internal sealed record BenchRequest
{
    public required WorkloadOptions Options { get; init; }

    /// <summary>Names in the order given; empty for all that apply.</summary>
    public required IReadOnlyList<string> Implementations { get; init; }

    public required int Repetitions { get; init; }

    /// <summary>Whether each implementation runs in a process of its own.</summary>
    public bool Isolate { get; init; }

    /// <summary>Whether this process is the one that another runs a repetition in.</summary>
    public bool Child { get; init; }

    /// <summary>Whether system calls are counted, instead of anything else.</summary>
    public bool CountSyscalls { get; init; }

    /// <summary>Where aws-c-io is installed; null to leave it out.</summary>
    public DirectoryInfo? Upstream { get; init; }

    public FileInfo? JsonFile { get; init; }
}

namespace AwsIO.Bench.Running;

/// <summary>
/// Counts another implementation's system calls: two runs under strace, a short and a longer one, whose difference has
/// neither start nor end in it. Tracing slows a process down many times over, so that of such a run nothing else counts.
/// </summary>
internal sealed class SyscallImplementation(IImplementation inner) : IImplementation
{
    private static readonly TimeSpan s_short = TimeSpan.FromSeconds(0.2);

    public string Name => inner.Name;

    public bool SupportsTls => inner.SupportsTls;

    public bool Supports(WorkloadKind kind) => inner.Supports(kind);

    public async Task<RunResult> RunAsync(WorkloadOptions options, CancellationToken cancellationToken)
    {
        await Strace.CheckAsync(cancellationToken);
        DirectoryInfo directory = Directory.CreateTempSubdirectory("awsio-bench-");
        try
        {
            WorkloadOptions traced = options with { TraceFile = Path.Combine(directory.FullName, "calls") };
            RunResult first = await inner.RunAsync(traced with { Window = s_short }, cancellationToken);
            SyscallCounts earlier = await ReadAsync(traced.TraceFile, cancellationToken);
            RunResult second = await inner.RunAsync(traced with { Window = s_short + options.Window }, cancellationToken);
            SyscallCounts counts = await ReadAsync(traced.TraceFile, cancellationToken);
            long operations = second.TotalOperations - first.TotalOperations;
            return operations < 100
                ? throw new InvalidOperationException("The longer run has too few operations; use more --seconds.")
                : new RunResult
                {
                    Implementation = Name,
                    Operations = operations,
                    Syscalls = counts.PerOperation(earlier, operations),
                };
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    public void Dispose() { }

    private static async Task<SyscallCounts> ReadAsync(string file, CancellationToken cancellationToken) =>
        SyscallCounts.Parse(await File.ReadAllLinesAsync(file, cancellationToken));
}

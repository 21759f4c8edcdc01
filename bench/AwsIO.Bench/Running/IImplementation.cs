namespace AwsIO.Bench.Running;

/// <summary>Something to measure, by its name on the command line.</summary>
internal interface IImplementation : IDisposable
{
    string Name { get; }

    bool SupportsTls { get; }

    bool Supports(WorkloadKind kind);

    /// <summary>Runs one repetition from start to stop.</summary>
    /// <exception cref="NotAvailableException">It cannot be tried on this machine.</exception>
    Task<RunResult> RunAsync(WorkloadOptions options, CancellationToken cancellationToken);
}

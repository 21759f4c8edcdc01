namespace AwsIO.Bench.Running;

/// <summary>
/// What each end of an idle connection takes of another implementation's memory: the difference of two processes, one with
/// few connections and one with many. Each process has both ends of its connections.
/// </summary>
internal sealed class IdleImplementation(IImplementation inner) : IImplementation
{
    /// <summary>Connections of the process that the other is compared with.</summary>
    public const int Few = 100;

    public string Name => inner.Name;

    public bool SupportsTls => inner.SupportsTls;

    public bool Supports(WorkloadKind kind) => inner.Supports(kind);

    public async Task<RunResult> RunAsync(WorkloadOptions options, CancellationToken cancellationToken)
    {
        if (options.Connections <= Few)
        {
            throw new InvalidOperationException($"--connections must be more than {Few}, which is what they are compared with.");
        }

        DescriptorLimit.Check(options.Connections);
        RunResult few = await inner.RunAsync(options with { Connections = Few }, cancellationToken);
        RunResult many = await inner.RunAsync(options, cancellationToken);
        return many with
        {
            Implementation = Name,
            Memory = many.Memory!.PerEnd(few.Memory!, 2 * (options.Connections - Few)),
        };
    }

    public void Dispose() { }
}

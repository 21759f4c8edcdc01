namespace AwsIO.Bench.Running;

/// <summary>Runs another implementation's quiet connections alone, and then with one beside them that sends all it can.</summary>
internal sealed class FairnessImplementation(IImplementation inner) : IImplementation
{
    public string Name => inner.Name;

    public bool SupportsTls => inner.SupportsTls;

    public bool Supports(WorkloadKind kind) => inner.Supports(kind);

    public async Task<RunResult> RunAsync(WorkloadOptions options, CancellationToken cancellationToken)
    {
        RunResult alone = await inner.RunAsync(options with { Firehose = false }, cancellationToken);
        RunResult beside = await inner.RunAsync(options with { Firehose = true }, cancellationToken);
        return beside with { Implementation = Name, Alone = alone.Latency };
    }

    public void Dispose() { }
}

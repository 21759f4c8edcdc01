using AwsIO.Bench.Measuring;

namespace AwsIO.Bench.Running;

/// <summary>Runs an <see cref="IWorkload"/> in this process.</summary>
/// <param name="name">Its name on the command line.</param>
/// <param name="supportsTls">Whether it can run with TLS.</param>
/// <param name="create">Makes the workload of a kind.</param>
/// <param name="missing">Kinds that it has no workload of.</param>
internal sealed class InProcessImplementation(
    string name,
    bool supportsTls,
    Func<WorkloadKind, IWorkload> create,
    params WorkloadKind[] missing
) : IImplementation
{
    // An implementation that hangs at its start or its stop costs a row, not the table.
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);

    public string Name => name;

    public bool SupportsTls => supportsTls;

    public bool Supports(WorkloadKind kind) => !missing.Contains(kind);

    public async Task<RunResult> RunAsync(WorkloadOptions options, CancellationToken cancellationToken)
    {
        // One repetition must not pay for the garbage of the one before it, which may be another implementation's.
        GC.Collect();
        GC.WaitForPendingFinalizers();

        var meter = new LoadMeter();
        IWorkload workload = create(options.Kind);
        RunResult result;
        try
        {
            await workload.StartAsync(options, meter, cancellationToken).WaitAsync(s_deadline, cancellationToken);
            result =
                options.Kind == WorkloadKind.Idle
                    ? await IdleWindow.MeasureAsync(name, options, meter, cancellationToken)
                    : await MeasuringWindow.MeasureAsync(name, options, meter, cancellationToken);
        }
        finally
        {
            await workload.DisposeAsync().AsTask().WaitAsync(s_deadline, CancellationToken.None);
        }

        return result with { TotalOperations = meter.CountOperations() };
    }

    public void Dispose() { }
}

using AwsIO.Bench.Measuring;

namespace AwsIO.Bench.Running;

/// <summary>Runs an <see cref="IWorkload"/> in this process.</summary>
internal sealed class InProcessImplementation(string name, bool supportsTls, Func<IWorkload> create) : IImplementation
{
    // An implementation that hangs at its start or its stop costs a row, not the table.
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);

    public string Name => name;

    public bool SupportsTls => supportsTls;

    public async Task<RunResult> RunAsync(WorkloadOptions options, CancellationToken cancellationToken)
    {
        // One repetition must not pay for the garbage of the one before it, which may be another implementation's.
        GC.Collect();
        GC.WaitForPendingFinalizers();

        var meter = new LoadMeter();
        IWorkload workload = create();
        try
        {
            await workload.StartAsync(options, meter, cancellationToken).WaitAsync(s_deadline, cancellationToken);
            return await MeasuringWindow.MeasureAsync(name, options, meter, cancellationToken);
        }
        finally
        {
            await workload.DisposeAsync().AsTask().WaitAsync(s_deadline, CancellationToken.None);
        }
    }

    public void Dispose() { }
}

namespace AwsIO.Bench.Measuring;

/// <summary>The sum of all recorders at one moment. Made before a window, so that taking one allocates nothing.</summary>
internal sealed class LoadSnapshot
{
    public long Operations { get; private set; }

    public long Bytes { get; private set; }

    public LatencyHistogram Latency { get; } = new();

    public void Clear()
    {
        Operations = 0;
        Bytes = 0;
        Latency.Clear();
    }

    public void Add(LoadRecorder recorder)
    {
        Operations += recorder.Operations;
        Bytes += recorder.Bytes;
        Latency.Add(recorder.Latency);
    }

    /// <summary>Leaves what came after <paramref name="earlier"/>.</summary>
    public void Subtract(LoadSnapshot earlier)
    {
        Operations -= earlier.Operations;
        Bytes -= earlier.Bytes;
        Latency.Subtract(earlier.Latency);
    }
}

using System.Diagnostics;
using AwsIO.Bench.Running;

namespace AwsIO.Bench.Measuring;

/// <summary>Warms a started workload up, watches it for the window, and works the figures out.</summary>
internal static class MeasuringWindow
{
    public static async Task<RunResult> MeasureAsync(
        string implementation,
        WorkloadOptions options,
        LoadMeter meter,
        CancellationToken cancellationToken
    )
    {
        var first = new LoadSnapshot();
        var last = new LoadSnapshot();
        using var counter = new AllocationCounter();
        await Task.Delay(options.Warmup, cancellationToken);

        // The precise count stops all threads for a moment, so both counts lie outside of the timed window.
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        double objects = counter.Objects;
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        meter.CopyTo(first);
        long beside = meter.Beside.CountBytes();
        long started = Stopwatch.GetTimestamp();

        await Task.Delay(options.Window, cancellationToken);

        meter.CopyTo(last);
        beside = meter.Beside.CountBytes() - beside;
        TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
        cpu = Environment.CpuUsage.TotalTime - cpu;
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        objects = counter.Objects - objects;

        meter.ThrowIfFailed();
        last.Subtract(first);
        return new RunResult
        {
            Implementation = implementation,
            Operations = options.Kind == WorkloadKind.Bulk ? last.Bytes / options.Size : last.Operations,
            Bytes = last.Bytes,
            BesideBytes = beside,
            Seconds = elapsed.TotalSeconds,
            CpuSeconds = cpu.TotalSeconds,
            AllocatedBytes = allocated,
            Allocations = objects,
            Latency = LatencySummary.Of(last.Latency),
        };
    }
}

using System.Diagnostics;
using AwsIO.Bench.Running;

namespace AwsIO.Bench.Measuring;

/// <summary>Waits until each connection has echoed once, and reads the memory half a second later.</summary>
internal static class IdleWindow
{
    private static readonly TimeSpan s_quiet = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);

    public static async Task<RunResult> MeasureAsync(
        string implementation,
        WorkloadOptions options,
        LoadMeter meter,
        CancellationToken cancellationToken
    )
    {
        long started = Stopwatch.GetTimestamp();
        while (meter.CountOperations() is var echoed && echoed < options.Connections)
        {
            if (meter.Failure is null && Stopwatch.GetElapsedTime(started) > s_deadline)
            {
                throw new TimeoutException($"{echoed} of {options.Connections} connections have echoed.");
            }

            meter.ThrowIfFailed();
            await Task.Delay(20, cancellationToken);
        }

        await Task.Delay(s_quiet, cancellationToken);
        MemoryReading memory = MemoryReading.Take();
        meter.ThrowIfFailed();
        return new RunResult { Implementation = implementation, Operations = options.Connections, Memory = memory };
    }
}

using System.Diagnostics;
using System.Globalization;

namespace AwsIO.Tests.Infrastructure.Scale;

/// <summary>What the process holds and has used at a moment.</summary>
/// <param name="Resident">Bytes of memory that are in use, the kernel's own not counted.</param>
/// <param name="Heap">Bytes of managed objects that live.</param>
/// <param name="Processor">Time on processors.</param>
/// <param name="Wall">A clock.</param>
internal readonly record struct ProcessFigures(long Resident, long Heap, TimeSpan Processor, TimeSpan Wall)
{
    internal static ProcessFigures Now()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long heap = GC.GetTotalMemory(forceFullCollection: true);
        string line = File.ReadLines("/proc/self/status").First(text => text.StartsWith("VmRSS:", StringComparison.Ordinal));
        long resident = long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
        return new ProcessFigures(resident, heap, ProcessorTime(), Stopwatch.GetElapsedTime(0));
    }

    internal static TimeSpan ProcessorTime()
    {
        using Process process = Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }

    /// <summary>How many descriptors this process and its children may have at most.</summary>
    internal static long DescriptorLimit()
    {
        string line = File.ReadLines("/proc/self/limits").First(text => text.StartsWith("Max open files", StringComparison.Ordinal));
        string hard = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[4];
        return hard == "unlimited" ? long.MaxValue : long.Parse(hard, CultureInfo.InvariantCulture);
    }
}

using System.Globalization;

namespace AwsIO.Bench.Running;

/// <summary>The memory of one process at one moment, in bytes; or a difference of two readings, shared out.</summary>
internal sealed record MemoryReading
{
    /// <summary>Memory that the process has in use, as the kernel counts it.</summary>
    public double Resident { get; init; }

    /// <summary>The same after a full, compacting collection; null where there is no managed heap.</summary>
    public double? Collected { get; init; }

    /// <summary>Live objects on the managed heap; null where there is none.</summary>
    public double? Managed { get; init; }

    /// <summary>Reads this process's; collects its garbage in the course of it.</summary>
    public static MemoryReading Take()
    {
        long resident = ReadResident();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return new MemoryReading
        {
            Resident = resident,
            Managed = GC.GetTotalMemory(forceFullCollection: false),
            Collected = ReadResident(),
        };
    }

    /// <summary>What each of a number of connection ends has added since an earlier reading.</summary>
    public MemoryReading PerEnd(MemoryReading earlier, int ends) =>
        new()
        {
            Resident = (Resident - earlier.Resident) / ends,
            Collected = (Collected - earlier.Collected) / ends,
            Managed = (Managed - earlier.Managed) / ends,
        };

    // The sum over all mappings is exact; the working set of the runtime comes from counters that may lag behind.
    private static long ReadResident()
    {
        const string Name = "Rss:";
        try
        {
            string? line = File.ReadLines("/proc/self/smaps_rollup")
                .FirstOrDefault(static line => line.StartsWith(Name, StringComparison.Ordinal));
            string? kibibytes = line?[Name.Length..].Trim().Split(' ')[0];
            return kibibytes is null ? Environment.WorkingSet : long.Parse(kibibytes, CultureInfo.InvariantCulture) * 1024;
        }
        catch (IOException)
        {
            return Environment.WorkingSet;
        }
    }
}

using System.Runtime.InteropServices;

namespace AwsIO.Bench.Reports;

/// <summary>Where the figures come from.</summary>
internal sealed record MachineInfo
{
    /// <summary>CPUs that this process may use, which <c>taskset</c> narrows.</summary>
    public required int Cpus { get; init; }

    public required string Processor { get; init; }

    public required string Runtime { get; init; }

    public required string Kernel { get; init; }

    public static MachineInfo Read() =>
        new()
        {
            Cpus = Environment.ProcessorCount,
            Processor = ReadProcessor(),
            Runtime = $"{RuntimeInformation.FrameworkDescription} {RuntimeInformation.ProcessArchitecture}",
            Kernel = $"{(OperatingSystem.IsLinux() ? "Linux" : "OS")} {Environment.OSVersion.Version}",
        };

    public override string ToString() => $"{Cpus} CPU{(Cpus == 1 ? "" : "s")} ({Processor}), {Runtime}, {Kernel}";

    private static string ReadProcessor()
    {
        try
        {
            string? line = File.ReadLines("/proc/cpuinfo")
                .FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal));
            return line?[(line.IndexOf(':') + 1)..].Trim() ?? "unknown processor";
        }
        catch (IOException)
        {
            return "unknown processor";
        }
    }
}

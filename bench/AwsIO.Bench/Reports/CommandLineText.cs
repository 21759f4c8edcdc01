using System.Globalization;
using AwsIO.Bench.Running;

namespace AwsIO.Bench.Reports;

/// <summary>
/// The command that repeats a run, with every value that was a default written out: it stays true when a default
/// changes.
/// </summary>
internal static class CommandLineText
{
    public static string Of(BenchRequest request, IReadOnlyList<IImplementation> implementations)
    {
        WorkloadOptions options = request.Options;
        string workload = options.Kind == WorkloadKind.Bulk ? "bulk" : "echo";
        string names = string.Join(',', implementations.Select(implementation => implementation.Name));
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"dotnet run -c Release --project bench/AwsIO.Bench -- {workload} --connections {options.Connections} "
                + $"--size {options.Size} --warmup {options.Warmup.TotalSeconds} "
                + $"--seconds {options.Window.TotalSeconds} --repeat {request.Repetitions} --impl {names}"
        );
        return text + (options.Tls is null ? "" : " --tls") + (request.Isolate ? " --isolate" : "");
    }
}

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
        string names = string.Join(',', implementations.Select(implementation => implementation.Name));
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"dotnet run -c Release --project bench/AwsIO.Bench -- {NameOf(options.Kind)} --connections {options.Connections} "
                + $"--size {options.Size} --repeat {request.Repetitions} --impl {names}"
        );
        if (options.Kind != WorkloadKind.Idle)
        {
            text += string.Create(
                CultureInfo.InvariantCulture,
                $" --warmup {options.Warmup.TotalSeconds} --seconds {options.Window.TotalSeconds}"
            );
        }

        return text
            + (options.Tls is null ? "" : " --tls")
            + (request.Isolate ? " --isolate" : "")
            + (request.CountSyscalls ? " --syscalls" : "")
            + (request.Upstream is { } upstream ? $" --upstream {upstream.FullName}" : "");
    }

    /// <summary>The command of a workload.</summary>
    public static string NameOf(WorkloadKind kind) => Enum.GetName(kind)!.ToLowerInvariant();
}

using System.Diagnostics;
using System.Globalization;
using AwsIO.Bench.Reports;

namespace AwsIO.Bench.Running;

/// <summary>
/// Runs another implementation in a child process of this program: under environment variables that the runtime reads
/// once at its start, or to keep implementations out of each other's thread pool and heap.
/// </summary>
internal sealed class SelfImplementation(
    string name,
    string inner,
    bool supportsTls,
    Func<WorkloadKind, bool> supports,
    params (string Name, string Value)[] environment
) : IImplementation
{
    public string Name => name;

    public bool SupportsTls => supportsTls;

    public bool Supports(WorkloadKind kind) => supports(kind);

    /// <summary>The same with more environment variables.</summary>
    public SelfImplementation With(params (string Name, string Value)[] more) =>
        new(name, inner, supportsTls, supports, [.. environment, .. more]);

    public async Task<RunResult> RunAsync(WorkloadOptions options, CancellationToken cancellationToken)
    {
        ProcessStartInfo start = Self();
        foreach (string argument in Arguments(options))
        {
            start.ArgumentList.Add(argument);
        }

        foreach ((string variable, string value) in environment)
        {
            start.Environment[variable] = value;
        }

        RunResult result = await ChildProcess.RunAsync(start, options, cancellationToken);
        return result with { Implementation = name };
    }

    public void Dispose() { }

    private List<string> Arguments(WorkloadOptions options)
    {
        List<string> arguments =
        [
            CommandLineText.NameOf(options.Kind),
            "--child",
            "--impl",
            inner,
            "--connections",
            options.Connections.ToString(CultureInfo.InvariantCulture),
            "--size",
            options.Size.ToString(CultureInfo.InvariantCulture),
        ];
        if (options.Kind != WorkloadKind.Idle)
        {
            string[] times =
            [
                "--seconds",
                options.Window.TotalSeconds.ToString(CultureInfo.InvariantCulture),
                "--warmup",
                options.Warmup.TotalSeconds.ToString(CultureInfo.InvariantCulture),
            ];
            arguments.AddRange(times);
        }

        if (options.Tls is not null)
        {
            arguments.Add("--tls");
        }

        if (options.Firehose)
        {
            arguments.Add("--firehose");
        }

        return arguments;
    }

    private static ProcessStartInfo Self()
    {
        string host = Environment.ProcessPath ?? throw new NotAvailableException("the path of this program is unknown");
        var start = new ProcessStartInfo(host);

        // Started as "dotnet AwsIO.Bench.dll", the process is the host, and the program its first argument.
        if (Path.GetFileNameWithoutExtension(host).Equals("dotnet", StringComparison.OrdinalIgnoreCase))
        {
            start.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
        }

        return start;
    }
}

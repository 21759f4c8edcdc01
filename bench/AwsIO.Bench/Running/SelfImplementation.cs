using System.Diagnostics;
using System.Globalization;

namespace AwsIO.Bench.Running;

/// <summary>
/// Runs another implementation in a child process of this program: under environment variables that the runtime reads
/// once at its start, or to keep implementations out of each other's thread pool and heap.
/// </summary>
internal sealed class SelfImplementation(
    string name,
    string inner,
    bool supportsTls,
    params (string Name, string Value)[] environment
) : IImplementation
{
    public string Name => name;

    public bool SupportsTls => supportsTls;

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
            options.Kind == WorkloadKind.Bulk ? "bulk" : "echo",
            "--child",
            "--impl",
            inner,
            "--connections",
            options.Connections.ToString(CultureInfo.InvariantCulture),
            "--size",
            options.Size.ToString(CultureInfo.InvariantCulture),
            "--seconds",
            options.Window.TotalSeconds.ToString(CultureInfo.InvariantCulture),
            "--warmup",
            options.Warmup.TotalSeconds.ToString(CultureInfo.InvariantCulture),
        ];
        if (options.Tls is not null)
        {
            arguments.Add("--tls");
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

using System.Diagnostics;
using System.Globalization;
using AwsIO.Bench.Reports;
using AwsIO.Bench.Running;

namespace AwsIO.Bench.Implementations;

/// <summary>aws-c-io itself: a C program over its channels and bootstraps, run as a child process.</summary>
internal sealed class UpstreamImplementation(DirectoryInfo prefix) : IImplementation
{
    private readonly CompiledPeer _peer = UpstreamLibrary.Compile("aws_channels.c", prefix.FullName);

    public string Name => UpstreamLibrary.Name;

    public bool SupportsTls => false;

    public bool Supports(WorkloadKind kind) => kind is WorkloadKind.Echo or WorkloadKind.Connect;

    public async Task<RunResult> RunAsync(WorkloadOptions options, CancellationToken cancellationToken)
    {
        string[] arguments =
        [
            CommandLineText.NameOf(options.Kind),
            options.Connections.ToString(CultureInfo.InvariantCulture),
            options.Size.ToString(CultureInfo.InvariantCulture),
            options.Warmup.TotalSeconds.ToString(CultureInfo.InvariantCulture),
            options.Window.TotalSeconds.ToString(CultureInfo.InvariantCulture),
            (options.Kind == WorkloadKind.Connect ? WorkloadOptions.Addresses.Count : 1).ToString(CultureInfo.InvariantCulture),
        ];
        ProcessStartInfo start = new(await _peer.GetProgramAsync(cancellationToken), arguments);
        RunResult result = await ChildProcess.RunAsync(start, options, cancellationToken);
        return result with { Implementation = Name };
    }

    public void Dispose() => _peer.Dispose();
}

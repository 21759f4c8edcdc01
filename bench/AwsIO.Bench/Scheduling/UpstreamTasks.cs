using System.Diagnostics;
using System.Globalization;
using AwsIO.Bench.Implementations;
using AwsIO.Bench.Running;

namespace AwsIO.Bench.Scheduling;

/// <summary>
/// The same of aws-c-io itself: a C program that is compiled against a built copy of it, and run as a process of its own for each figure.
/// </summary>
/// <param name="prefix">Where aws-c-io, aws-c-cal and aws-c-common are installed: <c>include</c> and <c>lib</c> are in it.</param>
internal sealed class UpstreamTasks(string prefix) : IDisposable
{
    private readonly CompiledPeer _peer = UpstreamLibrary.Compile("aws_tasks.c", prefix);

    /// <summary>The name of the rows.</summary>
    public const string Name = UpstreamLibrary.Name;

    /// <summary>Runs the program once.</summary>
    /// <param name="arguments">What it is to measure, and how.</param>
    /// <returns>The figure.</returns>
    /// <exception cref="NotAvailableException">It cannot be compiled here.</exception>
    public double Run(IEnumerable<string> arguments)
    {
        string program = _peer.GetProgramAsync(CancellationToken.None).GetAwaiter().GetResult();
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? double.Parse(output, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"aws_tasks ended with code {process.ExitCode}.");
    }

    public void Dispose() => _peer.Dispose();
}

using System.Diagnostics;

namespace AwsIO.Tests.Infrastructure.Transports;

/// <summary>
/// Runs a test in a process of its own, because it changes what the whole process has: limits, or what signals do. Such a test is
/// explicit: no other run starts it.
/// </summary>
internal static class ChildProcess
{
    /// <summary>Runs a program and gives what it wrote; fails when the program does.</summary>
    internal static async Task<string> Run(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };

        // No threads of the runtime's own that start when they like.
        start.Environment["DOTNET_TieredCompilation"] = "0";
        start.Environment["DOTNET_gcConcurrent"] = "0";
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        using CancellationTokenSource timeout = new(TimeSpan.FromSeconds(120));
        try
        {
            await process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"The child process hangs.\n{await output}{await errors}");
        }

        Assert.True(process.ExitCode == 0, $"The child process ended with {process.ExitCode}.\n{await output}{await errors}");
        return await output;
    }

    /// <summary>Runs an explicit test of this assembly, with at most so many descriptors.</summary>
    internal static async Task RunTest(Type type, string method, int descriptors)
    {
        string program = Path.ChangeExtension(typeof(ChildProcess).Assembly.Location, null);
        string output = await Run(
            "/bin/sh",
            "-c",
            $"ulimit -n {descriptors}; exec \"$0\" \"$@\"",
            program,
            "-explicit",
            "only",
            "-noColor",
            "-method",
            $"{type.FullName}.{method}");
        Assert.Contains("Total: 1, Errors: 0, Failed: 0, Skipped: 0", output, StringComparison.Ordinal);
    }
}

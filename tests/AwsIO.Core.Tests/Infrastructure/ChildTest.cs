using System.Diagnostics;

namespace AwsIO.Tests.Infrastructure;

/// <summary>Runs one test of this program in a process of its own: one that is marked as explicit.</summary>
internal static class ChildTest
{
    /// <summary>Runs one test and gives what it printed; fails with that when the test does, or was skipped.</summary>
    /// <param name="type">The test's class.</param>
    /// <param name="method">The test's name.</param>
    /// <param name="maxDescriptors">How many descriptors it may have; null for as many as this process.</param>
    /// <param name="environment">Variables for it alone.</param>
    /// <param name="limit">How long it may take; null for as long as anything else.</param>
    internal static async Task<string> Passes(
        Type type, string method, int? maxDescriptors = null, (string Name, string? Value)[]? environment = null, TimeSpan? limit = null)
    {
        (int exitCode, string output) = await Run(type, method, maxDescriptors, environment, limit);
        Assert.True(exitCode == 0, output);
        Assert.Contains("Total: 1, Errors: 0, Failed: 0, Skipped: 0", output, StringComparison.Ordinal);
        return output;
    }

    /// <summary>Gives the process's exit code and what it printed, when it has ended by itself.</summary>
    /// <param name="type">The test's class.</param>
    /// <param name="method">The test's name; <c>*</c> for all that are explicit in the class.</param>
    /// <param name="maxDescriptors">How many descriptors it may have; null for as many as this process.</param>
    /// <param name="environment">Variables for it alone.</param>
    /// <param name="limit">How long it may take; null for as long as anything else.</param>
    /// <param name="results">A file for xunit's results; null for none.</param>
    internal static async Task<(int ExitCode, string Output)> Run(
        Type type,
        string method,
        int? maxDescriptors = null,
        (string Name, string? Value)[]? environment = null,
        TimeSpan? limit = null,
        string? results = null)
    {
        string program = Path.Combine(AppContext.BaseDirectory, type.Assembly.GetName().Name!);
        string[] arguments = [program, "-method", $"{type.FullName}.{method}", "-explicit", "only", "-noColor", "-noLogo"];
        if (results is not null)
        {
            arguments = [.. arguments, "-result-xml", results];
        }

        ProcessStartInfo start = maxDescriptors is { } max
            ? new ProcessStartInfo("/bin/sh", ["-c", $"ulimit -n {max} && exec \"$0\" \"$@\"", .. arguments])
            : new ProcessStartInfo(program, arguments[1..]);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        foreach ((string name, string? value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;

        // The process object leaves these to the collector once they have been asked for, and tests count descriptors.
        using StreamReader standardOutput = process.StandardOutput;
        using StreamReader standardError = process.StandardError;
        try
        {
            Task<string> output = standardOutput.ReadToEndAsync();
            Task<string> errors = standardError.ReadToEndAsync();
            await process.WaitForExitAsync().WaitAsync(limit ?? Waiting.Limit);
            return (process.ExitCode, await output + await errors);
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}

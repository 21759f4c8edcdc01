using System.Diagnostics;
using System.Text.Json;

namespace AwsIO.Bench.Running;

/// <summary>Runs one repetition in another process, which prints a <see cref="RunResult"/> as JSON.</summary>
internal static class ChildProcess
{
    // What a child may take beyond warm-up and window: to start, connect and shake hands, and to close; and what it may
    // take under strace, or with thousands of connections.
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_longGrace = TimeSpan.FromSeconds(120);

    public static async Task<RunResult> RunAsync(
        ProcessStartInfo start,
        WorkloadOptions options,
        CancellationToken cancellationToken
    )
    {
        if (options.TraceFile is { } file)
        {
            start = Strace.Wrap(start, file);
        }

        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.UseShellExecute = false;

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bool isSlow = options.TraceFile is not null || options.Kind == WorkloadKind.Idle;
        timeout.CancelAfter(options.Warmup + options.Window + (isSlow ? s_longGrace : s_grace));
        using Process process = Process.Start(start)!;
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(timeout.Token);
            Task<string> errors = process.StandardError.ReadToEndAsync(timeout.Token);
            await process.WaitForExitAsync(timeout.Token);
            if (process.ExitCode != 0)
            {
                throw new InvalidOperationException($"exit code {process.ExitCode}: {LastLine(await errors)}");
            }

            return JsonSerializer.Deserialize(await output, BenchJson.Default.RunResult)
                ?? throw new InvalidOperationException("the child process printed no result");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("the child process did not end in time");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    public static string LastLine(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault()
        ?? "no message";
}

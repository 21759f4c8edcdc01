using System.ComponentModel;
using System.Diagnostics;

namespace AwsIO.Bench.Running;

/// <summary>The tool that counts system calls, where it is installed.</summary>
internal static class Strace
{
    private const string Program = "strace";

    /// <summary>Has a process run under it: the process's output and exit code stay its own.</summary>
    /// <param name="start">The process.</param>
    /// <param name="file">Where the counts go in the end.</param>
    public static ProcessStartInfo Wrap(ProcessStartInfo start, string file)
    {
        var wrapped = new ProcessStartInfo(Program);
        foreach (string argument in (string[])["-c", "-f", "-q", "-o", file, "--", start.FileName, .. start.ArgumentList])
        {
            wrapped.ArgumentList.Add(argument);
        }

        foreach ((string name, string? value) in start.Environment)
        {
            wrapped.Environment[name] = value;
        }

        return wrapped;
    }

    /// <summary>Sees whether it is here and may trace.</summary>
    /// <exception cref="NotAvailableException">It is not, or may not.</exception>
    public static async Task CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            var start = new ProcessStartInfo(Program, ["-c", "-f", "-o", "/dev/null", "--", "true"])
            {
                RedirectStandardError = true,
            };
            using Process process = Process.Start(start)!;
            string errors = await process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            if (process.ExitCode != 0)
            {
                throw new NotAvailableException($"strace may not trace here: {ChildProcess.LastLine(errors)}");
            }
        }
        catch (Win32Exception)
        {
            throw new NotAvailableException("system calls are counted by strace, which is not here");
        }
    }
}

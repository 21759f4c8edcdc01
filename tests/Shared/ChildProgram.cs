using System.Diagnostics;
using System.Runtime.InteropServices;
using AwsIO.Tests.Architecture;

namespace AwsIO.Tests.Shared;

/// <summary>What a program said, and how it ended.</summary>
internal sealed record ChildResult(int ExitCode, byte[] OutputBytes, string Errors)
{
    internal string Output => System.Text.Encoding.UTF8.GetString(OutputBytes);

    internal string[] OutputLines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    internal string[] ErrorLines => Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>One of the repository's .NET 10 programs as a child process. Whatever happens, it does not outlive the test.</summary>
internal sealed class ChildProgram : IDisposable
{
    internal const int Interrupt = 2;
    internal const int Terminate = 15;

    private readonly Process _process;
    private readonly Task<byte[]> _output;
    private readonly Task<string> _errors;

    private ChildProgram(Process process, bool readOutput)
    {
        _process = process;
        _output = readOutput ? ReadAllAsync(process.StandardOutput.BaseStream) : Task.FromResult<byte[]>([]);
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Where the child reads its standard input from; dispose it to end it.</summary>
    internal Stream Input => _process.StandardInput.BaseStream;

    /// <summary>The child's standard output, when it was started with its output left to the test.</summary>
    internal StreamReader Output => _process.StandardOutput;

    /// <summary>Starts a program of the repository, or skips the test where it cannot run.</summary>
    /// <param name="project">The project's folder, from the root.</param>
    /// <param name="arguments">The program's arguments.</param>
    /// <param name="readOutput">Off, the test reads <see cref="Output"/> itself.</param>
    internal static ChildProgram Start(string project, IEnumerable<string> arguments, bool readOutput = true)
    {
#if NET10_0_OR_GREATER
        string name = Path.GetFileName(project);
        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent?.Name is "Debug" ? "Debug" : "Release";
        string program = Path.Combine(RepositoryRoot.Path, project, "bin", configuration, "net10.0", name + ".dll");
        Assert.True(File.Exists(program), $"{program} was not built");
        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            Environment = { ["NO_COLOR"] = "1" },
        };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(program);
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return new ChildProgram(Process.Start(start)!, readOutput);
#else
        Assert.Skip($"{project} exists for .NET 10 only: the .NET 10 run of these tests covers it.");
        throw new InvalidOperationException();
#endif
    }

    internal void Signal(int signal) => Assert.Equal(0, Kill(_process.Id, signal));

    internal async Task<ChildResult> WaitAsync(TimeSpan limit)
    {
        using CancellationTokenSource timeout = new(limit);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
            return new ChildResult(_process.ExitCode, await _output.WaitAsync(limit), await _errors.WaitAsync(limit));
        }
        catch (Exception exception) when (exception is OperationCanceledException or TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
            throw new TimeoutException($"The program did not end within {limit}. It said: {await _errors}");
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private static async Task<byte[]> ReadAllAsync(Stream stream)
    {
        using MemoryStream all = new();
        await stream.CopyToAsync(all);
        return all.ToArray();
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);
}

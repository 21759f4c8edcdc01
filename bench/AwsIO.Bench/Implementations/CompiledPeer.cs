using System.ComponentModel;
using System.Diagnostics;
using AwsIO.Bench.Running;

namespace AwsIO.Bench.Implementations;

/// <summary>A C program of ours in a temporary directory, compiled once and deleted in the end.</summary>
internal sealed class CompiledPeer(string source, params string[] libraries) : IDisposable
{
    private DirectoryInfo? _directory;
    private string? _program;

    /// <summary>The path of the program.</summary>
    /// <exception cref="NotAvailableException">It cannot be compiled here.</exception>
    public async Task<string> GetProgramAsync(CancellationToken cancellationToken)
    {
        if (_program is not null)
        {
            return _program;
        }

        if (!OperatingSystem.IsLinux())
        {
            throw new NotAvailableException("needs Linux (epoll)");
        }

        string directory = Folder.FullName;
        string program = Path.Combine(directory, Path.GetFileNameWithoutExtension(source));
        string path = Path.Combine(AppContext.BaseDirectory, "raw-c", source);
        string[] arguments = ["-std=c11", "-O2", "-Wall", "-Wextra", "-pthread", "-o", program, path, .. libraries];
        var start = new ProcessStartInfo("cc", arguments) { RedirectStandardError = true };
        using Process compiler = Start(start);
        string errors = await compiler.StandardError.ReadToEndAsync(cancellationToken);
        await compiler.WaitForExitAsync(cancellationToken);
        if (compiler.ExitCode != 0)
        {
            throw errors.Contains("openssl/", StringComparison.Ordinal)
                ? new NotAvailableException("no OpenSSL headers (libssl-dev)")
                : new InvalidOperationException($"{source} does not compile: {ChildProcess.LastLine(errors)}");
        }

        return _program = program;
    }

    /// <summary>Writes a file beside the program.</summary>
    /// <returns>Its path.</returns>
    public string WriteFile(string name, string content)
    {
        string path = Path.Combine(Folder.FullName, name);
        File.WriteAllText(path, content);
        return path;
    }

    public void Dispose() => _directory?.Delete(recursive: true);

    // Readable by this user alone: a private key may lie there.
    private DirectoryInfo Folder => _directory ??= Directory.CreateTempSubdirectory("awsio-bench-");

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            throw new NotAvailableException("no C compiler");
        }
    }
}

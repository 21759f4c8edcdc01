using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Interop.Tests.Infrastructure;

/// <summary>A program that nobody here wrote, as a peer: what it says is kept, and it is killed at the end of the test.</summary>
internal sealed class ExternalProgram
{
    private readonly Process _process;
    private readonly StringBuilder _said = new();
    private readonly List<(Func<string, bool> IsMet, string What, TaskCompletionSource<string> Done)> _waiters = [];
    private readonly Task _reading;
    private bool _isOver;

    private ExternalProgram(Process process)
    {
        _process = process;
        _reading = ReadBoth();
    }

    /// <summary>Everything that it has said so far, on both outputs.</summary>
    internal string Output
    {
        get
        {
            lock (_said)
            {
                return _said.ToString();
            }
        }
    }

    internal static ExternalProgram Start(ConnectionTest test, string name, params string[] arguments)
    {
        string? path = Find(name);
        Assert.SkipWhen(path is null, $"The program {name} is not installed.");

        // What a program says is needed when it says it, not when its buffer is full.
        string? unbuffered = Find("stdbuf");
        Assert.SkipWhen(unbuffered is null, "The program stdbuf is not installed.");
        ProcessStartInfo start = new(unbuffered!, ["-o0", path!, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // A home of its own: no configuration of the user's counts.
        start.Environment["HOME"] = "/nonexistent";
        ExternalProgram program = new(Process.Start(start)!);
        test.After(program.Stop);
        return program;
    }

    /// <summary>Starts a program that reads a file and writes a file, byte for byte, in place of its input and output.</summary>
    internal static ExternalProgram StartWithFiles(ConnectionTest test, string input, string output, string name, params string[] arguments)
    {
        Assert.SkipWhen(Find(name) is null, $"The program {name} is not installed.");
        string script = "input=$0; output=$1; shift; exec \"$@\" <\"$input\" >\"$output\"";
        return Start(test, "sh", ["-c", script, input, output, name, .. arguments]);
    }

    internal async Task Type(string text)
    {
        await _process.StandardInput.WriteAsync(text).Within();
        await _process.StandardInput.FlushAsync().Within();
    }

    internal void EndInput() => _process.StandardInput.Close();

    /// <summary>Completes with all output when this text stands in it so often.</summary>
    internal Task<string> Said(string text, int times = 1) => Said(all => all.Split(text).Length > times, text);

    /// <summary>Completes with what matches, once something does.</summary>
    internal async Task<Match> Said(Regex pattern) => pattern.Match(await Said(pattern.IsMatch, pattern.ToString()));

    private Task<string> Said(Func<string, bool> isMet, string what)
    {
        TaskCompletionSource<string> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_said)
        {
            _waiters.Add((isMet, what, done));
            Notice();
        }

        return done.Task.Within($"the program says '{what}'");
    }

    /// <summary>Waits until it has ended by itself.</summary>
    internal async Task<int> Exited()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).Within();
        await _reading.Within();
        return _process.ExitCode;
    }

    internal void Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Stops it in the middle of whatever it does; the kernel goes on answering for its sockets.</summary>
    internal void Suspend() => Signal(19);

    internal void Resume() => Signal(18);

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);

    private void Signal(int signal) => Assert.Equal(0, SendSignal(_process.Id, signal));

    private static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Select(directory => Path.Combine(directory, name)).FirstOrDefault(File.Exists);

    private async Task Stop()
    {
        try
        {
            Kill();

            await _process.WaitForExitAsync(CancellationToken.None).Within();
            await _reading.Within();
        }
        finally
        {
            _process.Dispose();
        }
    }

    private async Task ReadBoth()
    {
        await Task.WhenAll(Read(_process.StandardOutput), Read(_process.StandardError));

        // Only now nothing more can come: the one output may end before the other was read.
        lock (_said)
        {
            _isOver = true;
            Notice();
        }
    }

    private async Task Read(StreamReader reader)
    {
        char[] buffer = new char[4096];
        int count;
        while ((count = await reader.ReadAsync(buffer)) > 0)
        {
            lock (_said)
            {
                _said.Append(buffer, 0, count);
                Notice();
            }
        }
    }

    private void Notice()
    {
        string all = _said.ToString();
        for (int i = _waiters.Count - 1; i >= 0; i--)
        {
            (Func<string, bool> isMet, string what, TaskCompletionSource<string> done) = _waiters[i];
            if (isMet(all))
            {
                _waiters.RemoveAt(i);
                done.SetResult(all);
            }
            else if (_isOver)
            {
                _waiters.RemoveAt(i);
                done.SetException(new InvalidOperationException($"The program ended without saying '{what}': {all}"));
            }
        }
    }
}

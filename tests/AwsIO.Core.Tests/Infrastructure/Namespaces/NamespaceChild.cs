using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace AwsIO.Tests.Infrastructure.Namespaces;

/// <summary>
/// A process in a network namespace, and the line by which it tells its parent what it sees: a Unix socket with a path, which namespaces
/// do not part.
/// </summary>
internal sealed class NamespaceChild : IDisposable
{
    internal const string Variable = "AWSIO_TEST_CONTROL";

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(40);

    private readonly string _directory;
    private readonly Socket _listener;
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly Task _reading;
    private readonly Task _exited;
    private Socket? _line;
    private StreamReader? _lines;

    private NamespaceChild(string directory, Socket listener, Process process)
    {
        _directory = directory;
        _listener = listener;
        _process = process;
        _reading = Task.WhenAll(Keep(process.StandardOutput), Keep(process.StandardError));
        _exited = process.WaitForExitAsync();
    }

    private string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    internal static NamespaceChild Start(string inside, Type type, string method, (string Name, string Value)[] environment)
    {
        string directory = Directory.CreateTempSubdirectory("awsio-namespace-").FullName;
        string path = Path.Combine(directory, "control");
        Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        string program = Path.Combine(AppContext.BaseDirectory, type.Assembly.GetName().Name!);
        ProcessStartInfo start = new(
            "ip",
            ["netns", "exec", inside, program, "-method", $"{type.FullName}.{method}", "-explicit", "only", "-noColor", "-noLogo"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[Variable] = path;
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return new NamespaceChild(directory, listener, Process.Start(start)!);
    }

    /// <summary>Waits for the child's next line, which must begin with a word, and gives what stands behind it.</summary>
    internal async Task<string> Says(string word)
    {
        string? line = await Next();
        Assert.True(
            line is not null && (line == word || line.StartsWith(word + " ", StringComparison.Ordinal)),
            $"Not '{word}' but '{line ?? "nothing more"}' was said.\n{Output}");
        return line![word.Length..].Trim();
    }

    /// <summary>Waits until the child has ended by itself, and checks that it is content.</summary>
    internal async Task Ended()
    {
        await _exited.WaitAsync(s_limit);
        await _reading.WaitAsync(s_limit);
        Assert.True(_process.ExitCode == 0, $"The child ended with {_process.ExitCode}.\n{Output}");
        Assert.Contains("Total: 1, Errors: 0, Failed: 0, Skipped: 0", Output, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _lines?.Dispose();
        _line?.Dispose();
        _listener.Dispose();
        _process.StandardOutput.Dispose();
        _process.StandardError.Dispose();
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task<string?> Next()
    {
        using CancellationTokenSource limit = new(s_limit);
        try
        {
            if (_line is null)
            {
                Task<Socket> accepting = _listener.AcceptAsync(limit.Token).AsTask();
                await Task.WhenAny(accepting, _exited);
                Assert.True(accepting.IsCompleted, $"The child ended before it said anything.\n{Output}");
                _line = await accepting;
                _lines = new StreamReader(new NetworkStream(_line), Encoding.UTF8);
            }

            return await _lines!.ReadLineAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The child said nothing for {s_limit}.\n{Output}");
        }
    }

    private async Task Keep(StreamReader reader)
    {
        char[] buffer = new char[4096];
        int count;
        while ((count = await reader.ReadAsync(buffer)) > 0)
        {
            lock (_output)
            {
                _output.Append(buffer, 0, count);
            }
        }
    }
}

/// <summary>The child's end of the line.</summary>
internal sealed class ControlLine : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    internal ControlLine() =>
        _socket.Connect(new UnixDomainSocketEndPoint(Environment.GetEnvironmentVariable(NamespaceChild.Variable)
            ?? throw new InvalidOperationException("This test is a child of another.")));

    internal void Say(string line) => _socket.Send(Encoding.UTF8.GetBytes(line + "\n"));

    public void Dispose() => _socket.Dispose();
}

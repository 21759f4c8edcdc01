using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using AwsIO.Testing;
using AwsIO.Tests.Shared;

namespace AwsIO.Interop.Tests;

/// <summary>The command-line tool, run as its users run it.</summary>
public sealed partial class ToolTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("awsio-tool-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_demo_tells_every_step_and_ends_with_0()
    {
        ChildResult result = await RunAsync("demo");

        Assert.Equal("", result.Errors);
        Assert.Equal(0, result.ExitCode);
        string[] steps = ["certificate", "listen", "resolve", "connect", "handshake", "verified", "first byte", "round trips", "bulk", "close"];
        string[] told = result.OutputLines[1..^1].Select(line => StepName().Match(line).Groups[1].Value).ToArray();
        Assert.Equal(steps, told);
        Assert.Contains("TLSv1.", result.Output, StringComparison.Ordinal);
        Assert.Contains("protocol awsio-demo", result.Output, StringComparison.Ordinal);
        Assert.Contains("every byte as sent", result.Output, StringComparison.Ordinal);
        Assert.Contains("no descriptor of ours is left", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', result.Output);
        Assert.True(result.OutputLines.Length <= 20);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("tls")]
    [InlineData("unix")]
    public async Task A_file_goes_to_the_echo_server_and_comes_back_unchanged(string kind)
    {
        byte[] file = RandomNumberGenerator.GetBytes(5_000_003);
        using EchoProcess echo = await EchoProcess.StartAsync(this, kind);

        ChildResult result = await RunWithInputAsync(file, ["connect", .. echo.ConnectArguments]);

        Assert.Equal("", result.Errors);
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(Convert.ToHexString(SHA256.HashData(file)), Convert.ToHexString(SHA256.HashData(result.OutputBytes)));
        ChildResult ended = await echo.EndAsync(ChildProgram.Terminate);
        Assert.Equal(0, ended.ExitCode);
        Assert.Equal("", ended.Errors);
    }

    [Fact]
    public async Task Connect_with_v_tells_of_the_handshake_on_standard_error()
    {
        using EchoProcess echo = await EchoProcess.StartAsync(this, "tls");

        ChildResult result = await RunWithInputAsync("hello"u8.ToArray(), ["connect", .. echo.ConnectArguments, "--alpn", "h2,echo", "-v"]);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("hello", result.Output);
        Assert.StartsWith("* connected to 127.0.0.1:", result.ErrorLines[0], StringComparison.Ordinal);
        Assert.Matches(@"^\* TLSv1\.[23], TLS_\w+, ALPN protocol echo$", result.ErrorLines[1]);
        Assert.Contains("CN=localhost", result.ErrorLines[2], StringComparison.Ordinal);
        Assert.Contains("CN=AwsIO Test Root", result.ErrorLines[3], StringComparison.Ordinal);
        Assert.Matches(@"^\* expires  \d{4}-\d\d-\d\d \d\d:\d\d UTC$", result.ErrorLines[4]);
    }

    [Fact]
    public async Task A_refused_connection_is_one_line_and_1()
    {
        int port = FreePort();

        ChildResult result = await RunAsync("connect", $"127.0.0.1:{port}");

        Assert.Equal(1, result.ExitCode);
        Assert.Equal($"awsio: Connecting to 127.0.0.1:{port} failed: Connection refused\n", result.Errors);
        Assert.Equal("", result.Output);
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_one_line_and_1_and_insecure_takes_it()
    {
        using EchoProcess echo = await EchoProcess.StartAsync(this, "tls");
        using TestCertificateAuthority other = new();
        string file = WriteFile("other.pem", other.CertificatePem);
        string address = echo.ConnectArguments[0];

        ChildResult refused = await RunWithInputAsync("x"u8.ToArray(), ["connect", address, "--tls", "--ca", file]);
        ChildResult taken = await RunWithInputAsync("x"u8.ToArray(), ["connect", address, "--tls", "--insecure"]);

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("certificate", Assert.Single(refused.ErrorLines), StringComparison.Ordinal);
        Assert.Equal(0, taken.ExitCode);
        Assert.Equal("x", taken.Output);
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_one_line_and_1()
    {
        using EchoProcess echo = await EchoProcess.StartAsync(this, "tls");

        ChildResult result = await RunWithInputAsync([], ["connect", .. echo.ConnectArguments, "--server-name", "elsewhere.example"]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("elsewhere.example", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_does_not_exist_is_one_line_and_1()
    {
        ChildResult resolved = await RunAsync("resolve", "no-such-host.invalid");
        ChildResult connected = await RunAsync("connect", "no-such-host.invalid:80");

        Assert.All([resolved, connected], result =>
        {
            Assert.Equal(1, result.ExitCode);
            Assert.StartsWith("awsio: Looking up 'no-such-host.invalid' failed", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Resolve_prints_addresses_and_nothing_else()
    {
        ChildResult result = await RunAsync("resolve", "localhost");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("", result.Errors);
        Assert.NotEmpty(result.OutputLines);
        Assert.All(result.OutputLines, line => Assert.True(IPAddress.IsLoopback(IPAddress.Parse(line))));
    }

    [Theory]
    [InlineData("bogus")]
    [InlineData("resolve")]
    [InlineData("connect", "localhost")]
    [InlineData("connect", "::1:7")]
    [InlineData("connect", "localhost:0")]
    [InlineData("connect", "localhost:70000")]
    [InlineData("connect", "localhost:7", "--ca", "x.pem")]
    [InlineData("connect", "localhost:7", "--timeout", "soon")]
    [InlineData("connect", "unix:/tmp/x", "--tls")]
    [InlineData("connect", "localhost:7", "--no-such-option")]
    [InlineData("echo", "unix:")]
    [InlineData("echo", "127.0.0.1:0", "--tls")]
    [InlineData("echo", "127.0.0.1:0", "--cert", "x.pem")]
    public async Task Bad_usage_is_one_line_and_2(params string[] arguments)
    {
        ChildResult result = await RunAsync(arguments);

        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith("awsio: ", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
        Assert.Equal("", result.Output);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("demo", "--help")]
    [InlineData("echo", "-h")]
    [InlineData("connect", "--help")]
    [InlineData("resolve", "--help")]
    public async Task Help_teaches_by_example(params string[] arguments)
    {
        ChildResult result = await RunAsync(arguments);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Examples:\n  awsio", result.Output.Replace("  echo hello | awsio", "  awsio", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ChildProgram.Terminate)]
    [InlineData(ChildProgram.Interrupt)]
    public async Task A_signal_ends_echo_with_0_while_a_connection_is_open(int signal)
    {
        using EchoProcess echo = await EchoProcess.StartAsync(this, "plain", "-v");
        using TcpClient client = new();
        await client.ConnectAsync("127.0.0.1", echo.Port);
        await client.GetStream().WriteAsync("hi"u8.ToArray());
        byte[] buffer = new byte[8];
        Assert.Equal(2, await client.GetStream().ReadAtLeastAsync(buffer, 2));

        ChildResult result = await echo.EndAsync(signal);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(0, await client.GetStream().ReadAsync(buffer));
        Assert.Contains("connected", result.ErrorLines[0], StringComparison.Ordinal);
        Assert.Contains("2 bytes", result.ErrorLines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_in_use_is_one_line_and_1()
    {
        using EchoProcess echo = await EchoProcess.StartAsync(this, "plain");

        ChildResult result = await RunAsync("echo", $"127.0.0.1:{echo.Port}");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"127.0.0.1:{echo.Port}", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_ends_when_the_peer_has_finished_though_its_input_is_open()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        using ChildProgram connect = Start(["connect", listener.LocalEndpoint.ToString()!]);
        using (TcpClient accepted = await listener.AcceptTcpClientAsync())
        {
            await accepted.GetStream().WriteAsync("bye"u8.ToArray());
        }

        ChildResult result = await connect.WaitAsync(s_limit);

        Assert.Equal((0, "bye", ""), (result.ExitCode, result.Output, result.Errors));
    }

    [Fact]
    public async Task Connect_ends_in_silence_when_nobody_reads_its_output()
    {
        using EchoProcess echo = await EchoProcess.StartAsync(this, "plain");
        using ChildProgram connect = Start(["connect", .. echo.ConnectArguments], readOutput: false);
        byte[] chunk = new byte[100_000];
        await connect.Input.WriteAsync(chunk);
        connect.Output.Close();

        // It learns of the closed pipe with its next write.
        try
        {
            for (int i = 0; i < 100; i++)
            {
                await connect.Input.WriteAsync(chunk);
            }
        }
        catch (IOException)
        {
        }

        ChildResult result = await connect.WaitAsync(s_limit);
        Assert.Equal((1, ""), (result.ExitCode, result.Errors));
    }

    private static ChildProgram Start(IEnumerable<string> arguments, bool readOutput = true) =>
        ChildProgram.Start("tools/awsio", arguments, readOutput);

    private static Task<ChildResult> RunAsync(params string[] arguments) => RunWithInputAsync([], arguments);

    private static async Task<ChildResult> RunWithInputAsync(byte[] input, IEnumerable<string> arguments)
    {
        using ChildProgram child = Start(arguments);
        try
        {
            await child.Input.WriteAsync(input).AsTask().WaitAsync(s_limit);
            await child.Input.DisposeAsync();
        }
        catch (IOException)
        {
            // It ended without reading everything.
        }

        return await child.WaitAsync(s_limit);
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private string WriteFile(string name, string text)
    {
        string path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    [GeneratedRegex(@"^  (\w+( \w+)?) ")]
    private static partial Regex StepName();

    /// <summary><c>awsio echo</c> as a process that listens.</summary>
    private sealed class EchoProcess : IDisposable
    {
        private readonly ChildProgram _child;

        private EchoProcess(ChildProgram child, int port, string[] connectArguments)
        {
            _child = child;
            Port = port;
            ConnectArguments = connectArguments;
        }

        internal int Port { get; }

        internal string[] ConnectArguments { get; }

        internal static async Task<EchoProcess> StartAsync(ToolTests test, string kind, params string[] more)
        {
            string address = kind == "unix" ? $"unix:{test._folder.FullName}/echo.sock" : "127.0.0.1:0";
            List<string> arguments = ["echo", address, .. more];
            string authorityFile = "";
            if (kind == "tls")
            {
                using TestCertificateAuthority authority = new();
                TestCertificate certificate = authority.Issue();
                authorityFile = test.WriteFile("ca.pem", authority.CertificatePem);
                arguments.AddRange([
                    "--tls",
                    "--cert", test.WriteFile("server.pem", certificate.CertificatePem),
                    "--key", test.WriteFile("server.key", certificate.PrivateKeyPem),
                    "--alpn", "echo",
                ]);
            }

            ChildProgram child = Start(arguments, readOutput: false);
            string? line = await child.Output.ReadLineAsync().WaitAsync(s_limit);
            Assert.NotNull(line);
            Assert.StartsWith("listening on ", line, StringComparison.Ordinal);
            string where = line["listening on ".Length..].Split(' ')[0];
            int port = kind == "unix" ? 0 : int.Parse(where[(where.LastIndexOf(':') + 1)..]);
            return new EchoProcess(child, port, kind switch
            {
                "unix" => [address],
                "tls" => [$"localhost:{port}", "--tls", "--ca", authorityFile],
                _ => [where],
            });
        }

        internal Task<ChildResult> EndAsync(int signal)
        {
            _child.Signal(signal);
            return _child.WaitAsync(s_limit);
        }

        public void Dispose() => _child.Dispose();
    }
}

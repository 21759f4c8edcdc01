using System.CommandLine;
using System.Runtime.InteropServices;
using AwsIO.Tasks;

namespace AwsIO.Tool.Commands;

/// <summary><c>awsio echo</c>: serves until it is told to stop.</summary>
internal sealed class EchoCommand : ToolCommand
{
    private const string ExampleText = """
        awsio echo                                     # 127.0.0.1, port 7 (needs root)
        awsio echo 127.0.0.1:0                         # a free port, which it prints
        awsio echo '[::1]:7000' -v                     # IPv6, and a line for each connection
        awsio echo unix:/tmp/echo.sock
        awsio echo 127.0.0.1:7000 --tls --cert server.pem --key server.key --alpn h2,echo

        A certificate to try it with:
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
            -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -out server.pem -keyout server.key
        """;

    private readonly Argument<Address> _address = Address.Argument(
        "ADDRESS", "Where to listen: ADDRESS:PORT, [IPV6]:PORT or unix:PATH. Port 0 has a free one chosen.", lowestPort: 0);

    private readonly Option<bool> _tls = new("--tls") { Description = "Speak TLS; needs --cert and --key." };

    private readonly Option<string> _certificate = new("--cert")
    {
        Description = "The certificate, and its chain behind it, in PEM.",
        HelpName = "FILE",
    };

    private readonly Option<string> _key = new("--key") { Description = "The certificate's private key in PEM.", HelpName = "FILE" };

    private readonly Option<string> _alpn = CommonOptions.Alpn("The protocols to choose from, the most wanted first, with commas between.");

    private readonly Option<bool> _verbose = CommonOptions.Verbose("Tell of each connection on standard error.");

    internal EchoCommand()
        : base("echo", "Listen, and send everything back. Ends with Ctrl-C or SIGTERM.", ExampleText)
    {
        _address.DefaultValueFactory = _ => new Address("127.0.0.1", 7, null);
        Arguments.Add(_address);
        foreach (Option option in (Option[])[_tls, _certificate, _key, _alpn, _verbose])
        {
            Options.Add(option);
        }

        SetAction((parsed, _) => RunAsync(parsed));
    }

    private async Task<int> RunAsync(ParseResult parsed)
    {
        TaskCompletionSource told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using PosixSignalRegistration interrupt = StopOn(PosixSignal.SIGINT, told);
        using PosixSignalRegistration terminate = StopOn(PosixSignal.SIGTERM, told);
        using PosixSignalRegistration hangUp = StopOn(PosixSignal.SIGHUP, told);

        Address address = parsed.GetValue(_address)!;
        Action<string>? log = parsed.GetValue(_verbose) ? Console.Error.WriteLine : null;
        TlsServerOptions? tls = ReadTls(parsed);
        await using IoRuntime io = new();
        SocketEndpoint endpoint = await address.ToEndpointAsync(io);
        ListenOptions options = new()
        {
            Tls = tls,
            OnConnectionFailed = log is null ? null : failure => log($"a connection failed: {failure.Error.Detail}"),
        };
        IoListener listener = await CommonOptions.NamingFilesAsync(
            io.ListenAsync(endpoint, options),
            ("CertificatePem", parsed.GetValue(_certificate)),
            ("PrivateKeyPem", parsed.GetValue(_key)));
        try
        {
            await using EchoServer server = new(listener, log);
            string where = address.Path is null ? listener.LocalEndpoint.ToString() : address.ToString();
            Console.Out.WriteLine($"listening on {where}{(tls is null ? "" : " with TLS")}");
            Console.Out.Flush();
            Task serving = server.RunAsync();
            await await Task.WhenAny(serving, told.Task);
        }
        finally
        {
            if (address.Path is not null)
            {
                File.Delete(address.Path);
            }
        }

        return 0;
    }

    private TlsServerOptions? ReadTls(ParseResult parsed)
    {
        string? certificate = parsed.GetValue(_certificate);
        string? key = parsed.GetValue(_key);
        if (!parsed.GetValue(_tls))
        {
            CommonOptions.RefuseWithoutTls(parsed, _certificate, _key, _alpn);
            return null;
        }

        return certificate is null || key is null
            ? throw new UsageException("--tls needs a certificate and its key: --cert FILE --key FILE. Try 'awsio echo --help'.")
            : new TlsServerOptions
            {
                CertificatePem = File.ReadAllText(certificate),
                PrivateKeyPem = File.ReadAllText(key),
                Alpn = CommonOptions.Split(parsed.GetValue(_alpn)),
            };
    }

    // The second signal does what signals do.
    private static PosixSignalRegistration StopOn(PosixSignal signal, TaskCompletionSource told) =>
        PosixSignalRegistration.Create(signal, context => context.Cancel = told.TrySetResult());
}

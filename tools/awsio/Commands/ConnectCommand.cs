using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using AwsIO.Tasks;

namespace AwsIO.Tool.Commands;

/// <summary><c>awsio connect</c>: standard input to the peer, the peer to standard output.</summary>
internal sealed class ConnectCommand : ToolCommand
{
    private const string ExampleText = """
        echo hello | awsio connect localhost:7000
        awsio connect localhost:7000 --tls --ca ca.pem -v <picture.png >copy.png
        awsio connect 127.0.0.1:7000 --tls --ca ca.pem --server-name localhost --alpn h2,echo
        awsio connect unix:/tmp/echo.sock
        printf 'GET / HTTP/1.0\r\nHost: example.com\r\n\r\n' | awsio connect example.com:443 --tls
        """;

    private const int BufferSize = 64 * 1024;

    private readonly Argument<Address> _address = Address.Argument(
        "HOST:PORT", "Where to: a name or an address with a port, or unix:PATH.", lowestPort: 1);

    private readonly Option<bool> _tls = new("--tls")
    {
        Description = "Speak TLS, and check that the peer's certificate is trusted and for the name.",
    };

    private readonly Option<string> _alpn = CommonOptions.Alpn("The protocols to offer, the most wanted first, with commas between.");

    private readonly Option<string> _authorities = new("--ca")
    {
        Description = "Trust the certificates in FILE, in PEM, in place of the system's.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _insecure = new("--insecure")
    {
        Description = "Take any certificate. Anybody can pose as the peer: for trials only.",
    };

    private readonly Option<string> _serverName = new("--server-name")
    {
        Description = "The name to ask for, and that the certificate must be for, in place of HOST.",
        HelpName = "NAME",
    };

    private readonly Option<double> _timeout = new("--timeout")
    {
        Description = "How long look-up, connecting and TLS may take together.",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 10,
        CustomParser = result =>
        {
            if (!double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds)
                || seconds is not (> 0 and <= 86400))
            {
                result.AddError($"'{result.Tokens[0].Value}' is no --timeout: it must be more than 0 and at most 86400 seconds");
            }

            return seconds;
        },
    };

    private readonly Option<bool> _verbose = CommonOptions.Verbose("Tell of the connection and the peer's certificate on standard error.");

    internal ConnectCommand()
        : base(
            "connect",
            "Connect: standard input goes to the peer, and what it sends to standard output, until the peer has finished.",
            ExampleText)
    {
        Arguments.Add(_address);
        foreach (Option option in (Option[])[_tls, _alpn, _authorities, _insecure, _serverName, _timeout, _verbose])
        {
            Options.Add(option);
        }

        SetAction((parsed, _) => RunAsync(parsed));
    }

    private async Task<int> RunAsync(ParseResult parsed)
    {
        Address address = parsed.GetRequiredValue(_address);
        ConnectOptions options = ReadOptions(parsed, address);
        await using IoRuntime io = new();
        await using IoConnection connection = await CommonOptions.NamingFilesAsync(
            address.Path is not null
                ? io.ConnectAsync(SocketEndpoint.Unix(address.Path), options)
                : io.ConnectAsync(address.Host!, address.Port, options),
            ("TrustedCertificatesPem", parsed.GetValue(_authorities)));
        if (parsed.GetValue(_verbose))
        {
            Describe(connection, address);
        }

        Task sending = SendAsync(connection);
        Task receiving = ReceiveAsync(connection);
        if (await Task.WhenAny(sending, receiving) == sending && sending.Exception?.InnerException is not (null or IoException))
        {
            // Standard input is broken, not the connection: the peer must not take what came so far for everything.
            connection.Abort();
            await sending;
        }

        await receiving;
        if (sending.IsFaulted)
        {
            await sending;
        }

        return 0;
    }

    private ConnectOptions ReadOptions(ParseResult parsed, Address address)
    {
        TimeSpan timeout = TimeSpan.FromSeconds(parsed.GetValue(_timeout));
        ConnectOptions options = new() { Timeout = timeout, Socket = { ConnectTimeout = timeout } };
        if (!parsed.GetValue(_tls))
        {
            CommonOptions.RefuseWithoutTls(parsed, _alpn, _authorities, _insecure, _serverName);
            return options;
        }

        string? file = parsed.GetValue(_authorities);
        bool verify = !parsed.GetValue(_insecure);
        string? name = parsed.GetValue(_serverName);
        if (verify && name is null && address.Path is not null)
        {
            throw new UsageException("A path has no name to check the certificate against: add --server-name NAME.");
        }

        options.Tls = new TlsClientOptions
        {
            Alpn = CommonOptions.Split(parsed.GetValue(_alpn)),
            ServerName = name,
            TrustedCertificatesPem = file is null ? null : File.ReadAllText(file),
            VerifyPeer = verify,
            HandshakeTimeout = timeout,
        };
        return options;
    }

    private static async Task SendAsync(IoConnection connection)
    {
        // The read of a terminal or pipe cannot be called off; it holds a thread that does not hold the process.
        await Task.Yield();
        await using Stream input = StandardStreams.OpenInput();
        byte[] buffer = new byte[BufferSize];
        int count;
        while ((count = await input.ReadAsync(buffer)) > 0)
        {
            await connection.WriteAsync(buffer.AsMemory(0, count));
        }

        await connection.ShutdownWriteAsync();
    }

    private static async Task ReceiveAsync(IoConnection connection)
    {
        await using Stream output = StandardStreams.OpenOutput();
        byte[] buffer = new byte[BufferSize];
        int count;
        while ((count = await connection.ReadAsync(buffer)) > 0)
        {
            await StandardStreams.WriteAsync(output, buffer.AsMemory(0, count));
        }
    }

    private static void Describe(IoConnection connection, Address address)
    {
        string local = connection.LocalEndpoint is { Address.Length: > 0 } from ? $" from {from}" : "";
        Say($"connected to {(address.Path is null ? connection.RemoteEndpoint?.ToString() : address.ToString())}{local}");
        if (connection.Tls is not { } tls)
        {
            return;
        }

        Say($"{tls.Version}, {tls.CipherSuite}, {(tls.Protocol is null ? "no ALPN protocol" : $"ALPN protocol {tls.Protocol}")}");
        if (tls.PeerCertificate.IsEmpty)
        {
            Say("the peer showed no certificate");
            return;
        }

        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(tls.PeerCertificate.Span);
        Say($"peer     {certificate.Subject}");
        Say($"issuer   {certificate.Issuer}");
        string until = certificate.NotAfter.ToUniversalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        Say($"expires  {until} UTC");
    }

    private static void Say(string text) => Console.Error.WriteLine("* " + text);
}

using AwsIO.Testing;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Torture;

/// <summary>An echo through TLS, contexts included.</summary>
internal sealed class TlsEchoScenario(TlsVersion version) : TortureScenario
{
    internal override string Name => version == TlsVersion.Tls12 ? "tls12-echo" : "tls13-echo";

    internal override async Task Run(TortureRun run)
    {
        if (await run.NewGroup() is not { } group)
        {
            return;
        }

        using DefaultHostResolver resolver = new(group);
        using TlsPair tls = new(run, version);
        EchoServer server = new(run, group);
        if (tls.IsMade && server.TryListen(tls.Server))
        {
            EchoClient client = new(run, Bytes.Some(60_000));
            client.Connect(group, resolver, server.Endpoint, tls: tls.Client);
            await run.Wait(client.Echoed);
        }

        server.Close();
        await run.WaitForAll();
        await run.End(group);
    }
}

/// <summary>Contexts of kinds that the echoes do not need: with a chain to send, and with the system's trust.</summary>
internal sealed class TlsContextScenario : TortureScenario
{
    private static readonly Lazy<TestCertificate> s_chained =
        new(static () => TlsParts.Authority.Issue(new TestCertificateOptions { Intermediates = 1 }));

    internal override string Name => "tls-contexts";

    internal override Task Run(TortureRun run)
    {
        Make(run, "a server's context with a chain", () => TlsContext.CreateServer(new TlsContextOptions
        {
            CertificatePem = s_chained.Value.CertificatePem,
            PrivateKeyPem = s_chained.Value.PrivateKeyPem,
        }));

        // That there is such a file is all that is asked: an image without the system's certificates shall do as well.
        const string variable = "SSL_CERT_FILE";
        string? before = Environment.GetEnvironmentVariable(variable);
        Environment.SetEnvironmentVariable(variable, typeof(TlsContextScenario).Assembly.Location);
        Make(run, "a client's context with the system's trust", static () => TlsContext.CreateClient(new TlsContextOptions()));
        Environment.SetEnvironmentVariable(variable, before);
        return Task.CompletedTask;
    }

    private static void Make(TortureRun run, string name, Func<IoResult<TlsContext>> make)
    {
        Operation making = run.Begin(name);
        IoResult<TlsContext> made = make();
        making.Answer(made.Error);
        if (made.TryGetValue(out TlsContext? context))
        {
            context.Dispose();
        }
    }
}

/// <summary>Both ends' contexts, made and let go within a run; none without a version.</summary>
internal sealed class TlsPair : IDisposable
{
    private readonly TlsContext? _server;
    private readonly TlsContext? _client;

    internal TlsPair(TortureRun run, TlsVersion? version)
    {
        if (version is not { } only)
        {
            IsMade = true;
            return;
        }

        Operation making = run.Begin("the TLS contexts");
        IoResult<TlsContext> server = TlsContext.CreateServer(new TlsContextOptions
        {
            CertificatePem = TlsParts.Localhost.CertificatePem,
            PrivateKeyPem = TlsParts.Localhost.PrivateKeyPem,
            Alpn = ["echo"],
        }.Only(only));
        IoResult<TlsContext> client = server.IsSuccess
            ? TlsContext.CreateClient(new TlsContextOptions
            {
                TrustedCertificatesPem = TlsParts.Authority.CertificatePem,
                Alpn = ["echo"],
            }.Only(only))
            : server;
        making.Answer(client.Error);
        _ = server.TryGetValue(out _server);
        if (client.IsSuccess && server.IsSuccess)
        {
            _client = client.Value;
            Server = _server!.ForServer();
            Client = _client.ForHost("localhost");
            IsMade = true;
        }
    }

    /// <summary>Whether connections can be made.</summary>
    internal bool IsMade { get; }

    internal TlsConnectionOptions? Server { get; }

    internal TlsConnectionOptions? Client { get; }

    public void Dispose()
    {
        _server?.Dispose();
        _client?.Dispose();
    }
}

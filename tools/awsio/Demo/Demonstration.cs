using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography.X509Certificates;
using AwsIO.Tasks;
using AwsIO.Testing;

namespace AwsIO.Tool.Demo;

/// <summary>A TLS connection's life, told step by step: server and client live on the same event loop group.</summary>
internal sealed class Demonstration(Story story)
{
    private const string Host = "localhost";
    private const string Protocol = "awsio-demo";
    private const int RequestSize = 64;
    private const long BulkSize = 64 * 1024 * 1024;

    internal async Task RunAsync()
    {
        int? descriptorsBefore = Descriptors.CountOurs();
        IoRuntime io = new(new IoRuntimeOptions { ContinuationMode = ContinuationMode.Inline });
        story.Begin($"AwsIO {AwsioCommand.Version}", Setting(io));

        Stopwatch clock = Stopwatch.StartNew();
        using TestCertificateAuthority authority = new(new TestCertificateAuthorityOptions { CommonName = "AwsIO Demo CA" });
        TestCertificate certificate = authority.Issue();
        story.Step("certificate", $"made a CA and a certificate for {Host}, in memory", clock.Elapsed);

        clock.Restart();
        IoListener listener = await ListenAsync(io, certificate);
        EchoServer server = new(listener, log: null);
        Task serving = server.RunAsync();
        story.Step("listen", $"TLS echo server on {listener.LocalEndpoint}, with ALPN", clock.Elapsed);

        clock.Restart();
        IReadOnlyList<HostAddress> addresses = await io.ResolveAsync(Host);
        story.Step("resolve", $"{Host} is {string.Join(", ", addresses.Select(address => address.Address))}", clock.Elapsed);

        Dialler.Peer peer = await ConnectAsync(io, authority, addresses, listener.LocalEndpoint.Port);
        await ExchangeAsync(peer);

        clock.Restart();
        peer.Channel.Shutdown(IoError.None);
        await peer.Ended;
        await server.DisposeAsync();
        await serving;
        await io.DisposeAsync();
        TimeSpan closing = clock.Elapsed;
        int? left = Descriptors.CountOurs() - descriptorsBefore;
        story.Step("close", "goodbye from both ends, " + Describe(left), closing);
        if (left > 0)
        {
            throw new IOException($"{left} descriptors were left open.");
        }

        story.End("Everything worked. What happens for the first time includes loading and compiling.");
    }

    private static string Setting(IoRuntime io) => string.Create(
        CultureInfo.InvariantCulture,
        $".NET {Environment.Version}, {RuntimeInformation.OSDescription}, {(io.Group.Count == 1 ? "1 event loop" : $"{io.Group.Count} event loops")}");

    private static Task<IoListener> ListenAsync(IoRuntime io, TestCertificate certificate) => io.ListenAsync(
        SocketEndpoint.Tcp("127.0.0.1", 0),
        new()
        {
            Tls = new TlsServerOptions
            {
                CertificatePem = certificate.CertificatePem,
                PrivateKeyPem = certificate.PrivateKeyPem,
                Alpn = [Protocol, "h2"],
            },
        });

    private static string Describe(int? descriptorsLeft) => descriptorsLeft switch
    {
        null => "descriptors cannot be counted here",
        0 => "no descriptor of ours is left",
        _ => $"{descriptorsLeft} descriptors are left",
    };

    private async Task<Dialler.Peer> ConnectAsync(
        IoRuntime io, TestCertificateAuthority authority, IReadOnlyList<HostAddress> addresses, int port)
    {
        EventLoop loop = io.Group.GetNextLoop();
        (IoSocket socket, TimeSpan connecting) = await Dialler.ConnectAsync(loop, addresses, port);
        story.Step("connect", $"TCP to {socket.RemoteEndpoint}, on the thread of {loop.Name}", connecting);

        using TlsContext context = TlsContext.CreateClient(new TlsContextOptions
        {
            TrustedCertificatesPem = authority.CertificatePem,
            Alpn = ["h2", Protocol],
        }).GetOrThrow();
        TlsConnectionOptions options = context.ForHost(Host);
        (Dialler.Peer peer, TimeSpan handshake) = await Dialler.SecureAsync(socket, options);
        story.Step("handshake", $"{peer.Tls.Version}, {peer.Tls.CipherSuite}, protocol {peer.Tls.Protocol}", handshake);
        using X509Certificate2 shown = X509CertificateLoader.LoadCertificate(peer.Tls.PeerCertificate.Span);
        string name = shown.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
        string issuer = shown.GetNameInfo(X509NameType.SimpleName, forIssuer: true);
        story.Step("verified", $"{name} by {issuer}: chain, dates, host name");
        return peer;
    }

    private async Task ExchangeAsync(Dialler.Peer peer)
    {
        RoundTrips first = new(RequestSize, TimeSpan.Zero);
        await peer.Client.RunAsync(first);
        story.Step("first byte", $"{RequestSize} bytes went there and came back", first.Elapsed);

        // What the just-in-time compiler does meanwhile is not the connection's doing.
        await peer.Client.RunAsync(new RoundTrips(RequestSize, TimeSpan.FromSeconds(0.3)));
        RoundTrips many = new(RequestSize, TimeSpan.FromSeconds(1));
        await story.WatchAsync("round trips", many, peer.Client.RunAsync(many));
        story.Step(
            "round trips",
            string.Create(
                CultureInfo.InvariantCulture,
                $"{many.Count / many.Elapsed.TotalSeconds:N0} a second; median {Story.Format(many.Percentile(0.5))}, 99 % within {Story.Format(many.Percentile(0.99))}"),
            many.Elapsed);

        Bulk bulk = new(BulkSize);
        await story.WatchAsync("bulk", bulk, peer.Client.RunAsync(bulk));
        story.Step(
            "bulk",
            string.Create(
                CultureInfo.InvariantCulture,
                $"{BulkSize >> 20} MiB both ways, {(BulkSize >> 20) / bulk.Elapsed.TotalSeconds:N0} MiB/s each, every byte as sent"),
            bulk.Elapsed);
    }
}

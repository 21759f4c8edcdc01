using System.Text;
using AwsIO.Tasks;
using AwsIO.Testing;

namespace AwsIO.Samples;

/// <summary>Server and client with await, TLS between them.</summary>
internal static class AwaitSample
{
    internal static async Task RunAsync()
    {
        using CancellationTokenSource timeout = new(TimeSpan.FromSeconds(20));
        CancellationToken ct = timeout.Token;
        using TestCertificateAuthority authority = new();
        TestCertificate certificate = authority.Issue();
        string ca = authority.CertificatePem;
        TlsServerOptions serverTls = new()
        {
            CertificatePem = certificate.CertificatePem,
            PrivateKeyPem = certificate.PrivateKeyPem,
            Alpn = ["http/1.1"],
        };
        byte[] buffer = new byte[4096];

        // <snippet await>
        await using IoRuntime io = new();       // loops and a resolver; IoRuntime.Shared needs no set-up at all

        // server
        await using IoListener listener = await io.ListenAsync(SocketEndpoint.Tcp("127.0.0.1", 0), new() { Tls = serverTls }, ct);
        Task serving = ServeAsync(listener, ct);

        // client: name, port, and TLS that checks the certificate and the name
        await using IoConnection connection = await io.ConnectAsync(
            "localhost", listener.LocalEndpoint.Port, new() { Tls = new() { Alpn = ["http/1.1"], TrustedCertificatesPem = ca } }, ct);
        await connection.WriteAsync("GET / HTTP/1.0\r\n\r\n"u8.ToArray(), ct);
        int count = await connection.ReadAsync(buffer, ct);   // 0: the peer has finished; an IoException says why it failed
        // </snippet>
        Console.WriteLine($"{connection.Tls!.Version}, {connection.Tls.Protocol}: {Encoding.UTF8.GetString(buffer, 0, count).TrimEnd()}");
        await serving;
    }

    private static async Task ServeAsync(IoListener listener, CancellationToken ct)
    {
        byte[] request = new byte[4096];
        await using IoConnection accepted = await listener.AcceptAsync(ct);
        if (await accepted.ReadAsync(request, ct) > 0)
        {
            await accepted.WriteAsync("HTTP/1.0 204 No Content\r\n\r\n"u8.ToArray(), ct);
        }
    }
}

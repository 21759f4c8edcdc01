using AwsIO.Testing;

namespace AwsIO.Samples;

/// <summary>A server and a client on this machine, for the samples of protocols: once plain and once with TLS.</summary>
internal static class Loopback
{
    /// <summary>Prints what each client has heard, first without TLS and then with it.</summary>
    /// <param name="server">Adds the server's handlers to a channel.</param>
    /// <param name="client">Adds the client's, which give what they have heard in the end.</param>
    internal static Task RunAsync(Action<IoChannel> server, Action<IoChannel, Future<string>> client)
    {
        using TestCertificateAuthority authority = new();
        TestCertificate certificate = authority.Issue();
        using TlsContext serverTls = TlsContext.CreateServer(
            new TlsContextOptions { CertificatePem = certificate.CertificatePem, PrivateKeyPem = certificate.PrivateKeyPem }).Value;
        using TlsContext clientTls = TlsContext.CreateClient(
            new TlsContextOptions { TrustedCertificatesPem = authority.CertificatePem }).Value;

        Console.WriteLine($"plain: {Talk(server, client, null, null)}");
        Console.WriteLine($"TLS: {Talk(server, client, serverTls.ForServer(), clientTls.ForHost("localhost"))}");
        return Task.CompletedTask;
    }

    private static string Talk(
        Action<IoChannel> server, Action<IoChannel, Future<string>> client, TlsConnectionOptions? serverTls, TlsConnectionOptions? clientTls)
    {
        using EventLoopGroup group = new(new EventLoopGroupOptions { LoopCount = 1 });
        using DefaultHostResolver resolver = new(group);
        using Future<string> heard = new();
        using ServerListener listener = new ServerBootstrap(group).Listen(new ServerListenOptions
        {
            Endpoint = SocketEndpoint.Tcp("127.0.0.1", 0),
            Tls = serverTls,
            OnIncomingChannel = (channel, error, state) =>
            {
                if (channel is not null)
                {
                    server(channel);
                }
            },
        }).Value;
        new ClientBootstrap(group, resolver).Connect(new ClientConnectOptions
        {
            Host = "localhost",
            Port = listener.LocalEndpoint.Port,
            Tls = clientTls,
            OnSetup = (channel, error, state) =>
            {
                if (channel is null)
                {
                    heard.TrySetError(error);
                }
                else
                {
                    client(channel, heard);
                }
            },
        });
        heard.Wait(TimeSpan.FromSeconds(10));
        return heard.Error.IsNone ? heard.Result : $"{heard.Error}";
    }
}

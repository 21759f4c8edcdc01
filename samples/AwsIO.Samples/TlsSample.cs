using AwsIO.Tasks;
using AwsIO.Testing;

namespace AwsIO.Samples;

/// <summary>A channel built by hand on a connected socket: socket handler, then TLS handler, then the handshake.</summary>
internal static class TlsSample
{
    internal static async Task RunAsync()
    {
        await using IoRuntime io = new();
        using TestCertificateAuthority authority = new();
        TestCertificate certificate = authority.Issue();
        await using IoListener listener = await io.ListenAsync(SocketEndpoint.Tcp("127.0.0.1", 0), new()
        {
            Tls = new() { CertificatePem = certificate.CertificatePem, PrivateKeyPem = certificate.PrivateKeyPem },
        });
        IoSocket socket = await ConnectAsync(io, listener.LocalEndpoint);
        Future<bool> done = new();

        // <snippet tls>
        using TlsContext context = TlsContext.CreateClient(new TlsContextOptions { VerifyPeer = false }).Value;
        TlsConnectionOptions options = new(context) { ServerName = "localhost" };
        options.OnNegotiated = (handler, error, state) =>
        {
            Console.WriteLine(error.IsNone ? $"negotiated {handler.Info!.Version} with {handler.Info.CipherSuite}" : $"{error}");
            handler.Slot!.Channel.Shutdown(error);
        };

        IoChannel.Create(new IoChannelOptions
        {
            EventLoop = socket.EventLoop!,
            OnSetup = (channel, error, state) =>
            {
                channel.AddLast(new SocketChannelHandler(socket));
                TlsChannelHandler tls = new(options);
                channel.AddLast(tls);
                tls.StartNegotiation();
            },
            OnShutdown = (channel, error, state) => done.TrySetResult(error.IsNone),
        });
        // </snippet>
        Console.WriteLine(await done.AsTask() ? "closed in order" : "failed");
    }

    private static async Task<IoSocket> ConnectAsync(IoRuntime io, SocketEndpoint endpoint)
    {
        IoSocket socket = IoSocket.Create(new SocketOptions { Domain = endpoint.Domain }).GetOrThrow();
        Future<bool> connected = new();
        IoError refused = socket.Connect(
            endpoint,
            io.Group.GetNextLoop(),
            (_, error, _) => _ = error.IsNone ? connected.TrySetResult(true) : connected.TrySetError(error),
            null);
        return refused.IsError ? throw refused.ToException() : await connected.AsTask() ? socket : throw new InvalidOperationException();
    }
}

using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using AwsIO.Tasks.Tests.Infrastructure;

namespace AwsIO.Tasks.Tests.Streams;

public sealed class SslStreamTests : RuntimeTest
{
    [Fact]
    public async Task Two_of_dotnets_own_talk_through_a_plain_connection()
    {
        (IoConnection client, IoConnection server) = await Pair();
        await using SslStream left = new(client.AsStream());
        await using SslStream right = new(server.AsStream());
        await Task.WhenAll(AsClient(left), AsServer(right)).Within();
        await Exchange(left, right).Within();
        await left.ShutdownAsync().Within();
        Assert.Equal(0, await right.ReadAsync(new byte[1]).Within());
    }

    [Fact]
    public async Task A_client_of_ours_talks_to_a_server_of_dotnet()
    {
        using TcpListener listener = new(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        Task<IoConnection> connecting = Io.ConnectAsync(
            SocketEndpoint.Tcp("127.0.0.1", ((System.Net.IPEndPoint)listener.LocalEndpoint).Port),
            new() { Tls = Certificates.ClientOptions() });
        using TcpClient accepted = await listener.AcceptTcpClientAsync();
        await using SslStream peer = new(accepted.GetStream());
        await AsServer(peer).Within();
        IoConnection client = Own(await connecting.Within());
        Assert.Equal(peer.SslProtocol == System.Security.Authentication.SslProtocols.Tls13 ? "TLSv1.3" : "TLSv1.2", client.Tls!.Version);

        await Exchange(client.AsStream(), peer).Within();
        await client.ShutdownWriteAsync().Within();
        Assert.Equal(0, await peer.ReadAsync(new byte[1]).Within());
        await peer.ShutdownAsync().Within();
        Assert.Equal(0, await client.ReadAsync(new byte[1]).Within());
    }

    [Fact]
    public async Task A_client_of_dotnet_talks_to_a_server_of_ours()
    {
        await using IoListener listener = await Listen(tls: true);
        using TcpClient tcp = new();
        await tcp.ConnectAsync(System.Net.IPAddress.Loopback, listener.LocalEndpoint.Port);
        await using SslStream peer = new(tcp.GetStream());
        await AsClient(peer).Within();
        IoConnection server = Own(await listener.AcceptAsync().Within());
        Assert.Equal("localhost", server.Tls!.ServerName);

        await Exchange(peer, server.AsStream()).Within();
        await server.DisposeAsync().Within();
        Assert.Equal(0, await peer.ReadAsync(new byte[1]).Within());
    }

    private static Task AsServer(SslStream stream) => stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
    {
        ServerCertificateContext = Certificates.Server.ToSslStreamContext(),
    });

    private static Task AsClient(SslStream stream)
    {
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(Certificates.Authority.ToX509());
        return stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            CertificateChainPolicy = policy,
        });
    }

    /// <summary>Both directions at the same time.</summary>
    private static async Task Exchange(Stream left, Stream right)
    {
        byte[] there = Bytes.Random(700_000, 1);
        byte[] back = Bytes.Random(500_000, 2);
        byte[] gotThere = new byte[there.Length];
        byte[] gotBack = new byte[back.Length];
        await Task.WhenAll(
            left.WriteAsync(there).AsTask(),
            right.WriteAsync(back).AsTask(),
            left.ReadExactlyAsync(gotBack).AsTask(),
            right.ReadExactlyAsync(gotThere).AsTask());
        Assert.Equal(there, gotThere);
        Assert.Equal(back, gotBack);
    }
}

using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using AwsIO.Testing;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Interop.Tests.DotNet;

/// <summary>Our server with a client of <see cref="SslStream"/>.</summary>
public sealed class SslStreamClientTests : ConnectionTest
{
    [Theory]
    [InlineData(TlsVersion.Tls12, TestKeyKind.Rsa2048, "TLSv1.2")]
    [InlineData(TlsVersion.Tls12, TestKeyKind.EcdsaP256, "TLSv1.2")]
    [InlineData(TlsVersion.Tls13, TestKeyKind.Rsa2048, "TLSv1.3")]
    [InlineData(TlsVersion.Tls13, TestKeyKind.EcdsaP521, "TLSv1.3")]
    public async Task Large_transfers_cross_and_its_goodbye_ends_the_connection_in_order(TlsVersion version, TestKeyKind kind, string expected)
    {
        byte[] there = Payload.Of(1_200_007, 1);
        byte[] back = Payload.Of(1_500_003, 2);
        TestCertificate certificate = TlsParts.Authority.Issue(new TestCertificateOptions { KeyKind = kind, Intermediates = 1 });
        (Dialled server, SslPeer peer) = await Connect(TlsParts.Server(certificate).ForServer(), SslPeer.ClientOptions(version));

        Task<byte[]> receiving = peer.Receive(back.Length);
        Task<IoError> sending = server.App.Send(back);
        await peer.Send(there).Within();
        await server.App.Received(there.Length).Within();
        Assert.Equal(back, await receiving);
        Assert.Equal(IoError.None, await sending.Within());
        Assert.Equal(there, server.App.Bytes);
        Assert.Equal(expected, server.Tls!.Info!.Version);
        Assert.Equal("localhost", server.Tls.Info.ServerName);
        await peer.Stream.ShutdownAsync().Within();

        Assert.Equal(IoError.None, await server.Ended.Task.Within());
        Assert.Empty(await peer.Receive(1));
    }

    [Theory]
    [InlineData(TlsVersion.Tls12)]
    [InlineData(TlsVersion.Tls13)]
    public async Task Our_goodbye_reaches_it_behind_all_data(TlsVersion version)
    {
        (Dialled server, SslPeer peer) = await Connect(TlsParts.Server().ForServer(), SslPeer.ClientOptions(version));

        Task<IoError> sending = server.App.Send("the end");
        await server.Channel!.EventLoop.Do(static () => { });
        server.Channel.Shutdown(IoError.None);

        Assert.Equal("the end"u8.ToArray(), await peer.Receive(100));
        Assert.Equal(IoError.None, await sending.Within());
        Assert.Equal(IoError.None, await server.Ended.Task.Within());
    }

    [Theory]
    [InlineData(TlsVersion.Tls12)]
    [InlineData(TlsVersion.Tls13)]
    public async Task A_protocol_that_both_know_is_agreed(TlsVersion version)
    {
        TlsConnectionOptions ours = TlsParts.Server().ForServer();
        ours.Alpn = ["h2", "http/1.1"];
        SslClientAuthenticationOptions options = SslPeer.ClientOptions(version);
        options.ApplicationProtocols = [SslApplicationProtocol.Http11, SslApplicationProtocol.Http2];

        (Dialled server, SslPeer peer) = await Connect(ours, options);

        Assert.Equal("h2", server.Tls!.Info!.Protocol);
        Assert.Equal(SslApplicationProtocol.Http2, peer.Stream.NegotiatedApplicationProtocol);
    }

    [Theory]
    [InlineData(TlsVersion.Tls12)]
    [InlineData(TlsVersion.Tls13)]
    public async Task Protocols_that_we_do_not_know_are_refused_at_both_ends_and_the_next_client_is_served(TlsVersion version)
    {
        TlsConnectionOptions ours = TlsParts.Server().ForServer();
        ours.Alpn = ["h2"];
        Listening listening = this.Listen(ours);
        SslClientAuthenticationOptions options = SslPeer.ClientOptions(version);
        options.ApplicationProtocols = [new SslApplicationProtocol("gopher")];

        SslPeer peer = await SslPeer.ConnectTo(this, listening.Port);
        await Assert.ThrowsAnyAsync<AuthenticationException>(() => peer.Authenticate(options).Within());
        IoError error = await (await listening.Next()).Setup.Task.Within();

        Assert.Equal(IoErrorCode.TlsNegotiationFailure, error.Code);
        Assert.Contains("no application protocol", error.Detail, StringComparison.Ordinal);
        Assert.StartsWith("TLS handshake with 127.0.0.1:", error.Detail, StringComparison.Ordinal);
        SslPeer next = await SslPeer.ConnectTo(this, listening.Port);
        await next.Authenticate(SslPeer.ClientOptions(version)).Within();
        Assert.Null((await listening.NextReady()).Tls!.Info!.Protocol);
    }

    [Theory]
    [InlineData(TlsVersion.Tls12)]
    [InlineData(TlsVersion.Tls13)]
    public async Task Its_certificate_is_taken(TlsVersion version)
    {
        SslClientAuthenticationOptions options = SslPeer.ClientOptions(version);
        TestCertificate own = TlsParts.Authority.Issue(new TestCertificateOptions { CommonName = "their client" });
        options.ClientCertificateContext = own.ToSslStreamContext();

        (Dialled server, SslPeer peer) = await Connect(Verifying().ForServer(), options);
        await peer.Send("known"u8.ToArray()).Within();
        await server.App.Received(5).Within();

        using X509Certificate2 certificate = own.ToX509();
        Assert.Equal(certificate.RawData, server.Tls!.Info!.PeerCertificate.ToArray());
    }

    [Theory]
    [InlineData(TlsVersion.Tls12)]
    [InlineData(TlsVersion.Tls13)]
    public async Task A_client_without_a_certificate_is_refused_and_one_with_it_is_served(TlsVersion version)
    {
        Listening listening = this.Listen(Verifying().ForServer());

        SslPeer peer = await SslPeer.ConnectTo(this, listening.Port);
        Task their = Use(peer, SslPeer.ClientOptions(version));
        IoError error = await (await listening.Next()).Setup.Task.Within();

        Assert.Equal(IoErrorCode.TlsNegotiationFailure, error.Code);
        Assert.Contains("did not return a certificate", error.Detail, StringComparison.Ordinal);
        Assert.StartsWith("TLS handshake with 127.0.0.1:", error.Detail, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<Exception>(() => their.Within());
        SslClientAuthenticationOptions options = SslPeer.ClientOptions(version);
        options.ClientCertificateContext = TlsParts.Localhost.ToSslStreamContext();
        SslPeer next = await SslPeer.ConnectTo(this, listening.Port);
        await next.Authenticate(options).Within();
        await listening.NextReady();
    }

    [Theory]
    [InlineData(TlsVersion.Tls12)]
    [InlineData(TlsVersion.Tls13)]
    public async Task What_a_client_said_before_it_left_without_waiting_arrives(TlsVersion version)
    {
        Listening listening = this.Listen(TlsParts.Server().ForServer());
        for (int i = 0; i < 25; i++)
        {
            // Our server's tickets go out when nobody is there any more.
            SslPeer peer = await SslPeer.ConnectTo(this, listening.Port);
            await peer.Authenticate(SslPeer.ClientOptions(version)).Within();
            await peer.Send("farewell"u8.ToArray()).Within();
            await peer.Stream.ShutdownAsync().Within();
            await peer.Stream.DisposeAsync();

            Dialled server = await listening.NextReady();
            await server.Ended.Task.Within();
            Assert.Equal("farewell", server.App.Text);
        }
    }

    private static TlsContext Verifying() => TlsParts.Server(change: options =>
    {
        options.VerifyPeer = true;
        options.TrustedCertificatesPem = TlsParts.Authority.CertificatePem;
    });

    /// <summary>In TLS 1.3 a client learns of its refusal when it reads.</summary>
    private static async Task Use(SslPeer peer, SslClientAuthenticationOptions options)
    {
        await peer.Authenticate(options);
        int count = await peer.Stream.ReadAsync(new byte[1], TestContext.Current.CancellationToken);
        Assert.Equal(0, count);
    }

    private async Task<(Dialled Server, SslPeer Peer)> Connect(TlsConnectionOptions ours, SslClientAuthenticationOptions options)
    {
        Listening listening = this.Listen(ours);
        SslPeer peer = await SslPeer.ConnectTo(this, listening.Port);
        await peer.Authenticate(options).Within();
        return (await listening.NextReady(), peer);
    }
}

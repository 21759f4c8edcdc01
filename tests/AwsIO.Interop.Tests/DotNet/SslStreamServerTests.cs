using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using AwsIO.Testing;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Interop.Tests.DotNet;

/// <summary>Our client with a server of <see cref="SslStream"/>.</summary>
public sealed class SslStreamServerTests : ConnectionTest
{
    [Theory]
    [InlineData(TlsVersion.Tls12, TestKeyKind.Rsa2048, "TLSv1.2")]
    [InlineData(TlsVersion.Tls12, TestKeyKind.EcdsaP256, "TLSv1.2")]
    [InlineData(TlsVersion.Tls13, TestKeyKind.Rsa2048, "TLSv1.3")]
    [InlineData(TlsVersion.Tls13, TestKeyKind.EcdsaP384, "TLSv1.3")]
    public async Task Large_transfers_cross_and_its_goodbye_ends_the_connection_in_order(TlsVersion version, TestKeyKind kind, string expected)
    {
        byte[] there = Payload.Of(1_200_007, 1);
        byte[] back = Payload.Of(1_500_003, 2);
        TestCertificate certificate = TlsParts.Authority.Issue(new TestCertificateOptions { KeyKind = kind });
        (Dialled client, SslPeer peer) = await Connect(SslPeer.ServerOptions(version, certificate));

        Task<byte[]> receiving = peer.Receive(there.Length);
        Task<IoError> sending = client.App.Send(there);
        await peer.Send(back).Within();
        await client.App.Received(back.Length).Within();
        Assert.Equal(there, await receiving);
        Assert.Equal(IoError.None, await sending.Within());
        Assert.Equal(back, client.App.Bytes);
        Assert.Equal(expected, client.Tls!.Info!.Version);
        await peer.Stream.ShutdownAsync().Within();

        Assert.Equal(IoError.None, await client.Ended.Task.Within());
        Assert.Empty(await peer.Receive(1));
    }

    [Theory]
    [InlineData(TlsVersion.Tls12)]
    [InlineData(TlsVersion.Tls13)]
    public async Task Our_goodbye_reaches_it_behind_all_data(TlsVersion version)
    {
        (Dialled client, SslPeer peer) = await Connect(SslPeer.ServerOptions(version));

        Task<IoError> sending = client.App.Send("the end");
        await client.Channel!.EventLoop.Do(static () => { });
        client.Channel.Shutdown(IoError.None);

        Assert.Equal("the end"u8.ToArray(), await peer.Receive(100));
        Assert.Equal(IoError.None, await sending.Within());
        Assert.Equal(IoError.None, await client.Ended.Task.Within());
    }

    [Theory]
    [InlineData(TlsVersion.Tls12)]
    [InlineData(TlsVersion.Tls13)]
    public async Task Its_socket_closed_without_a_goodbye_is_told_as_cut_off(TlsVersion version)
    {
        (Dialled client, SslPeer peer) = await Connect(SslPeer.ServerOptions(version));
        await client.App.Send("x").Within();
        await peer.Receive(1);

        await peer.Stream.DisposeAsync();
        IoError error = await client.Ended.Task.Within();

        Assert.Equal(IoErrorCode.TlsAlertNotGraceful, error.Code);
        Assert.Contains("without a goodbye", error.Detail, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:", error.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TlsVersion.Tls12)]
    [InlineData(TlsVersion.Tls13)]
    public async Task A_protocol_that_both_know_is_agreed(TlsVersion version)
    {
        SslServerAuthenticationOptions options = SslPeer.ServerOptions(version);
        options.ApplicationProtocols = [new SslApplicationProtocol("other"), SslApplicationProtocol.Http2];
        TlsConnectionOptions ours = TlsParts.Client().Localhosted();
        ours.Alpn = ["http/1.1", "h2"];

        (Dialled client, SslPeer peer) = await Connect(options, ours);

        Assert.Equal("h2", client.Tls!.Info!.Protocol);
        Assert.Equal(SslApplicationProtocol.Http2, peer.Stream.NegotiatedApplicationProtocol);
    }

    [Theory]
    [InlineData(TlsVersion.Tls12)]
    [InlineData(TlsVersion.Tls13)]
    public async Task Its_refusal_of_our_protocols_is_told_as_the_alert_that_it_is(TlsVersion version)
    {
        SslServerAuthenticationOptions options = SslPeer.ServerOptions(version);
        options.ApplicationProtocols = [SslApplicationProtocol.Http2];
        TlsConnectionOptions ours = TlsParts.Client().Localhosted();
        ours.Alpn = ["gopher"];
        Socket listener = this.Listen("127.0.0.1");

        Dialled client = this.Dial(listener.Port(), ours);
        SslPeer peer = await SslPeer.Accept(this, listener);
        await Assert.ThrowsAnyAsync<AuthenticationException>(() => peer.Authenticate(options).Within());
        IoError error = await client.Setup.Task.Within();

        Assert.Equal(IoErrorCode.TlsNegotiationFailure, error.Code);
        Assert.Contains("the peer sent an alert", error.Detail, StringComparison.Ordinal);
        Assert.Contains("no application protocol", error.Detail, StringComparison.Ordinal);
        Assert.StartsWith($"TLS handshake with 127.0.0.1:{listener.Port()}", error.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TlsVersion.Tls12)]
    [InlineData(TlsVersion.Tls13)]
    [Trait("Upstream", "tls_client_channel_negotiation_success_mtls_tls13")]
    public async Task Our_certificate_is_taken(TlsVersion version)
    {
        SslServerAuthenticationOptions options = SslPeer.ServerOptions(version);
        options.ClientCertificateRequired = true;
        TestCertificate own = TlsParts.Authority.Issue(new TestCertificateOptions { CommonName = "our client" });
        TlsContext context = TlsParts.Client(change =>
        {
            change.CertificatePem = own.CertificatePem;
            change.PrivateKeyPem = own.PrivateKeyPem;
        });

        (Dialled client, SslPeer peer) = await Connect(options, context.Localhosted());
        await client.App.Send("known").Within();

        Assert.Equal("known"u8.ToArray(), await peer.Receive(5));
        Assert.Equal("CN=our client", new X509Certificate2(peer.Stream.RemoteCertificate!).Subject);
    }

    [Theory]
    [InlineData(TlsVersion.Tls12)]
    [InlineData(TlsVersion.Tls13)]
    public async Task A_certificate_that_it_misses_ends_the_connection_as_cut_off(TlsVersion version)
    {
        SslServerAuthenticationOptions options = SslPeer.ServerOptions(version);
        options.ClientCertificateRequired = true;
        Socket listener = this.Listen("127.0.0.1");

        Dialled client = this.Dial(listener.Port(), TlsParts.Client().Localhosted());
        SslPeer peer = await SslPeer.Accept(this, listener);
        await Assert.ThrowsAnyAsync<AuthenticationException>(() => peer.Authenticate(options).Within());
        await peer.Stream.DisposeAsync();
        await client.Ready();
        IoError error = await client.Ended.Task.Within();

        // It looks at our certificate when its handshake is over, and hangs up without an alert.
        Assert.Equal(IoErrorCode.TlsAlertNotGraceful, error.Code);
        Assert.StartsWith($"The TLS connection with 127.0.0.1:{listener.Port()}", error.Detail, StringComparison.Ordinal);
        Assert.Contains("without a goodbye", error.Detail, StringComparison.Ordinal);
    }

    private async Task<(Dialled Client, SslPeer Peer)> Connect(SslServerAuthenticationOptions options, TlsConnectionOptions? ours = null)
    {
        Socket listener = this.Listen("127.0.0.1");
        Dialled client = this.Dial(listener.Port(), ours ?? TlsParts.Client().Localhosted());
        SslPeer peer = await SslPeer.Accept(this, listener);
        await peer.Authenticate(options).Within();
        return (await client.Ready(), peer);
    }
}

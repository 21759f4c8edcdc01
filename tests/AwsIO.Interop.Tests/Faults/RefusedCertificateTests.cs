using System.Net.Security;
using AwsIO.Interop.Tests.DotNet;
using AwsIO.Interop.Tests.Infrastructure;
using AwsIO.Interop.Tests.OpenSsl;
using AwsIO.Testing;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Interop.Tests.Faults;

/// <summary>Peers that do not take our certificate, and clients whose certificate our server does not take.</summary>
public sealed class RefusedCertificateTests : ConnectionTest
{
    private readonly TestCertificateAuthority _other = new(new TestCertificateAuthorityOptions { CommonName = "Nobody's Root" });

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _other.Dispose();
    }

    [Theory]
    [InlineData(TlsVersion.Tls12)]
    [InlineData(TlsVersion.Tls13)]
    public async Task Our_server_tells_the_alert_of_an_openssl_client_that_does_not_trust_it(TlsVersion version)
    {
        Listening listening = this.Listen(TlsParts.Server().ForServer());
        PemFiles files = PemFiles.Write(this, authorityPem: _other.CertificatePem);

        ExternalProgram program = OpenSslPrograms.Connect(this, listening.Port, files, Flag(version), "-verify_return_error");
        IoError error = await (await listening.Next()).Setup.Task.Within();

        AssertAlert(error, "unknown ca");
        Assert.NotEqual(0, await program.Exited());
        await GoodClient(listening, version);
    }

    [Theory]
    [InlineData(TlsVersion.Tls12)]
    [InlineData(TlsVersion.Tls13)]
    public async Task An_SslStream_that_does_not_trust_our_server_is_told_as_a_connection_cut_off(TlsVersion version)
    {
        Listening listening = this.Listen(TlsParts.Server().ForServer());

        SslPeer peer = await SslPeer.ConnectTo(this, listening.Port);
        await Assert.ThrowsAnyAsync<System.Security.Authentication.AuthenticationException>(
            () => peer.Authenticate(SslPeer.ClientOptions(version, _other)).Within());
        await peer.Stream.DisposeAsync();
        Dialled server = await listening.Next();
        await server.Ready();
        IoError error = await server.Ended.Task.Within();

        // It looks at our certificate when its handshake is over, and hangs up without an alert. Where it is gone before our tickets
        // have gone out, the kernel tells of a broken connection in place of its end.
        Assert.True(error.Code is IoErrorCode.TlsAlertNotGraceful or IoErrorCode.SocketClosed, error.ToString());
        Assert.Contains(" 127.0.0.1:", error.Detail, StringComparison.Ordinal);
        await GoodClient(listening, version);
    }

    [Theory]
    [InlineData(TlsVersion.Tls12)]
    [InlineData(TlsVersion.Tls13)]
    public async Task Our_client_tells_the_alert_of_an_openssl_server_that_does_not_trust_it(TlsVersion version)
    {
        PemFiles files = PemFiles.Write(this, authorityPem: _other.CertificatePem);
        (ExternalProgram program, int port) = await OpenSslPrograms.Serve(
            this, files, Flag(version), "-Verify", "2", "-verify_return_error", "-CAfile", files.Authority);
        ClientBootstrap bootstrap = new(Group, Resolver);

        Dialled client = this.Dial("127.0.0.1", port, new(WithCertificate(TlsParts.Authority)), bootstrap: bootstrap);
        IoError error = await client.Setup.Task.Within();
        if (version == TlsVersion.Tls12)
        {
            AssertAlert(error, "unknown ca");
        }
        else
        {
            // Our handshake is over before the program has looked at our certificate.
            Assert.Equal(IoError.None, error);
            error = await client.Ended.Task.Within();
            Assert.Equal(IoErrorCode.TlsAlertReceived, error.Code);
            Assert.StartsWith($"Reading from the TLS connection with 127.0.0.1:{port}", error.Detail, StringComparison.Ordinal);
            Assert.Contains("unknown ca", error.Detail, StringComparison.Ordinal);
        }

        await program.Said("certificate verify failed");
        Dialled next = await this.Dial("127.0.0.1", port, new(WithCertificate(_other)), bootstrap: bootstrap).Ready();
        Assert.Equal(IoError.None, await next.App.Send("good\n").Within());
        await program.Said("good\n");
    }

    [Theory]
    [InlineData(Peer.OpenSsl, TlsVersion.Tls12)]
    [InlineData(Peer.OpenSsl, TlsVersion.Tls13)]
    [InlineData(Peer.SslStream, TlsVersion.Tls12)]
    [InlineData(Peer.SslStream, TlsVersion.Tls13)]
    public async Task A_clients_certificate_of_an_unknown_authority_is_refused_by_our_server(Peer peer, TlsVersion version)
    {
        Listening listening = this.Listen(Verifying().ForServer());
        TestCertificate own = _other.Issue(new TestCertificateOptions { CommonName = "stranger" });

        Task told = peer == Peer.OpenSsl ? OpenSslIsRefused() : SslStreamIsRefused();
        IoError error = await (await listening.Next()).Setup.Task.Within();

        Assert.Equal(IoErrorCode.TlsNegotiationFailure, error.Code);
        Assert.StartsWith("TLS handshake with 127.0.0.1:", error.Detail, StringComparison.Ordinal);
        Assert.Contains("the peer's certificate was refused: unable to get local issuer certificate", error.Detail, StringComparison.Ordinal);
        await told.Within();
        await GoodClient(listening, version);

        async Task OpenSslIsRefused()
        {
            PemFiles files = PemFiles.Write(this, own);
            ExternalProgram program = OpenSslPrograms.Connect(
                this, listening.Port, PemFiles.Write(this), Flag(version), "-cert", files.Certificate, "-key", files.Key);
            await program.Said("alert unknown ca");
        }

        async Task SslStreamIsRefused()
        {
            SslClientAuthenticationOptions options = SslPeer.ClientOptions(version);
            options.ClientCertificateContext = own.ToSslStreamContext();
            SslPeer stranger = await SslPeer.ConnectTo(this, listening.Port);
            Exception exception = await Assert.ThrowsAnyAsync<Exception>(async () =>
            {
                await stranger.Authenticate(options);
                _ = await stranger.Stream.ReadAsync(new byte[1], TestContext.Current.CancellationToken);
            });
            Assert.Contains("unknown ca", exception.ToString(), StringComparison.Ordinal);
        }
    }

    private static string Flag(TlsVersion version) => version == TlsVersion.Tls12 ? "-tls1_2" : "-tls1_3";

    private static void AssertAlert(IoError error, string alert)
    {
        Assert.Equal(IoErrorCode.TlsNegotiationFailure, error.Code);
        Assert.StartsWith("TLS handshake with 127.0.0.1:", error.Detail, StringComparison.Ordinal);
        Assert.Contains("the peer sent an alert", error.Detail, StringComparison.Ordinal);
        Assert.Contains(alert, error.Detail, StringComparison.Ordinal);
    }

    private static TlsContext WithCertificate(TestCertificateAuthority authority) => TlsParts.Client(options =>
    {
        TestCertificate own = authority.Issue();
        options.CertificatePem = own.CertificatePem;
        options.PrivateKeyPem = own.PrivateKeyPem;
    });

    private static TlsContext Verifying() => TlsParts.Server(change: options =>
    {
        options.VerifyPeer = true;
        options.TrustedCertificatesPem = TlsParts.Authority.CertificatePem;
    });

    private async Task GoodClient(Listening listening, TlsVersion version)
    {
        PemFiles files = PemFiles.Write(this);
        ExternalProgram program = OpenSslPrograms.Connect(
            this, listening.Port, files, Flag(version), "-cert", files.Certificate, "-key", files.Key);
        Dialled server = await listening.NextReady();
        Assert.Equal(IoError.None, await server.App.Send("good\n").Within());
        await program.Said("good\n");
    }
}

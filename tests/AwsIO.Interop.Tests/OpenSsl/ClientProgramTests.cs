using AwsIO.Interop.Tests.Infrastructure;
using AwsIO.Testing;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Interop.Tests.OpenSsl;

/// <summary>Our server with <c>openssl s_client</c>.</summary>
public sealed class ClientProgramTests : ConnectionTest
{
    [Theory]
    [InlineData("-tls1_2", TestKeyKind.Rsa2048)]
    [InlineData("-tls1_2", TestKeyKind.EcdsaP256)]
    [InlineData("-tls1_3", TestKeyKind.Rsa2048)]
    [InlineData("-tls1_3", TestKeyKind.EcdsaP521)]
    [Trait("Upstream", "tls_certificate_chain_test")]
    public async Task Data_goes_both_ways_and_goodbyes_are_understood(string version, TestKeyKind kind)
    {
        TlsContext context = TlsParts.Server(TlsParts.Authority.Issue(new TestCertificateOptions { KeyKind = kind, Intermediates = 1 }));
        Listening listening = this.Listen(context.ForServer());

        ExternalProgram program = Connect(listening.Port, version, "-verify_return_error", "-verify_hostname", "localhost");
        Dialled server = await listening.NextReady();
        await program.Said("Verify return code: 0 (ok)");
        await program.Type("from them\n");
        await server.App.Received(10).Within();
        await server.App.Send("from us\n").Within();
        await program.Said("from us");
        await program.Type("Q\n");

        Assert.Equal(IoError.None, await server.Ended.Task.Within());
        Assert.Equal("from them\n", server.App.Text);
        Assert.Equal(0, await program.Exited());
    }

    [Fact]
    public async Task Our_goodbye_ends_the_program_in_order()
    {
        Listening listening = this.Listen(TlsParts.Server().ForServer());
        ExternalProgram program = Connect(listening.Port, "-tls1_3");
        Dialled server = await listening.NextReady();
        await server.App.Send("the end\n").Within();

        server.Channel!.Shutdown(IoError.None);
        await server.Ended.Task.Within();

        Assert.Equal(0, await program.Exited());
        Assert.Contains("the end", program.Output, StringComparison.Ordinal);
        Assert.Contains("closed", program.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("unexpected eof", program.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task We_see_its_server_name_and_protocols()
    {
        TlsConnectionOptions options = TlsParts.Server().ForServer();
        options.Alpn = ["h2", "http/1.1"];
        Listening listening = this.Listen(options);

        ExternalProgram program = Connect(listening.Port, "-servername", "some.name.test", "-alpn", "x,http/1.1,h2");
        Dialled server = await listening.NextReady();

        Assert.Equal("some.name.test", server.Tls!.Info!.ServerName);
        Assert.Equal("h2", server.Tls.Info.Protocol);
        await program.Said("ALPN protocol: h2");
    }

    [Theory]
    [InlineData("K")]
    [InlineData("k")]
    public async Task Keys_may_be_updated_at_any_time(string command)
    {
        Listening listening = this.Listen(TlsParts.Server().ForServer());
        ExternalProgram program = Connect(listening.Port, "-tls1_3");
        Dialled server = await listening.NextReady();
        for (int i = 0; i < 3; i++)
        {
            await program.Type($"{command}\n");
            await program.Said("KEYUPDATE", i + 1);
            await program.Type($"theirs {i}\n");
            await server.App.Received(9 * (i + 1)).Within();
            await server.App.Send($"ours {i}\n").Within();
            await program.Said($"ours {i}");
        }

        Assert.Equal("theirs 0\ntheirs 1\ntheirs 2\n", server.App.Text);
    }

    [Fact]
    public async Task Renegotiation_is_refused_and_others_are_served()
    {
        Listening listening = this.Listen(TlsParts.Server().ForServer());
        ExternalProgram program = Connect(listening.Port, "-tls1_2");
        Dialled server = await listening.NextReady();
        string suite = server.Tls!.Info!.CipherSuite;

        await program.Type("R\n");
        await program.Said("RENEGOTIATING");
        await program.Said("no renegotiation");
        await server.Ended.Task.Within();
        Dialled other = await this.Dial("127.0.0.1", listening.Port, new(TlsParts.Client())).Ready();

        Assert.Equal(suite, server.Tls.Info.CipherSuite);
        Assert.True(other.Tls!.IsNegotiated);
    }

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task A_client_with_a_certificate_may_come_back_with_its_session(string version)
    {
        PemFiles files = PemFiles.Write(this);
        string session = files.Key + ".session";
        using TlsContext context = TlsParts.Server(change: options =>
        {
            options.VerifyPeer = true;
            options.TrustedCertificatesPem = TlsParts.Authority.CertificatePem;
        });
        Listening listening = this.Listen(context.ForServer());
        string[] own = [version, "-cert", files.Certificate, "-key", files.Key];

        ExternalProgram first = Connect(listening.Port, [.. own, "-sess_out", session]);
        Dialled server = await listening.NextReady();
        await server.App.Send("hello\n").Within();
        await first.Said("hello");
        await first.Type("Q\n");
        Assert.Equal(0, await first.Exited());
        Assert.True(File.Exists(session), first.Output);
        ExternalProgram second = Connect(listening.Port, [.. own, "-sess_in", session]);
        Dialled again = await listening.NextReady();
        await again.App.Send("welcome back\n").Within();
        await second.Said("welcome back");

        Assert.False(again.Tls!.Info!.PeerCertificate.IsEmpty);
    }

    [Fact]
    public async Task A_client_without_a_certificate_is_refused()
    {
        using TlsContext context = TlsParts.Server(change: options =>
        {
            options.VerifyPeer = true;
            options.TrustedCertificatesPem = TlsParts.Authority.CertificatePem;
        });
        Listening listening = this.Listen(context.ForServer());

        ExternalProgram program = Connect(listening.Port, "-tls1_3");
        IoError error = await (await listening.Next()).Setup.Task.Within();

        Assert.Equal(IoErrorCode.TlsNegotiationFailure, error.Code);
        Assert.Contains("did not return a certificate", error.Detail, StringComparison.Ordinal);
        await program.Said("certificate required");
    }

    [Theory]
    [InlineData("-tls1")]
    [InlineData("-tls1_1")]
    public async Task A_client_that_is_too_old_is_refused(string version)
    {
        Listening listening = this.Listen(TlsParts.Server().ForServer());

        ExternalProgram program = Connect(listening.Port, version, "-cipher", "ALL:@SECLEVEL=0");
        IoError error = await (await listening.Next()).Setup.Task.Within();

        Assert.Equal(IoErrorCode.TlsNegotiationFailure, error.Code);
        Assert.Contains("unsupported protocol", error.Detail, StringComparison.Ordinal);
        await program.Said("alert protocol version");
    }

    [Fact]
    public async Task A_program_that_is_killed_is_noticed_as_a_cut_connection()
    {
        Listening listening = this.Listen(TlsParts.Server().ForServer());
        ExternalProgram program = Connect(listening.Port);
        Dialled server = await listening.NextReady();
        await program.Said("Verify return code");

        program.Kill();
        IoError error = await server.Ended.Task.Within();

        Assert.True(error.Code is IoErrorCode.TlsAlertNotGraceful or IoErrorCode.SocketClosed, error.ToString());
    }

    private ExternalProgram Connect(int port, params string[] more) =>
        OpenSslPrograms.Connect(this, port, PemFiles.Write(this), more);
}

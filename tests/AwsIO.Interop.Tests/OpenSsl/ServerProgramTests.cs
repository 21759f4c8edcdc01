using AwsIO.Interop.Tests.Infrastructure;
using AwsIO.Testing;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Interop.Tests.OpenSsl;

/// <summary>Our client with <c>openssl s_server</c>.</summary>
public sealed class ServerProgramTests : ConnectionTest
{
    [Theory]
    [InlineData("-tls1_2", TestKeyKind.Rsa2048, "TLSv1.2")]
    [InlineData("-tls1_2", TestKeyKind.EcdsaP256, "TLSv1.2")]
    [InlineData("-tls1_3", TestKeyKind.Rsa2048, "TLSv1.3")]
    [InlineData("-tls1_3", TestKeyKind.EcdsaP384, "TLSv1.3")]
    [Trait("Upstream", "tls_client_channel_negotiation_success_tls12")]
    [Trait("Upstream", "tls_client_channel_negotiation_success_sha256")]
    [Trait("Upstream", "tls_client_channel_negotiation_success_rsa2048")]
    [Trait("Upstream", "tls_client_channel_negotiation_success_ecc256")]
    [Trait("Upstream", "tls_client_channel_negotiation_success_ecc384")]
    public async Task Data_goes_both_ways_and_a_missing_goodbye_is_noticed(string version, TestKeyKind kind, string expected)
    {
        (ExternalProgram program, int port) = await Serve(
            PemFiles.Write(this, TlsParts.Authority.Issue(new TestCertificateOptions { KeyKind = kind })), version);

        Dialled client = await this.Dial("localhost", port, new(TlsParts.Client()), resolver: new FixedResolver("127.0.0.1")).Ready();
        await client.App.Send("from us\n").Within();
        await program.Said("from us");
        await program.Type("from them\n");
        await client.App.Received(10).Within();
        await program.Type("Q\n");

        Assert.Equal("from them\n", client.App.Text);
        Assert.Equal(expected, client.Tls!.Info!.Version);

        // This command closes the socket and says nothing before it.
        Assert.Equal(IoErrorCode.TlsAlertNotGraceful, (await client.Ended.Task.Within()).Code);
        Assert.Equal(0, await program.Exited());
    }

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task A_page_and_the_goodbye_behind_it_are_understood(string version)
    {
        (_, int port) = await Serve(PemFiles.Write(this), version, "-www");
        Dialled client = await this.Dial("127.0.0.1", port, new(TlsParts.Client())).Ready();

        await client.App.Send("GET / HTTP/1.0\r\n\r\n").Within();
        IoError end = await client.Ended.Task.Within();

        Assert.Equal(IoError.None, end);
        Assert.StartsWith("HTTP/1.0 200", client.App.Text, StringComparison.Ordinal);
        Assert.EndsWith("</HTML>\r\n\r\n", client.App.Text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Our_goodbye_ends_the_program_in_order()
    {
        (ExternalProgram program, int port) = await Serve(PemFiles.Write(this));
        Dialled client = await this.Dial("localhost", port, new(TlsParts.Client()), resolver: new FixedResolver("127.0.0.1")).Ready();

        client.Channel!.Shutdown(IoError.None);
        await client.Ended.Task.Within();
        string output = await program.Said("CONNECTION CLOSED");

        Assert.DoesNotContain("unexpected eof", output, StringComparison.Ordinal);
        Assert.Contains("DONE", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_program_sees_our_protocols_and_chooses()
    {
        (ExternalProgram program, int port) = await Serve(PemFiles.Write(this), "-alpn", "spdy/9,h2");
        TlsConnectionOptions options = TlsParts.Client().Localhosted();
        options.Alpn = ["http/1.1", "h2"];

        Dialled client = await this.Dial("127.0.0.1", port, options).Ready();
        string output = await program.Said("ALPN protocols selected: h2");

        Assert.Contains("http/1.1, h2", output, StringComparison.Ordinal);
        Assert.Equal("h2", client.Tls!.Info!.Protocol);
    }

    [Fact]
    public async Task The_program_sees_our_server_name()
    {
        PemFiles files = PemFiles.Write(this);
        (ExternalProgram program, int port) = await Serve(
            files, "-servername", "localhost", "-cert2", files.Certificate, "-key2", files.Key);

        await this.Dial("127.0.0.1", port, TlsParts.Client().Localhosted()).Ready();

        Assert.Contains("localhost", await program.Said("Hostname in TLS extension: \"localhost\""), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    [Trait("Upstream", "tls_client_channel_negotiation_success_mtls_tls13")]
    public async Task A_client_certificate_is_taken(string version)
    {
        PemFiles files = PemFiles.Write(this);
        (ExternalProgram program, int port) = await Serve(files, version, "-Verify", "2", "-verify_return_error", "-CAfile", files.Authority);
        using TlsContext context = TlsParts.Client(options =>
        {
            TestCertificate own = TlsParts.Authority.Issue(new TestCertificateOptions { CommonName = "our client" });
            options.CertificatePem = own.CertificatePem;
            options.PrivateKeyPem = own.PrivateKeyPem;
        });

        Dialled client = await this.Dial("127.0.0.1", port, new(context)).Ready();
        await client.App.Send("known\n").Within();
        string output = await program.Said("known");

        Assert.Contains("CN = our client", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_certificate_that_is_missing_is_refused()
    {
        PemFiles files = PemFiles.Write(this);
        (_, int port) = await Serve(files, "-tls1_3", "-Verify", "2", "-CAfile", files.Authority);

        // In TLS 1.3 our end is done before the program has looked.
        Dialled client = await this.Dial("127.0.0.1", port, new(TlsParts.Client())).Ready();
        IoError error = await client.Ended.Task.Within();

        Assert.Equal(IoErrorCode.TlsAlertReceived, error.Code);
        Assert.Contains("certificate required", error.Detail, StringComparison.Ordinal);
        Assert.Contains($"127.0.0.1:{port}", error.Detail, StringComparison.Ordinal);
        Assert.Equal(0, client.App.ReadEnd.Count);
    }

    [Theory]
    [InlineData("K")]
    [InlineData("k")]
    public async Task Keys_may_be_updated_at_any_time(string command)
    {
        (ExternalProgram program, int port) = await Serve(PemFiles.Write(this), "-tls1_3");
        Dialled client = await this.Dial("127.0.0.1", port, new(TlsParts.Client())).Ready();
        for (int i = 0; i < 3; i++)
        {
            await client.App.Send($"before {i}\n").Within();
            await program.Said($"before {i}");
            await program.Type($"{command}\n");
            await program.Said("SSL_do_handshake -> 1", i + 1);
            await program.Type($"after {i}\n");
            await client.App.Received(8 * (i + 1)).Within();
            await client.App.Send($"beyond {i}\n").Within();
            await program.Said($"beyond {i}");
        }

        Assert.Equal("after 0\nafter 1\nafter 2\n", client.App.Text);
    }

    [Theory]
    [InlineData("r")]
    [InlineData("R")]
    public async Task Renegotiation_is_refused_and_the_connection_goes_on_or_ends_in_order(string command)
    {
        (ExternalProgram program, int port) = await Serve(PemFiles.Write(this), "-tls1_2");
        Dialled client = await this.Dial("127.0.0.1", port, new(TlsParts.Client())).Ready();
        string suite = client.Tls!.Info!.CipherSuite;

        await program.Type($"{command}\n");
        try
        {
            await program.Type("and on\n");
        }
        catch (IOException)
        {
            // It may have ended by now, which is one of the two outcomes.
        }

        Task got = client.App.Received(7);
        Task first = await Task.WhenAny(got, client.Ended.Task).Within();

        Assert.Equal(suite, client.Tls.Info.CipherSuite);
        if (first == got)
        {
            Assert.Equal("and on\n", client.App.Text);
        }
        else
        {
            Assert.NotEqual(IoErrorCode.Unknown, (await client.Ended.Task).Code);
        }
    }

    [Fact]
    [Trait("Upstream", "tls_client_channel_negotiation_success_mozilla_modern")]
    public async Task A_server_with_modern_suites_only_is_spoken_to()
    {
        (ExternalProgram program, int port) = await Serve(
            PemFiles.Write(this),
            "-tls1_2",
            "-cipher",
            "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256");

        Dialled client = await this.Dial("127.0.0.1", port, new(TlsParts.Client())).Ready();
        await client.App.Send("modern\n").Within();
        await program.Said("modern");

        Assert.StartsWith("ECDHE-", client.Tls!.Info!.CipherSuite, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-tls1")]
    [InlineData("-tls1_1")]
    [Trait("Upstream", "tls_client_channel_negotiation_error_legacy_crypto_tls10")]
    [Trait("Upstream", "tls_client_channel_negotiation_error_override_legacy_crypto_tls11")]
    public async Task A_server_that_is_too_old_is_refused(string version)
    {
        (_, int port) = await Serve(PemFiles.Write(this), version, "-cipher", "ALL:@SECLEVEL=0");

        Dialled client = this.Dial("127.0.0.1", port, new(TlsParts.Client()));
        IoError error = await client.Setup.Task.Within();

        Assert.Equal(IoErrorCode.TlsNegotiationFailure, error.Code);
        Assert.Contains("version", error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Upstream", "tls_client_channel_negotiation_failure_tls13_to_tls12_server")]
    public async Task A_server_of_TLS_1_2_is_refused_by_a_client_that_wants_1_3()
    {
        (ExternalProgram program, int port) = await Serve(PemFiles.Write(this), "-tls1_2");

        Dialled client = this.Dial("127.0.0.1", port, new(TlsParts.Client(options => options.MinimumVersion = TlsVersion.Tls13)));
        IoError error = await client.Setup.Task.Within();

        Assert.Equal(IoErrorCode.TlsNegotiationFailure, error.Code);
        Assert.StartsWith($"TLS handshake with 127.0.0.1:{port}", error.Detail, StringComparison.Ordinal);
        Assert.Contains("alert protocol version", error.Detail, StringComparison.Ordinal);
        await program.Said("unsupported protocol");
    }

    [Theory]
    [InlineData(TestKeyKind.Rsa2048, "SHA384")]
    [InlineData(TestKeyKind.EcdsaP256, "SHA384")]
    [InlineData(TestKeyKind.Rsa2048, "SHA512")]
    [InlineData(TestKeyKind.EcdsaP256, "SHA512")]
    [Trait("Upstream", "tls_client_channel_negotiation_success_sha384")]
    [Trait("Upstream", "tls_client_channel_negotiation_success_sha512")]
    public async Task A_certificate_that_is_signed_with_a_longer_hash_is_taken(TestKeyKind kind, string hash)
    {
        TestCertificate certificate = TlsParts.Authority.Issue(
            new TestCertificateOptions { KeyKind = kind, Hash = new System.Security.Cryptography.HashAlgorithmName(hash) });
        (ExternalProgram program, int port) = await Serve(PemFiles.Write(this, certificate));

        Dialled client = await this.Dial("127.0.0.1", port, new(TlsParts.Client())).Ready();
        await client.App.Send("known\n").Within();
        await program.Said("known");

        Assert.True(client.Tls!.IsNegotiated);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Upstream", "tls_client_channel_negotiation_success_no_verify_incomplete_chain")]
    public async Task A_chain_without_its_middle_is_taken_only_by_a_client_that_does_not_look(bool verifies)
    {
        // The program sends the first certificate of the file alone.
        PemFiles files = PemFiles.Write(this, TlsParts.Authority.Issue(new TestCertificateOptions { Intermediates = 1 }));
        (_, int port) = await Serve(files);

        Dialled client = this.Dial("127.0.0.1", port, new(TlsParts.Client(options => options.VerifyPeer = verifies)));
        IoError error = await client.Setup.Task.Within();

        Assert.Equal(verifies ? IoErrorCode.TlsNegotiationFailure : IoErrorCode.Success, error.Code);
        Assert.Equal(verifies, error.Detail?.Contains("unable to get local issuer certificate", StringComparison.Ordinal) ?? false);
    }

    [Fact]
    [Trait("Upstream", "tls_certificate_chain_test")]
    public async Task A_whole_chain_is_taken()
    {
        PemFiles files = PemFiles.Write(this, TlsParts.Authority.Issue(new TestCertificateOptions { Intermediates = 2 }));
        (ExternalProgram program, int port) = await Serve(files, "-cert_chain", files.Certificate);

        Dialled client = await this.Dial("127.0.0.1", port, new(TlsParts.Client())).Ready();
        await client.App.Send("known\n").Within();

        await program.Said("known");
    }

    [Fact]
    public async Task A_program_that_is_killed_is_noticed_as_a_cut_connection()
    {
        (ExternalProgram program, int port) = await Serve(PemFiles.Write(this));
        Dialled client = await this.Dial("127.0.0.1", port, new(TlsParts.Client())).Ready();
        await client.App.Send("hello\n").Within();
        await program.Said("hello");

        program.Kill();
        IoError error = await client.Ended.Task.Within();

        Assert.True(error.Code is IoErrorCode.TlsAlertNotGraceful or IoErrorCode.SocketClosed, error.ToString());
    }

    private Task<(ExternalProgram Program, int Port)> Serve(PemFiles files, params string[] more) =>
        OpenSslPrograms.Serve(this, files, ["-naccept", "1", .. more]);
}

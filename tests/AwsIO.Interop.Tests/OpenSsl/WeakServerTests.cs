using AwsIO.Interop.Tests.Infrastructure;
using AwsIO.Testing;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Interop.Tests.OpenSsl;

/// <summary>
/// Servers of <c>openssl s_server</c> that have nothing but what is weak or too old. Each serves <c>openssl s_client</c>, which is not
/// so choosy, before it is tried with ours: so it is our choice that no connection comes about.
/// </summary>
public sealed class WeakServerTests : ConnectionTest
{
    private const string Dhe = "DHE-RSA-AES128-GCM-SHA256";

    // The second Oakley group (RFC 2409). Less than its 1024 bits OpenSSL does not serve, whatever the security level.
    private const string Group1024 = """
        -----BEGIN DH PARAMETERS-----
        MIGHAoGBAP//////////yQ/aoiFowjTExmKLgNwc0SkCTgiKZ8x0Agu+pjsTmyJR
        Sgh5jjQE3e+VGbPNOkMbMCsKbfJfFDdP4TVtbVHCReSFtXZiXn7G9ExC6aY37WsL
        /1y29Aa37e44a/taiZ+lrp8kEXxLH+ZJKGZR7OZTgf//////////AgEC
        -----END DH PARAMETERS-----

        """;

    [Theory]
    [InlineData(1024, 0)]
    [InlineData(2048, 2)]
    [Trait("Upstream", "tls_client_channel_negotiation_error_broken_crypto_dh1024")]
    [Trait("Upstream", "tls_client_channel_negotiation_error_legacy_crypto_dh2048")]
    public async Task A_server_with_DHE_only_is_refused_whatever_its_group(int bits, int level)
    {
        // The certificate itself is good.
        PemFiles files = PemFiles.Write(this, TlsParts.Authority.Issue(new TestCertificateOptions { KeyKind = TestKeyKind.Rsa2048 }));
        string group = Places.Path(this, "group.pem");
        await File.WriteAllTextAsync(group, Group1024, TestContext.Current.CancellationToken);
        string[] parameters = bits == 1024 ? ["-dhparam", group] : [];
        string suite = FormattableString.Invariant($"{Dhe}:@SECLEVEL={level}");

        (ExternalProgram program, int port) = await OpenSslPrograms.Serve(
            this, files, ["-tls1_2", "-cipher", suite, .. parameters]);

        await IsServed(port, files, FormattableString.Invariant($"Server Temp Key: DH, {bits} bits"), "-tls1_2", "-cipher", $"{Dhe}:@SECLEVEL=0");
        await IsRefused(program, port, "no shared cipher");
    }

    [Theory]
    [InlineData("NULL-SHA256")]
    [InlineData("ECDHE-RSA-NULL-SHA")]
    [InlineData("AECDH-AES128-SHA")]
    [InlineData("ADH-AES128-GCM-SHA256")]
    [InlineData("AES128-CCM")]
    [InlineData("DHE-RSA-AES256-SHA")]
    [InlineData("CAMELLIA128-SHA")]
    [Trait("Upstream", "tls_client_channel_negotiation_error_broken_crypto_null")]
    public async Task A_server_with_a_suite_that_we_do_not_have_is_refused(string suite)
    {
        PemFiles files = PemFiles.Write(this, TlsParts.Authority.Issue(new TestCertificateOptions { KeyKind = TestKeyKind.Rsa2048 }));
        string own = $"{suite}:@SECLEVEL=0";

        (ExternalProgram program, int port) = await OpenSslPrograms.Serve(this, files, "-tls1_2", "-cipher", own);

        await IsServed(port, files, $"Cipher is {suite}", "-tls1_2", "-cipher", own);
        await IsRefused(program, port, "no shared cipher");
    }

    [Fact]
    public async Task A_server_that_signs_with_SHA_1_only_is_refused()
    {
        PemFiles files = PemFiles.Write(this, TlsParts.Authority.Issue(new TestCertificateOptions { KeyKind = TestKeyKind.Rsa2048 }));
        const string suite = "ECDHE-RSA-AES128-SHA:@SECLEVEL=0";

        (ExternalProgram program, int port) = await OpenSslPrograms.Serve(
            this, files, "-tls1_2", "-cipher", suite, "-sigalgs", "RSA+SHA1");

        await IsServed(
            port, files, "Peer signing digest: SHA1", "-tls1_2", "-cipher", suite, "-sigalgs", "RSA+SHA1:RSA+SHA256");
        await IsRefused(program, port, "no shared signature algorithms");
    }

    [Theory]
    [InlineData(1024)]
    [InlineData(1536)]
    public async Task A_certificate_with_a_short_key_is_refused(int bits)
    {
        using System.Security.Cryptography.RSA key = System.Security.Cryptography.RSA.Create(bits);
        OddCertificate odd = OddCertificate.Issue("CN=localhost", key);
        PemFiles files = PemFiles.Write(this, odd.CertificatePem, odd.PrivateKeyPem, odd.RootPem);
        const string suite = "ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0";
        (ExternalProgram program, int port) = await OpenSslPrograms.Serve(this, files, "-tls1_2", "-cipher", suite);

        await IsServed(port, files, FormattableString.Invariant($"Server public key is {bits} bit"), "-tls1_2", "-cipher", suite);
        Dialled client = this.Dial("localhost", port, odd.Client().Localhosted(), resolver: new FixedResolver("127.0.0.1"));
        IoError error = await client.Setup.Task.Within();

        Assert.Equal(IoErrorCode.TlsNegotiationFailure, error.Code);
        Assert.StartsWith($"TLS handshake with 127.0.0.1:{port}", error.Detail, StringComparison.Ordinal);
        Assert.Contains("key too weak", error.Detail, StringComparison.Ordinal);
        await program.Said("alert");
    }

    /// <summary>The server is in order: a client that takes such things is served.</summary>
    private async Task IsServed(int port, PemFiles files, string evidence, params string[] more)
    {
        ExternalProgram program = OpenSslPrograms.Connect(this, port, files, more);
        await program.Said(evidence);
        await program.Type("Q\n");
        Assert.Equal(0, await program.Exited());
    }

    private async Task IsRefused(ExternalProgram server, int port, string reason)
    {
        Dialled client = this.Dial("127.0.0.1", port, new(TlsParts.Client()));
        IoError error = await client.Setup.Task.Within();

        Assert.Equal(IoErrorCode.TlsNegotiationFailure, error.Code);
        Assert.StartsWith($"TLS handshake with 127.0.0.1:{port} (server name 127.0.0.1) failed: ", error.Detail, StringComparison.Ordinal);
        Assert.Contains("handshake failure", error.Detail, StringComparison.Ordinal);
        await server.Said(reason);
    }
}

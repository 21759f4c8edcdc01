using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Tls;

/// <summary>What is offered and accepted, whatever the system's own configuration of OpenSSL says.</summary>
public sealed class CipherSuiteTests : ConnectionTest
{
    private const string KeyBitsVariable = "AWSIO_TEST_KEY_BITS";
    private const string AcceptedVariable = "AWSIO_TEST_ACCEPTED";

    // ECDHE with GCM, with ChaCha20, with CBC, and last what has no forward secrecy.
    private static readonly ushort[] s_tls12 =
    [
        0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8, 0xC023, 0xC027, 0xC024, 0xC028, 0xC009, 0xC013, 0xC00A, 0xC014,
        0x009C, 0x009D, 0x003C, 0x003D, 0x002F, 0x0035,
    ];

    [Fact]
    public async Task A_client_of_TLS_1_2_offers_exactly_the_suites_that_are_allowed()
    {
        const ushort renegotiationInfo = 0x00FF;

        ushort[] offered = await Offered(TlsVersion.Tls12);

        Assert.Equal(s_tls12, offered.Where(static suite => suite != renegotiationInfo));
    }

    [Fact]
    public async Task A_client_of_both_versions_offers_those_of_TLS_1_3_first()
    {
        ushort[] offered = await Offered(TlsVersion.SystemDefault);

        Assert.Equal(new ushort[] { 0x1301, 0x1302, 0x1303 }, offered[..3].Order());
        Assert.Equal(s_tls12, offered[3..].Where(s_tls12.Contains));
        Assert.DoesNotContain((ushort)0x009E, offered);
        Assert.DoesNotContain((ushort)0x000A, offered);
    }

    [Theory]
    [InlineData(0, 1024, false)]
    [InlineData(1, 1024, false)]
    [InlineData(1, 2048, true)]
    [InlineData(3, 2048, false)]
    [InlineData(3, 3072, true)]
    public async Task A_systems_security_level_counts_only_where_it_is_stricter(int level, int bits, bool accepted)
    {
        string file = Path.GetTempFileName();
        After(() => File.Delete(file));
        await File.WriteAllTextAsync(
            file,
            $"""
            openssl_conf = init
            [init]
            ssl_conf = ssl
            [ssl]
            system_default = default
            [default]
            CipherString = DEFAULT:@SECLEVEL={level}

            """,
            TestContext.Current.CancellationToken);

        string output = await Child(file, bits, accepted);

        Assert.Contains("Total: 1", output, StringComparison.Ordinal);
        Assert.Contains("Failed: 0", output, StringComparison.Ordinal);
    }

    /// <summary>The part of the other process, whose OpenSSL has another configuration.</summary>
    [Fact(Explicit = true)]
    public void Server_of_another_process()
    {
        int bits = int.Parse(Environment.GetEnvironmentVariable(KeyBitsVariable)!, System.Globalization.CultureInfo.InvariantCulture);
        using RSA key = RSA.Create(bits);
        OddCertificate certificate = OddCertificate.Issue("CN=localhost", key);

        IoResult<TlsContext> made = TlsContext.CreateServer(
            new TlsContextOptions { CertificatePem = certificate.CertificatePem, PrivateKeyPem = certificate.PrivateKeyPem });

        Assert.Equal(bool.Parse(Environment.GetEnvironmentVariable(AcceptedVariable)!), made.IsSuccess);
        if (!made.IsSuccess)
        {
            Assert.Equal(IoErrorCode.TlsContextError, made.Error.Code);
            Assert.Contains("key too small", made.Error.Detail, StringComparison.Ordinal);
        }
    }

    private static async Task<string> Child(string configuration, int bits, bool accepted)
    {
        string program = Path.Combine(AppContext.BaseDirectory, typeof(CipherSuiteTests).Assembly.GetName().Name!);
        Assert.SkipUnless(File.Exists(program), "The test program cannot be started by itself here.");
        ProcessStartInfo start = new(program)
        {
            ArgumentList =
            {
                "-noColor", "-explicit", "only", "-method", $"{typeof(CipherSuiteTests).FullName}.{nameof(Server_of_another_process)}",
            },
            RedirectStandardOutput = true,
            Environment =
            {
                ["OPENSSL_CONF"] = configuration,
                [KeyBitsVariable] = bits.ToString(System.Globalization.CultureInfo.InvariantCulture),
                [AcceptedVariable] = accepted.ToString(),
            },
        };
        using Process process = Process.Start(start)!;
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).Within();
            return await output.Within();
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>The suites in a client's first message, in their order.</summary>
    private async Task<ushort[]> Offered(TlsVersion version)
    {
        using TlsContext client = TlsParts.Client(options => options.MaximumVersion = version);
        WirePair pair = await WirePair.Create(this, client.Localhosted(), null);
        await pair.Start();
        await pair.Server.App.Received(100).Within();

        // Behind the record's header (5), the message's (4), the version (2) and the random (32) stands the session's id.
        byte[] hello = pair.Server.App.Bytes;
        int suites = 43 + 1 + hello[43];
        int length = BinaryPrimitives.ReadUInt16BigEndian(hello.AsSpan(suites));
        return [.. Enumerable.Range(0, length / 2).Select(i => BinaryPrimitives.ReadUInt16BigEndian(hello.AsSpan(suites + 2 + (2 * i))))];
    }
}

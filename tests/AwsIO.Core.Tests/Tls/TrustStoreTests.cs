using System.Diagnostics;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Tls;

/// <summary>The system's trusted certificates, which OpenSSL finds by its environment: so each test is a process of its own.</summary>
public sealed class TrustStoreTests : ConnectionTest
{
    private const string PortVariable = "AWSIO_TEST_PORT";
    private const string ExpectedVariable = "AWSIO_TEST_EXPECTED";

    [Fact]
    [Trait("Upstream", "tls_client_channel_negotiation_success")]
    public async Task An_authority_of_the_systems_file_is_trusted()
    {
        string file = Path.GetTempFileName();
        After(() => File.Delete(file));
        await File.WriteAllTextAsync(file, TlsParts.Authority.CertificatePem, TestContext.Current.CancellationToken);

        string output = await ClientProcess("Success", ("SSL_CERT_FILE", file), ("SSL_CERT_DIR", "/nonexistent"));

        Assert.Contains("Failed: 0", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_authority_that_the_system_does_not_know_is_refused()
    {
        string file = Path.GetTempFileName();
        After(() => File.Delete(file));
        using Testing.TestCertificateAuthority other = new();
        await File.WriteAllTextAsync(file, other.CertificatePem, TestContext.Current.CancellationToken);

        string output = await ClientProcess("TlsNegotiationFailure", ("SSL_CERT_FILE", file), ("SSL_CERT_DIR", "/nonexistent"));

        Assert.Contains("Failed: 0", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_system_without_trusted_certificates_is_named_as_the_fault()
    {
        string output = await ClientProcess(
            "TlsDefaultTrustStoreNotFound", ("SSL_CERT_FILE", "/nonexistent/file.pem"), ("SSL_CERT_DIR", "/nonexistent"));

        Assert.Contains("Failed: 0", output, StringComparison.Ordinal);
    }

    /// <summary>The part of the other process.</summary>
    [Fact(Explicit = true)]
    public async Task Client_of_another_process()
    {
        int port = int.Parse(Environment.GetEnvironmentVariable(PortVariable)!, System.Globalization.CultureInfo.InvariantCulture);
        IoErrorCode expected = Enum.Parse<IoErrorCode>(Environment.GetEnvironmentVariable(ExpectedVariable)!);
        IoResult<TlsContext> context = TlsContext.CreateClient(new TlsContextOptions());
        if (expected == IoErrorCode.TlsDefaultTrustStoreNotFound)
        {
            Assert.Equal(expected, context.Error.Code);
            return;
        }

        Assert.True(context.IsSuccess, context.Error.ToString());
        Dialled client = this.Dial("localhost", port, new(context.Value), resolver: new FixedResolver("127.0.0.1"));
        Assert.Equal(expected, (await client.Setup.Task.Within()).Code);
    }

    private async Task<string> ClientProcess(string expected, params (string Name, string Value)[] environment)
    {
        string program = Path.Combine(AppContext.BaseDirectory, typeof(TrustStoreTests).Assembly.GetName().Name!);
        Assert.SkipUnless(File.Exists(program), "The test program cannot be started by itself here.");
        Listening listening = this.Listen(TlsParts.Server().ForServer());
        ProcessStartInfo start = new(program)
        {
            ArgumentList =
            {
                "-noColor", "-explicit", "only", "-method", $"{typeof(TrustStoreTests).FullName}.{nameof(Client_of_another_process)}",
            },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        start.Environment[PortVariable] = listening.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        start.Environment[ExpectedVariable] = expected;
        using Process process = Process.Start(start)!;
        try
        {
            Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken).Within();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).Within();
            Assert.True(process.ExitCode == 0, output + await errors);
            Assert.Contains("Total: 1", output, StringComparison.Ordinal);
            return output;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}

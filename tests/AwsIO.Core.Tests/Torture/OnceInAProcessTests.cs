using AwsIO.Testing;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Torture;

/// <summary>Functions that a process uses once: each fails in a process of its own.</summary>
public sealed class OnceInAProcessTests
{
    [Theory]
    [InlineData(nameof(OnceInAProcess.A_session_has_no_index_for_its_BIO_and_the_next_one_has))]
    [InlineData(nameof(OnceInAProcess.A_session_has_no_method_for_its_BIO_and_the_next_one_has))]
    [InlineData(nameof(OnceInAProcess.OpenSsl_cannot_be_initialised_and_each_context_says_so))]
    public async Task It_fails_for_a_reason_that_is_told(string test)
    {
        await ChildTest.Passes(typeof(OnceInAProcess), test, environment: Torturer.FaultsOn);
    }
}

/// <summary>Run by <see cref="OnceInAProcessTests"/>, each in a process of its own where faults are on.</summary>
public sealed class OnceInAProcess
{
    [Fact(Explicit = true)]
    public Task A_session_has_no_index_for_its_BIO_and_the_next_one_has() => EchoTwice("BIO_get_new_index:1=ENOMEM");

    [Fact(Explicit = true)]
    public Task A_session_has_no_method_for_its_BIO_and_the_next_one_has() => EchoTwice("BIO_meth_new:1=ENOMEM");

    [Fact(Explicit = true)]
    public void OpenSsl_cannot_be_initialised_and_each_context_says_so()
    {
        using FaultPlan plan = FaultPlan.Start("OPENSSL_init_ssl:1=ENOMEM");
        for (int i = 0; i < 2; i++)
        {
            IoResult<TlsContext> made = TlsContext.CreateClient(
                new TlsContextOptions { TrustedCertificatesPem = TlsParts.Authority.CertificatePem });
            Assert.Equal(IoErrorCode.TlsContextError, made.Error.Code);
            Assert.Contains("could not be initialised", made.Error.Detail, StringComparison.Ordinal);
        }

        Assert.Equal(1, plan.TakenCount);
    }

    private static async Task EchoTwice(string plan)
    {
        TlsEchoScenario echo = new(TlsVersion.Tls13);
        await Torturer.Replay(echo, plan);
        await Torturer.Replay(echo, "");
    }
}

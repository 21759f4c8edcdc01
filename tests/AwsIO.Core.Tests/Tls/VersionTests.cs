using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Tls;

public sealed class VersionTests : ConnectionTest
{
    [Fact]
    [Trait("Upstream", "tls_client_channel_negotiation_failure_tls13_to_tls12_server")]
    public Task A_client_from_1_3_on_and_a_server_up_to_1_2_do_not_agree() => Disagree(
        client => client.MinimumVersion = TlsVersion.Tls13, server => server.MaximumVersion = TlsVersion.Tls12);

    [Fact]
    public Task A_client_up_to_1_2_and_a_server_from_1_3_on_do_not_agree() => Disagree(
        client => client.MaximumVersion = TlsVersion.Tls12, server => server.MinimumVersion = TlsVersion.Tls13);

    [Fact]
    [Trait("Upstream", "tls_client_channel_negotiation_success_tls12")]
    public async Task A_default_client_speaks_1_2_with_a_server_that_knows_no_more()
    {
        WirePair pair = await Agree(static _ => { }, static server => server.MaximumVersion = TlsVersion.Tls12);

        Assert.Equal("TLSv1.2", pair.Client.Tls!.Info!.Version);
    }

    [Fact]
    public async Task Defaults_agree_on_1_3()
    {
        WirePair pair = await Agree(static _ => { }, static _ => { });

        Assert.Equal("TLSv1.3", pair.Client.Tls!.Info!.Version);
    }

    [Fact]
    public void A_lowest_version_above_the_highest_is_refused()
    {
        IoResult<TlsContext> result = TlsContext.CreateClient(
            new TlsContextOptions { MinimumVersion = TlsVersion.Tls13, MaximumVersion = TlsVersion.Tls12 });

        Assert.Equal(IoErrorCode.InvalidArgument, result.Error.Code);
        Assert.Contains("Tls12", result.Error.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(5)]
    public void Other_versions_are_not_supported(int version)
    {
        IoResult<TlsContext> result = TlsContext.CreateClient(new TlsContextOptions { MinimumVersion = (TlsVersion)version });

        Assert.Equal(IoErrorCode.TlsVersionUnsupported, result.Error.Code);
    }

    private async Task<WirePair> Agree(Action<TlsContextOptions> clients, Action<TlsContextOptions> servers)
    {
        using TlsContext server = TlsParts.Server(change: servers);
        using TlsContext client = TlsParts.Client(clients);
        return await WirePair.Connect(this, client.Localhosted(), server.ForServer());
    }

    private async Task Disagree(Action<TlsContextOptions> clients, Action<TlsContextOptions> servers)
    {
        using TlsContext server = TlsParts.Server(change: servers);
        using TlsContext client = TlsParts.Client(clients);
        WirePair pair = await WirePair.Create(this, client.Localhosted(), server.ForServer());

        await pair.Start();
        IoError clientsError = await pair.Client.Negotiated.Task.Within();
        IoError serversError = await pair.Server.Negotiated.Task.Within();

        Assert.Equal(IoErrorCode.TlsNegotiationFailure, clientsError.Code);
        Assert.Equal(IoErrorCode.TlsNegotiationFailure, serversError.Code);
        Assert.Contains("version", clientsError.Detail, StringComparison.Ordinal);
    }
}

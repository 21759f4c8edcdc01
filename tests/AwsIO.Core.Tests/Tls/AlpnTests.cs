using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Tls;

public sealed class AlpnTests : ConnectionTest
{
    [Theory]
    [InlineData(TlsVersion.Tls12)]
    [InlineData(TlsVersion.Tls13)]
    public async Task The_first_of_the_servers_protocols_that_the_client_offers_is_agreed_on(TlsVersion version)
    {
        WirePair pair = await Connect(["h2", "http/1.1", "x"], ["y", "http/1.1", "h2"], version);

        Assert.Equal("http/1.1", pair.Client.Tls!.Info!.Protocol);
        Assert.Equal("http/1.1", pair.Server.Tls!.Info!.Protocol);
    }

    [Theory]
    [InlineData(TlsVersion.Tls12)]
    [InlineData(TlsVersion.Tls13)]
    public async Task Without_a_common_protocol_the_handshake_fails_on_both_ends(TlsVersion version)
    {
        using TlsContext server = Server(["a"], version);
        using TlsContext client = Client(["b"], version);
        WirePair pair = await WirePair.Create(this, client.Localhosted(), server.ForServer());

        await pair.Start();
        IoError servers = await pair.Server.Negotiated.Task.Within();
        IoError clients = await pair.Client.Negotiated.Task.Within();

        Assert.Equal(IoErrorCode.TlsNegotiationFailure, servers.Code);
        Assert.Equal(IoErrorCode.TlsNegotiationFailure, clients.Code);
        Assert.Contains("no application protocol", clients.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_protocols_ignores_the_offer()
    {
        WirePair pair = await Connect(["h2"], [], TlsVersion.Tls13);

        Assert.Null(pair.Client.Tls!.Info!.Protocol);
        Assert.Null(pair.Server.Tls!.Info!.Protocol);
    }

    [Fact]
    public async Task A_client_that_offers_nothing_agrees_on_nothing()
    {
        WirePair pair = await Connect([], ["h2"], TlsVersion.Tls13);

        Assert.Null(pair.Client.Tls!.Info!.Protocol);
    }

    [Fact]
    public async Task A_connections_own_protocols_count_before_the_contexts()
    {
        using TlsContext server = Server(["a"], TlsVersion.Tls13);
        using TlsContext client = Client(["b"], TlsVersion.Tls13);
        TlsConnectionOptions clients = client.Localhosted();
        clients.Alpn = ["c", "d"];
        TlsConnectionOptions servers = server.ForServer();
        servers.Alpn = ["d"];

        WirePair pair = await WirePair.Connect(this, clients, servers);

        Assert.Equal("d", pair.Client.Tls!.Info!.Protocol);
        Assert.Equal("d", pair.Server.Tls!.Info!.Protocol);
    }

    [Fact]
    public async Task A_protocol_may_have_255_bytes_of_any_text()
    {
        string longest = new('ü', 127);

        WirePair pair = await Connect([longest + "a"], [longest + "a"], TlsVersion.Tls13);

        Assert.Equal(longest + "a", pair.Server.Tls!.Info!.Protocol);
    }

    [Theory]
    [InlineData("")]
    [InlineData("256")]
    public void A_protocol_of_no_or_too_many_bytes_is_refused(string protocol)
    {
        string wrong = protocol.Length == 0 ? "" : new string('x', 256);

        IoResult<TlsContext> result = TlsContext.CreateClient(new TlsContextOptions { Alpn = ["good", wrong] });

        Assert.Equal(IoErrorCode.InvalidArgument, result.Error.Code);
        Assert.Contains("1 to 255", result.Error.Detail, StringComparison.Ordinal);
    }

    private static TlsContext Server(string[] protocols, TlsVersion version) =>
        TlsParts.Server(change: options => options.Only(version).Alpn = protocols);

    private static TlsContext Client(string[] protocols, TlsVersion version) =>
        TlsParts.Client(options => options.Only(version).Alpn = protocols);

    private async Task<WirePair> Connect(string[] offered, string[] wanted, TlsVersion version)
    {
        using TlsContext server = Server(wanted, version);
        using TlsContext client = Client(offered, version);
        return await WirePair.Connect(this, client.Localhosted(), server.ForServer());
    }
}

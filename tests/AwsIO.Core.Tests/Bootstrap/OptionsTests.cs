using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Bootstrap;

/// <summary>What is wrong with options is said by the call itself, and then no callback comes.</summary>
public sealed class OptionsTests : ConnectionTest
{
    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(65536)]
    public void A_port_that_cannot_be_connected_to_is_refused(int port) =>
        Refused(IoErrorCode.SocketInvalidAddress, "1 and 65535", new() { OnSetup = Never, Host = "localhost", Port = port });

    [Fact]
    public void An_endpoints_port_is_checked_too() => Refused(
        IoErrorCode.SocketInvalidAddress, "1 and 65535", new() { OnSetup = Never, Endpoint = SocketEndpoint.Tcp("127.0.0.1", 0) });

    [Fact]
    public void Neither_host_nor_endpoint_is_refused() => Refused(IoErrorCode.InvalidArgument, "Host", new() { OnSetup = Never });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Bad_socket_options_are_refused(bool byEndpoint) => Refused(IoErrorCode.SocketInvalidOptions, "ConnectTimeout", new()
    {
        OnSetup = Never,
        Host = byEndpoint ? null : "localhost",
        Port = 80,
        Endpoint = byEndpoint ? SocketEndpoint.Tcp("127.0.0.1", 80) : null,
        SocketOptions = new SocketOptions { ConnectTimeout = TimeSpan.Zero },
    });

    [Fact]
    public void A_servers_context_is_refused_for_a_client() => Refused(
        IoErrorCode.InvalidArgument,
        "clients",
        new() { OnSetup = Never, Host = "localhost", Port = 80, Tls = TlsParts.Server().ForServer() });

    [Fact]
    public void A_verifying_client_without_a_name_is_refused() => Refused(
        IoErrorCode.InvalidArgument,
        "ServerName",
        new() { OnSetup = Never, Endpoint = SocketEndpoint.Tcp("127.0.0.1", 80), Tls = new(TlsParts.Client()) });

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    public void A_handshake_timeout_of_nothing_is_refused(int seconds) => Refused(
        IoErrorCode.InvalidArgument,
        "HandshakeTimeout",
        new()
        {
            OnSetup = Never,
            Host = "localhost",
            Port = 80,
            Tls = new(TlsParts.Client()) { HandshakeTimeout = TimeSpan.FromSeconds(seconds) },
        });

    [Fact]
    public void A_clients_context_is_refused_for_a_server()
    {
        IoResult<ServerListener> result = Listen(new()
        {
            Endpoint = Dialling.AnyPort,
            OnIncomingChannel = Never,
            Tls = TlsParts.Client().Localhosted(),
        });

        Assert.Equal(IoErrorCode.InvalidArgument, result.Error.Code);
    }

    [Fact]
    public void A_port_in_use_is_refused_and_named()
    {
        Listening first = Dialling.Listen(this);

        IoResult<ServerListener> result = Listen(new() { Endpoint = first.Listener.LocalEndpoint, OnIncomingChannel = Never });

        Assert.Equal(IoErrorCode.SocketAddressInUse, result.Error.Code);
        Assert.Contains($"127.0.0.1:{first.Port}", result.Error.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not an address")]
    [InlineData("256.0.0.1")]
    public void An_address_that_is_none_is_refused(string address)
    {
        IoResult<ServerListener> result = Listen(new() { Endpoint = SocketEndpoint.Tcp(address, 0), OnIncomingChannel = Never });

        Assert.Equal(IoErrorCode.SocketInvalidAddress, result.Error.Code);
    }

    [Fact]
    public void A_unix_path_that_is_too_long_is_refused()
    {
        IoResult<ServerListener> result = Listen(new()
        {
            Endpoint = SocketEndpoint.Unix("/tmp/" + new string('x', 200)),
            OnIncomingChannel = Never,
        });

        Assert.Equal(IoErrorCode.SocketInvalidAddress, result.Error.Code);
    }

    private static void Never(IoChannel? channel, IoError error, object? state) =>
        Assert.Fail("There is no callback after a refused call.");

    private IoResult<ServerListener> Listen(ServerListenOptions options) => new ServerBootstrap(Group).Listen(options);

    private void Refused(IoErrorCode code, string named, ClientConnectOptions options)
    {
        IoResult<ConnectOperation> result = new ClientBootstrap(Group, Resolver).Connect(options);

        Assert.Equal(code, result.Error.Code);
        Assert.Contains(named, result.Error.Detail, StringComparison.Ordinal);
    }
}

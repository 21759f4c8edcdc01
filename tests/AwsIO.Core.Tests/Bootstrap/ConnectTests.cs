using System.Net.Sockets;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Bootstrap;

public sealed class ConnectTests : ConnectionTest
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_and_a_server_exchange_data_and_end_once(bool secure)
    {
        Listening listening = this.Listen(secure ? TlsParts.Server().ForServer() : null);

        Dialled client = await this.Dial("localhost", listening.Port, secure ? new(TlsParts.Client()) : null).Ready();
        Dialled server = await listening.NextReady();
        Assert.Equal(IoError.None, await client.App.Send("question").Within());
        await server.App.Received(8).Within();
        Assert.Equal(IoError.None, await server.App.Send("answer").Within());
        await client.App.Received(6).Within();
        client.Channel!.Shutdown(IoError.None);

        Assert.Equal(IoError.None, await client.Ended.Task.Within());
        IoError serversEnd = await server.Ended.Task.Within();
        Assert.Equal(secure ? IoErrorCode.Success : IoErrorCode.SocketClosed, serversEnd.Code);
        Assert.Equal("question", server.App.Text);
        Assert.Equal("answer", client.App.Text);
        if (secure)
        {
            Assert.Equal("localhost", server.Tls!.Info!.ServerName);
        }
    }

    // A client that has said goodbye may be gone before the second piece of the answer: whole, it is taken by the kernel all the same.
    [Fact]
    [Trait("Category", "ExactCalls")]
    [Trait("Upstream", "tls_server_multiple_connections")]
    public async Task One_listener_serves_one_client_after_the_other()
    {
        using TlsContext serverContext = TlsParts.Server();
        using TlsContext clientContext = TlsParts.Client();
        Listening listening = this.Listen(serverContext.ForServer());
        for (int i = 0; i < 10; i++)
        {
            Dialled client = await this.Dial("localhost", listening.Port, new(clientContext)).Ready();
            Dialled server = await listening.NextReady();
            await client.App.Send($"client {i}").Within();
            await server.App.Received(8).Within();
            Assert.Equal($"client {i}", server.App.Text);
            client.Channel!.Shutdown(IoError.None);
            Assert.Equal(IoError.None, await server.Ended.Task.Within());
        }

        Assert.Equal(10, listening.Incoming);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_is_told_of_a_connection_and_throws_is_told_of_its_end_too(bool secure)
    {
        using TlsContext serverContext = TlsParts.Server();
        using TlsContext clientContext = TlsParts.Client();
        Listening listening = this.Listen(secure ? serverContext.ForServer() : null);
        Signal<IoError> ended = new();
        ClientConnectOptions options = new()
        {
            Host = "localhost",
            Port = listening.Port,
            Tls = secure ? new(clientContext) : null,
            OnSetup = static (_, _, _) => throw new InvalidOperationException("from the callback"),
            OnShutdown = (_, reason, _) => ended.Set(reason),
        };
        Assert.True(new ClientBootstrap(Group, Resolver).Connect(options).IsSuccess);

        IoError reason = await ended.Task.Within();
        Assert.Contains("from the callback", reason.Detail, StringComparison.Ordinal);
        await (await listening.NextReady()).Ended.Task.Within();
        Assert.Equal(1, ended.Count);
    }

    [Fact]
    public async Task Many_clients_at_once_are_served_on_all_loops()
    {
        using TlsContext serverContext = TlsParts.Server();
        using TlsContext clientContext = TlsParts.Client();
        Listening listening = this.Listen(serverContext.ForServer());
        Dialled[] clients = [.. Enumerable.Range(0, 40).Select(_ => this.Dial("localhost", listening.Port, new(clientContext)))];
        await Task.WhenAll(clients.Select(static client => client.Ready())).Within();

        List<Dialled> servers = [];
        for (int i = 0; i < clients.Length; i++)
        {
            servers.Add(await listening.NextReady());
        }

        await Task.WhenAll(clients.Select(static client => client.App.Send(Payload.Of(50_000)))).Within();
        await Task.WhenAll(servers.Select(static server => server.App.Received(50_000))).Within();

        Assert.All(servers, static server => Assert.Equal(Payload.Of(50_000), server.App.Bytes));
        Assert.All(servers, static server => Assert.Same(server.Channel!.EventLoop, server.SetupLoop.Task.Result));
    }

    [Fact]
    public async Task A_refused_port_is_named()
    {
        int port = Plain.FreePort();

        Dialled client = this.Dial(port);
        IoError error = await client.Setup.Task.Within();

        Assert.Equal(IoErrorCode.SocketConnectionRefused, error.Code);
        Assert.Contains($"127.0.0.1:{port}", error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_at_which_nobody_listens_is_named()
    {
        string path = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N") + ".sock");

        Dialled client = this.DialEndpoint(SocketEndpoint.Unix(path));
        IoError error = await client.Setup.Task.Within();

        Assert.True(error.IsError);
        Assert.Contains(path, error.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_unix_path_is_connected_to_directly(bool secure)
    {
        string path = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N") + ".sock");
        After(() => File.Delete(path));
        Listening listening = this.Listen(secure ? TlsParts.Server().ForServer() : null, SocketEndpoint.Unix(path));

        Dialled client = await this.DialEndpoint(SocketEndpoint.Unix(path), secure ? TlsParts.Client().Localhosted() : null).Ready();
        Dialled server = await listening.NextReady();
        await client.App.Send("over a path").Within();
        await server.App.Received(11).Within();

        Assert.Equal("over a path", server.App.Text);
    }

    [Fact]
    public async Task An_ipv6_address_is_connected_to()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "This machine has no IPv6.");
        Listening listening = this.Listen(TlsParts.Server().ForServer(), SocketEndpoint.Tcp("::1", 0));

        Dialled client = await this.Dial("::1", listening.Port, new(TlsParts.Client())).Ready();

        Assert.True(client.Tls!.IsNegotiated);
    }

    [Fact]
    [Trait("Upstream", "tls_client_channel_no_verify")]
    public async Task Without_verification_no_server_name_is_needed()
    {
        using TlsContext context = TlsParts.Client(options => options.VerifyPeer = false);
        Listening listening = this.Listen(TlsParts.Server().ForServer());

        Dialled client = await this.DialEndpoint(listening.Listener.LocalEndpoint, new(context)).Ready();
        Dialled server = await listening.NextReady();

        Assert.True(client.Tls!.IsNegotiated);
        Assert.Null(server.Tls!.Info!.ServerName);
    }

    [Fact]
    [Trait("Upstream", "tls_client_channel_negotiation_error_wrong_host")]
    public async Task A_server_under_another_name_than_the_one_dialled_is_refused_and_the_sentence_says_who()
    {
        using TlsContext wrong = TlsParts.Server(TlsParts.Authority.Issue(
            new Testing.TestCertificateOptions { CommonName = "other.test", DnsNames = ["other.test"], IPAddresses = [] }));
        Listening listening = this.Listen(wrong.ForServer());

        Dialled client = this.Dial("localhost", listening.Port, new(TlsParts.Client()), resolver: new FixedResolver("127.0.0.1"));
        IoError error = await client.Setup.Task.Within();
        IoError servers = await (await listening.Next()).Setup.Task.Within();

        Assert.Equal(IoErrorCode.TlsNegotiationFailure, error.Code);
        Assert.Contains($"127.0.0.1:{listening.Port}", error.Detail, StringComparison.Ordinal);
        Assert.Contains("server name localhost", error.Detail, StringComparison.Ordinal);
        Assert.Contains("hostname mismatch", error.Detail, StringComparison.OrdinalIgnoreCase);
        Assert.True(servers.IsError);
    }

    [Fact]
    public async Task A_server_name_of_ones_own_counts_before_the_dialled_one()
    {
        using TlsContext named = TlsParts.Server(TlsParts.Authority.Issue(
            new Testing.TestCertificateOptions { CommonName = "other.test", DnsNames = ["other.test"], IPAddresses = [] }));
        Listening listening = this.Listen(named.ForServer());

        Dialled client = await this.Dial("127.0.0.1", listening.Port, TlsParts.Client().ForHost("other.test")).Ready();
        Dialled server = await listening.NextReady();

        Assert.True(client.Tls!.IsNegotiated);
        Assert.Equal("other.test", server.Tls!.Info!.ServerName);
    }

    [Fact]
    public async Task The_callers_tls_options_are_not_changed()
    {
        Listening listening = this.Listen(TlsParts.Server().ForServer());
        object state = new();
        Signal<object?> told = new();
        TlsConnectionOptions options = new(TlsParts.Client()) { State = state, OnNegotiated = (_, _, given) => told.Set(given) };

        await this.Dial("localhost", listening.Port, options).Ready();
        await this.Dial("127.0.0.1", listening.Port, options).Ready();

        Assert.Null(options.ServerName);
        Assert.Same(state, options.State);
        Assert.Same(state, await told.Task.Within());
        Assert.Equal(2, told.Count);
    }
}

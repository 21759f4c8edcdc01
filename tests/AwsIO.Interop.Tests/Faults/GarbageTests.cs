using System.Net.Sockets;
using System.Text;
using AwsIO.Interop.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Interop.Tests.Faults;

/// <summary>Peers over real sockets that speak anything but TLS.</summary>
public sealed class GarbageTests : ConnectionTest
{
    /// <summary>What is said, and what our server and our client find wrong with it.</summary>
    public static TheoryData<string, string, string> Garbage => new()
    {
        { "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "http request", "http request" },
        { "HTTP/1.1 400 Bad Request\r\n\r\n", "wrong version number", "wrong version number" },
        { "SSH-2.0-OpenSSH_9.2\r\n", "wrong version number", "wrong version number" },
        { "220 mail.test ESMTP\r\n", "wrong version number", "wrong version number" },
        { new string('\0', 64), "wrong version number", "wrong version number" },
        { "\u0016\u0003\u0001\u003f\u00ff" + new string('x', 0x3fff), "unexpected message", "unexpected message" },
        { "\u0015\u0003\u0003\0\u0002\u0002\u0028", "unexpected message", "handshake failure" },
        { "\u0017\u0003\u0003\0\u0010aaaaaaaaaaaaaaaa", "unexpected message", "unexpected message" },
    };

    [Theory]
    [MemberData(nameof(Garbage))]
    public async Task A_client_that_speaks_something_else_is_refused_and_the_next_one_is_served(string text, string forServer, string forClient)
    {
        _ = forClient;
        Listening listening = this.Listen(TlsParts.Server().ForServer());

        Socket client = await this.ConnectTo(listening.Port);
        await client.SendAll(Encoding.Latin1.GetBytes(text));
        IoError error = await (await listening.Next()).Setup.Task.Within();

        AssertRefused(error, "TLS handshake with 127.0.0.1:", forServer);
        await GoodClient(listening);
    }

    [Theory]
    [MemberData(nameof(Garbage))]
    public async Task A_server_that_speaks_something_else_is_refused_and_the_next_one_is_reached(string text, string forServer, string forClient)
    {
        _ = forServer;
        Socket listener = this.Listen("127.0.0.1");
        ClientBootstrap bootstrap = new(Group, Resolver);

        Dialled client = this.Dial("127.0.0.1", listener.Port(), new(TlsParts.Client()), bootstrap: bootstrap);
        Socket server = await listener.AcceptOne(this);
        await server.Receive(100);
        await server.SendAll(Encoding.Latin1.GetBytes(text));
        IoError error = await client.Setup.Task.Within();

        AssertRefused(error, $"TLS handshake with 127.0.0.1:{listener.Port()} (server name 127.0.0.1) failed: ", forClient);
        Listening good = this.Listen(TlsParts.Server().ForServer());
        await this.Dial("127.0.0.1", good.Port, new(TlsParts.Client()), bootstrap: bootstrap).Ready();
    }

    [Fact]
    public async Task Random_bytes_of_any_kind_are_refused_and_the_next_client_is_served()
    {
        Listening listening = this.Listen(TlsParts.Server().ForServer());
        for (int seed = 0; seed < 50; seed++)
        {
            Socket client = await this.ConnectTo(listening.Port);
            await client.SendAsync(Payload.Of(2000, seed), SocketFlags.None).Within();

            // Where they happen to announce a long record, the server would wait for it.
            client.Shutdown(SocketShutdown.Send);
            IoError error = await (await listening.Next()).Setup.Task.Within();

            Assert.True(error.Code is IoErrorCode.TlsNegotiationFailure or IoErrorCode.SocketClosed, error.ToString());
            Assert.StartsWith("TLS handshake with 127.0.0.1:", error.Detail, StringComparison.Ordinal);
        }

        await GoodClient(listening);
    }

    [Fact]
    public async Task A_curl_that_forgot_the_s_is_refused_and_the_next_client_is_served()
    {
        Listening listening = this.Listen(TlsParts.Server().ForServer());

        ExternalProgram curl = ExternalProgram.Start(
            this, "curl", "-sS", "--noproxy", "*", FormattableString.Invariant($"http://127.0.0.1:{listening.Port}/"));
        IoError error = await (await listening.Next()).Setup.Task.Within();

        AssertRefused(error, "TLS handshake with 127.0.0.1:", "http request");
        Assert.NotEqual(0, await curl.Exited());
        await GoodClient(listening);
    }

    [Fact]
    public async Task An_nc_that_is_typed_into_is_refused_and_the_next_client_is_served()
    {
        Listening listening = this.Listen(TlsParts.Server().ForServer());

        ExternalProgram nc = ExternalProgram.Start(
            this, "nc", "-nN", "127.0.0.1", listening.Port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        await nc.Type("hello, is anybody there?\n");
        IoError error = await (await listening.Next()).Setup.Task.Within();

        AssertRefused(error, "TLS handshake with 127.0.0.1:", "wrong version number");
        await GoodClient(listening);
    }

    private static void AssertRefused(IoError error, string beginning, string reason)
    {
        Assert.Equal(IoErrorCode.TlsNegotiationFailure, error.Code);
        Assert.StartsWith(beginning, error.Detail, StringComparison.Ordinal);
        Assert.Contains(reason, error.Detail, StringComparison.Ordinal);
    }

    private async Task GoodClient(Listening listening)
    {
        Dialled client = await this.Dial(listening.Port, TlsParts.Client().Localhosted()).Ready();
        Dialled server = await listening.NextReady();
        await client.App.Send("good").Within();
        await server.App.Received(4).Within();
    }
}

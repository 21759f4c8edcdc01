using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Interop.Tests.Faults;

/// <summary>Raw sockets that go away at an exact moment of a handshake, by a close, a half-close or a reset.</summary>
public sealed class VanishingSocketTests : ConnectionTest
{
    /// <summary>How a peer goes.</summary>
    public enum Going
    {
        Closes,
        HalfCloses,
        Resets,
    }

    /// <summary>How far a peer gets before it goes.</summary>
    public enum Moment
    {
        AtOnce,
        WithinTheHello,
        AfterTheHello,
    }

    public static TheoryData<Moment, Going> Faults => new(
        from moment in Enum.GetValues<Moment>()
        from going in Enum.GetValues<Going>()
        select new TheoryDataRow<Moment, Going>(moment, going));

    [Theory]
    [MemberData(nameof(Faults))]
    [Trait("Upstream", "tls_server_hangup_during_negotiation")]
    public async Task A_client_that_goes_is_told_and_the_next_one_is_served(Moment moment, Going going)
    {
        byte[] hello = await ClientHello();
        Listening listening = this.Listen(TlsParts.Server().ForServer());

        Socket client = await this.ConnectTo(listening.Port);
        byte[] said = moment switch { Moment.AtOnce => [], Moment.WithinTheHello => hello[..60], _ => hello };
        await client.SendAsync(said, SocketFlags.None).Within();
        if (moment == Moment.AfterTheHello)
        {
            // The server's flight has begun.
            await client.Receive(100);
        }

        Go(client, going);
        Dialled server = await listening.Next();
        IoError error = await server.Setup.Task.Within();

        AssertVanished(error, "TLS handshake with 127.0.0.1:");
        Assert.Null(server.Channel);
        Dialled good = await this.Dial(listening.Port, TlsParts.Client().Localhosted()).Ready();
        Dialled served = await listening.NextReady();
        await good.App.Send("good").Within();
        await served.App.Received(4).Within();
    }

    [Theory]
    [MemberData(nameof(Faults))]
    [Trait("Upstream", "tls_client_channel_negotiation_error_socket_closed")]
    public async Task A_server_that_goes_is_told_and_the_next_one_is_reached(Moment moment, Going going)
    {
        Socket listener = this.Listen("127.0.0.1");
        ClientBootstrap bootstrap = new(Group, Resolver);

        Dialled client = this.Dial("127.0.0.1", listener.Port(), new(TlsParts.Client()), bootstrap: bootstrap);
        Socket server = await listener.AcceptOne(this);
        byte[] hello = await server.Receive(150);
        byte[] flight = Flight(hello);
        byte[] said = moment switch { Moment.AtOnce => [], Moment.WithinTheHello => flight[..20], _ => flight };
        await server.SendAsync(said, SocketFlags.None).Within();
        Go(server, going);
        IoError error = await client.Setup.Task.Within();

        AssertVanished(error, $"TLS handshake with 127.0.0.1:{listener.Port()} (server name 127.0.0.1) failed: ");
        Listening good = this.Listen(TlsParts.Server().ForServer());
        await this.Dial("127.0.0.1", good.Port, new(TlsParts.Client()), bootstrap: bootstrap).Ready();
    }

    /// <summary>A server's hello and certificate, after which a key exchange would come.</summary>
    private static byte[] Flight(byte[] hello)
    {
        using X509Certificate2 certificate = TlsParts.Localhost.ToX509();

        // ECDHE-ECDSA with AES-128-GCM.
        return new ScriptedServer(hello).Hello(0x0303, 0xC02B).Certificate(certificate).Flight;
    }

    private static void Go(Socket socket, Going going)
    {
        switch (going)
        {
            case Going.Closes:
                socket.Close();
                break;
            case Going.HalfCloses:
                socket.Shutdown(SocketShutdown.Send);
                break;
            default:
                socket.Reset();
                break;
        }
    }

    private static void AssertVanished(IoError error, string beginning)
    {
        Assert.Equal(IoErrorCode.SocketClosed, error.Code);
        Assert.StartsWith(beginning, error.Detail, StringComparison.Ordinal);
        Assert.True(error.Detail.Length > beginning.Length + 10, error.Detail);
    }

    /// <summary>A client's first message, as our own client sends it.</summary>
    private async Task<byte[]> ClientHello()
    {
        Socket listener = this.Listen("127.0.0.1");
        Dialled client = this.Dial(listener.Port(), TlsParts.Client().Localhosted());
        Socket accepted = await listener.AcceptOne(this);
        byte[] header = await accepted.Receive(5);
        byte[] body = await accepted.Receive((header[3] << 8) + header[4]);
        accepted.Close();
        await client.Setup.Task.Within();
        return [.. header, .. body];
    }
}

using AwsIO.Interop.Tests.Infrastructure;
using AwsIO.Interop.Tests.OpenSsl;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Interop.Tests.Faults;

/// <summary>
/// Programs that are killed, stopped or cut off in the middle of a handshake. A relay keeps them there: it holds a record back.
/// </summary>
public sealed class VanishingProgramTests : ConnectionTest
{
    // Behind the first hello: the handshake goes on, and cannot be over.
    private const int SecondRecord = 1;

    [Theory]
    [InlineData("-tls1_2", 0)]
    [InlineData("-tls1_2", 7)]
    [InlineData("-tls1_3", 0)]
    [InlineData("-tls1_3", 7)]
    public async Task A_server_that_is_killed_during_the_handshake_is_told_and_the_next_one_is_reached(string version, int part)
    {
        (ExternalProgram program, int port) = await OpenSslPrograms.Serve(this, PemFiles.Write(this), version);
        Relay relay = Relay.Start(this, port, toClient: record => StopAtSecond(record, part));
        ClientBootstrap bootstrap = new(Group, Resolver);

        Dialled client = this.Dial("127.0.0.1", relay.Port, new(TlsParts.Client()), bootstrap: bootstrap);
        await relay.ToClient.Stopped.Task.Within();
        Assert.Equal(0, client.Setup.Count);
        program.Kill();
        IoError error = await client.Setup.Task.Within();

        AssertVanished(error, $"TLS handshake with 127.0.0.1:{relay.Port} (server name 127.0.0.1) failed: ");
        await GoodServer(bootstrap, version);
    }

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task A_reset_on_the_way_from_the_server_is_told_and_the_next_one_is_reached(string version)
    {
        (_, int port) = await OpenSslPrograms.Serve(this, PemFiles.Write(this), version);
        Relay relay = Relay.Start(this, port, toClient: static record => StopAtSecond(record, 3));
        ClientBootstrap bootstrap = new(Group, Resolver);

        Dialled client = this.Dial("127.0.0.1", relay.Port, new(TlsParts.Client()), bootstrap: bootstrap);
        await relay.ToClient.Stopped.Task.Within();
        relay.ToClient.ResetDestination();
        IoError error = await client.Setup.Task.Within();

        AssertVanished(error, $"TLS handshake with 127.0.0.1:{relay.Port} (server name 127.0.0.1) failed: ");
        Assert.Equal(104, error.NativeError);
        await GoodServer(bootstrap, version);
    }

    [Theory]
    [InlineData("-tls1_2", 0)]
    [InlineData("-tls1_2", 7)]
    [InlineData("-tls1_3", 0)]
    [InlineData("-tls1_3", 3)]
    [Trait("Upstream", "tls_server_hangup_during_negotiation")]
    public async Task A_client_that_is_killed_during_the_handshake_is_told_and_the_next_one_is_served(string version, int part)
    {
        Listening listening = this.Listen(TlsParts.Server().ForServer());
        Relay relay = Relay.Start(this, listening.Port, toServer: record => StopAtSecond(record, part));

        ExternalProgram program = OpenSslPrograms.Connect(this, relay.Port, PemFiles.Write(this), version);
        await relay.ToServer.Stopped.Task.Within();
        Assert.Equal(0, listening.Incoming);
        program.Kill();
        IoError error = await (await listening.Next()).Setup.Task.Within();

        AssertVanished(error, "TLS handshake with 127.0.0.1:");
        await GoodClient(listening, version);
    }

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task A_reset_on_the_way_from_the_client_is_told_and_the_next_one_is_served(string version)
    {
        Listening listening = this.Listen(TlsParts.Server().ForServer());
        Relay relay = Relay.Start(this, listening.Port, toServer: static record => StopAtSecond(record, 0));

        OpenSslPrograms.Connect(this, relay.Port, PemFiles.Write(this), version);
        await relay.ToServer.Stopped.Task.Within();
        relay.ToServer.ResetDestination();
        IoError error = await (await listening.Next()).Setup.Task.Within();

        AssertVanished(error, "TLS handshake with 127.0.0.1:");
        Assert.Equal(104, error.NativeError);
        await GoodClient(listening, version);
    }

    [Fact]
    public async Task A_server_that_is_stopped_runs_into_our_timeout_and_is_reached_again_when_it_goes_on()
    {
        (ExternalProgram program, int port) = await OpenSslPrograms.Serve(this, PemFiles.Write(this), "-tls1_3");
        ClientBootstrap bootstrap = new(Group, Resolver);

        program.Suspend();
        Dialled client = this.Dial(
            "127.0.0.1", port, new(TlsParts.Client()) { HandshakeTimeout = TimeSpan.FromMilliseconds(150) }, bootstrap: bootstrap);
        IoError error = await client.Setup.Task.Within();
        program.Resume();

        Assert.Equal(IoErrorCode.TlsNegotiationTimeout, error.Code);
        Assert.Equal(
            $"TLS handshake with 127.0.0.1:{port} (server name 127.0.0.1) failed: it took longer than 150 ms.", error.Detail);
        Dialled next = await this.Dial("127.0.0.1", port, new(TlsParts.Client()), bootstrap: bootstrap).Ready();
        await next.App.Send("awake\n").Within();
        await program.Said("awake");
    }

    [Fact]
    public async Task A_client_that_stops_in_the_middle_runs_into_our_servers_timeout_and_hears_of_the_end()
    {
        TlsConnectionOptions options = TlsParts.Server().ForServer();
        options.HandshakeTimeout = TimeSpan.FromMilliseconds(300);
        Listening listening = this.Listen(options);
        Relay relay = Relay.Start(this, listening.Port, toServer: static record => StopAtSecond(record, 0));

        ExternalProgram program = OpenSslPrograms.Connect(this, relay.Port, PemFiles.Write(this), "-tls1_2");
        IoError error = await (await listening.Next()).Setup.Task.Within();

        Assert.Equal(IoErrorCode.TlsNegotiationTimeout, error.Code);
        Assert.StartsWith("TLS handshake with 127.0.0.1:", error.Detail, StringComparison.Ordinal);
        Assert.EndsWith("it took longer than 300 ms.", error.Detail, StringComparison.Ordinal);
        Assert.NotEqual(0, await program.Exited());
    }

    private static int? StopAtSecond(RelayRecord record, int part) => record.Index == SecondRecord ? part : null;

    private static void AssertVanished(IoError error, string beginning)
    {
        Assert.Equal(IoErrorCode.SocketClosed, error.Code);
        Assert.StartsWith(beginning, error.Detail, StringComparison.Ordinal);
    }

    private async Task GoodServer(ClientBootstrap bootstrap, string version)
    {
        (ExternalProgram program, int port) = await OpenSslPrograms.Serve(this, PemFiles.Write(this), version);
        Dialled client = await this.Dial("127.0.0.1", port, new(TlsParts.Client()), bootstrap: bootstrap).Ready();
        Assert.Equal(IoError.None, await client.App.Send("good\n").Within());
        await program.Said("good");
    }

    private async Task GoodClient(Listening listening, string version)
    {
        ExternalProgram program = OpenSslPrograms.Connect(this, listening.Port, PemFiles.Write(this), version);
        Dialled server = await listening.NextReady();
        Assert.Equal(IoError.None, await server.App.Send("good\n").Within());
        await program.Said("good");
    }
}

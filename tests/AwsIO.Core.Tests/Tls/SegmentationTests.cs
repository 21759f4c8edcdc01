using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Tls;

/// <summary>TLS does not care how its bytes are cut into segments.</summary>
public sealed class SegmentationTests : ConnectionTest
{
    [Theory]
    [InlineData(TlsVersion.Tls12, 1)]
    [InlineData(TlsVersion.Tls12, 7)]
    [InlineData(TlsVersion.Tls13, 1)]
    [InlineData(TlsVersion.Tls13, 7)]
    [InlineData(TlsVersion.Tls13, 1460)]
    public async Task Bytes_may_come_in_small_pieces(TlsVersion version, int size) => await Exchange(version, wire => wire.MaxChunk = size);

    [Theory]
    [InlineData(TlsVersion.Tls12)]
    [InlineData(TlsVersion.Tls13)]
    public async Task Bytes_may_come_joined(TlsVersion version) => await Exchange(version, static wire => wire.Joins = true);

    [Fact]
    public async Task Data_in_the_segment_of_the_clients_last_flight_is_delivered()
    {
        WirePair pair = await Create(TlsVersion.Tls13);
        MemoryWire wire = pair.Server.Wire!;
        wire.IsHeld = true;
        await pair.Start();

        // The hello alone passes. In TLS 1.3 the client is done before the server has seen the rest, and writes.
        await pair.Server.Do(() =>
        {
            wire.IsHeld = false;
            wire.Pump();
            _ = pair.Server.Channel.EventLoop.AfterTicks(1, () => wire.IsHeld = true);
        });
        Assert.Equal(IoError.None, await pair.Client.Negotiated.Task.Within());
        await pair.Client.App.Send("with the finished message").Within();
        Assert.Equal(0, pair.Server.Negotiated.Count);
        await pair.Server.Do(() =>
        {
            wire.IsHeld = false;
            wire.Pump();
        });
        await pair.Server.App.Received(25).Within();

        Assert.Equal("with the finished message", pair.Server.App.Text);
    }

    [Theory]
    [InlineData(TlsVersion.Tls12)]
    [InlineData(TlsVersion.Tls13)]
    public async Task Data_goodbye_and_end_in_the_segment_of_the_servers_last_flight_are_delivered(TlsVersion version)
    {
        Recorder serverApp = new() { Regrants = true };
        using TlsContext server = TlsParts.Server(change: options => options.Only(version));
        using TlsContext client = TlsParts.Client(options => options.Only(version));
        TlsConnectionOptions servers = server.ForServer();
        WirePair pair = await WirePair.Create(this, client.Localhosted(), servers, serverApp: serverApp);
        pair.Client.Wire!.Joins = true;

        await pair.Start();
        await pair.Server.Negotiated.Task.Within();
        await pair.Server.Do(() =>
        {
            serverApp.SendNow([1, 2, 3], isLast: false, null);
            pair.Server.Channel.Shutdown(IoError.None);
        });

        Assert.Equal(IoError.None, await pair.Client.Ended.Task.Within());
        Assert.Equal([1, 2, 3], pair.Client.App.Bytes);
    }

    [Fact]
    public async Task Tickets_are_no_data()
    {
        WirePair pair = await Create(TlsVersion.Tls13);
        await pair.Start();
        await pair.Succeeded();
        await pair.Server.App.Send("x").Within();
        await pair.Client.App.Received(1).Within();

        Assert.Equal("x", pair.Client.App.Text);
        Assert.Equal(pair.Client.Wire!.Received.Length, pair.Client.Wire.Delivered);
    }

    private async Task<WirePair> Create(TlsVersion version)
    {
        using TlsContext server = TlsParts.Server(change: options => options.Only(version));
        using TlsContext client = TlsParts.Client(options => options.Only(version));
        return await WirePair.Create(this, client.Localhosted(), server.ForServer());
    }

    private async Task Exchange(TlsVersion version, Action<MemoryWire> shape)
    {
        byte[] there = Payload.Of(20_000, 1);
        byte[] back = Payload.Of(30_000, 2);
        WirePair pair = await Create(version);
        shape(pair.Client.Wire!);
        shape(pair.Server.Wire!);

        await pair.Start();
        await pair.Succeeded();
        Task<IoError> first = pair.Client.App.Send(there);
        Task<IoError> second = pair.Server.App.Send(back);
        await pair.Server.App.Received(there.Length).Within();
        await pair.Client.App.Received(back.Length).Within();
        pair.Client.Channel.Shutdown(IoError.None);

        Assert.Equal(IoError.None, await first.Within());
        Assert.Equal(IoError.None, await second.Within());
        Assert.Equal(there, pair.Server.App.Bytes);
        Assert.Equal(back, pair.Client.App.Bytes);
        Assert.Equal(IoError.None, await pair.Server.Ended.Task.Within());
    }
}

using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Tls;

public sealed class BackPressureTests : ConnectionTest
{
    [Theory]
    [InlineData(TlsVersion.Tls12)]
    [InlineData(TlsVersion.Tls13)]
    [Trait("Upstream", "tls_channel_echo_and_backpressure_test")]
    public async Task Half_a_window_takes_half_of_the_data_and_the_rest_follows(TlsVersion version)
    {
        byte[] there = Payload.Of(4096, 1);
        byte[] back = Payload.Of(4096, 2);
        WirePair pair = await Connect(version, 2048, 2048);

        await pair.Client.App.Send(there).Within();
        await pair.Server.App.Send(back).Within();
        await pair.Server.App.Received(2048).Within();
        await pair.Client.App.Received(2048).Within();
        await Quiet(pair);
        Assert.Equal(2048, pair.Server.App.Count);
        Assert.Equal(2048, pair.Client.App.Count);
        await pair.Server.App.Grant(2048);
        await pair.Client.App.Grant(2048);
        await pair.Server.App.Received(4096).Within();
        await pair.Client.App.Received(4096).Within();

        Assert.Equal(there, pair.Server.App.Bytes);
        Assert.Equal(back, pair.Client.App.Bytes);
        Assert.Equal(2, pair.Server.App.Sizes.Count);
        Assert.Equal(2, pair.Client.App.Sizes.Count);
    }

    [Theory]
    [InlineData(1, 300)]
    [InlineData(17, 3_000)]
    [InlineData(16 * 1024, 200_000)]
    [InlineData(16 * 1024 + 1, 200_000)]
    [InlineData(100_000, 1_000_000)]
    public async Task What_is_granted_is_delivered_to_the_byte(int step, int total)
    {
        byte[] payload = Payload.Of(total);
        WirePair pair = await Connect(TlsVersion.Tls13, 0, 0);

        Task<IoError> sending = pair.Client.App.Send(payload);
        for (int granted = 0; granted < total;)
        {
            await pair.Server.App.Grant(step);
            granted = Math.Min(granted + step, total);
            await pair.Server.App.Received(granted).Within();
            Assert.Equal(granted, pair.Server.App.Count);
        }

        Assert.Equal(IoError.None, await sending.Within());
        Assert.Equal(payload, pair.Server.App.Bytes);
    }

    [Fact]
    public async Task Random_grants_are_delivered_to_the_byte()
    {
        const int total = 500_000;
        Random random = new(20261123);
        byte[] payload = Payload.Of(total);
        WirePair pair = await Connect(TlsVersion.Tls12, 0, 0);
        _ = pair.Client.App.Send(payload);

        for (long granted = 0; granted < total;)
        {
            int step = random.Next(4) switch { 0 => random.Next(1, 10), 1 => random.Next(1, 70_000), _ => random.Next(1, 3000) };
            await pair.Server.App.Grant(step);
            granted += step;
            await pair.Server.App.Received(Math.Min(granted, total)).Within();
            Assert.Equal(Math.Min(granted, total), pair.Server.App.Count);
        }

        Assert.Equal(payload, pair.Server.App.Bytes);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5000)]
    [InlineData(100_000)]
    public async Task A_slow_reader_bounds_what_is_taken_from_the_wire(int window)
    {
        WirePair pair = await Connect(TlsVersion.Tls13, long.MaxValue, window);

        await pair.Client.App.Send(Payload.Of(2_000_000)).Within();
        await pair.Server.App.Received(window).Within();
        await Quiet(pair);

        Assert.Equal(window, pair.Server.App.Count);

        // The window, one record's overhead for each 16 KiB of it, room for handshake data, and a record that was begun.
        Assert.InRange(pair.Server.Wire!.Delivered, window, window + 40_000);
    }

    [Fact]
    public async Task Grants_without_end_do_not_overflow()
    {
        WirePair pair = await Connect(TlsVersion.Tls13, 0, 0);

        await pair.Server.App.Grant(long.MaxValue);
        await pair.Server.App.Grant(long.MaxValue);
        await pair.Client.App.Send(Payload.Of(100_000)).Within();
        await pair.Server.App.Received(100_000).Within();

        Assert.Equal(100_000, pair.Server.App.Count);
    }

    [Fact]
    public async Task A_window_opened_while_a_message_is_delivered_counts()
    {
        byte[] payload = Payload.Of(10_000);
        Recorder app = new() { FirstWindow = 1, Regrants = true };
        using TlsContext server = TlsParts.Server();
        using TlsContext client = TlsParts.Client();
        WirePair pair = await WirePair.Connect(this, client.Localhosted(), server.ForServer(), serverApp: app);

        await pair.Client.App.Send(payload).Within();
        await app.Received(payload.Length).Within();

        Assert.Equal(payload, app.Bytes);
        Assert.All(app.Sizes, static size => Assert.Equal(1, size));
    }

    [Fact]
    public async Task Without_back_pressure_everything_comes()
    {
        using TlsContext server = TlsParts.Server();
        using TlsContext client = TlsParts.Client();
        WirePair pair = await WirePair.Create(
            this, client.Localhosted(), server.ForServer(), serverApp: new Recorder { FirstWindow = 0 }, backPressure: false);
        await pair.Start();
        await pair.Succeeded();

        await pair.Client.App.Send(Payload.Of(300_000)).Within();
        await pair.Server.App.Received(300_000).Within();

        Assert.Equal(Payload.Of(300_000), pair.Server.App.Bytes);
    }

    private static async Task Quiet(WirePair pair)
    {
        for (int i = 0; i < 5; i++)
        {
            await pair.Client.Channel.EventLoop.AfterTicks(10, static () => { }).Within();
            await pair.Server.Channel.EventLoop.AfterTicks(10, static () => { }).Within();
        }
    }

    private async Task<WirePair> Connect(TlsVersion version, long clientsWindow, long serversWindow)
    {
        using TlsContext server = TlsParts.Server(change: options => options.Only(version));
        using TlsContext client = TlsParts.Client(options => options.Only(version));
        return await WirePair.Connect(
            this,
            client.Localhosted(),
            server.ForServer(),
            new Recorder { FirstWindow = clientsWindow },
            new Recorder { FirstWindow = serversWindow });
    }
}

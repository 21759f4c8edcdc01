using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Tls;

/// <summary>What was received and waits for window when the connection ends.</summary>
public sealed class CachedPlaintextTests : ConnectionTest
{
    private const int Size = 40_000;

    private readonly byte[] _payload = Payload.Of(Size);

    [Theory]
    [InlineData(TlsVersion.Tls12)]
    [InlineData(TlsVersion.Tls13)]
    [Trait("Upstream", "tls_channel_shutdown_with_cache_test")]
    public async Task What_waits_is_delivered_before_a_shutdown_goes_on(TlsVersion version)
    {
        WirePair pair = await SentWithWindow(version, 1000);

        await pair.Server.Do(() =>
        {
            pair.Server.App.Slot!.IncrementReadWindow(Size);
            pair.Server.Channel.Shutdown(new IoError(IoErrorCode.Unknown, "own reason"));
        });

        Assert.Equal(IoErrorCode.Unknown, (await pair.Server.Ended.Task.Within()).Code);
        Assert.Equal(_payload, pair.Server.App.Bytes);
    }

    [Theory]
    [InlineData(TlsVersion.Tls12)]
    [InlineData(TlsVersion.Tls13)]
    [Trait("Upstream", "tls_channel_shutdown_with_cache_window_update_after_shutdown_test")]
    public async Task A_shutdown_waits_for_window_and_keeps_its_reason(TlsVersion version)
    {
        WirePair pair = await SentWithWindow(version, 1000);

        pair.Server.Channel.Shutdown(new IoError(IoErrorCode.Unknown, "own reason"));
        await pair.Server.Channel.EventLoop.AfterTicks(50, static () => { }).Within();
        Assert.Equal(0, pair.Server.Ended.Count);
        Assert.Equal(1000, pair.Server.App.Count);
        for (int i = 0; i < 39; i++)
        {
            await pair.Server.App.Grant(1000);
        }

        Assert.Equal(IoErrorCode.Unknown, (await pair.Server.Ended.Task.Within()).Code);
        Assert.Equal(_payload, pair.Server.App.Bytes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(777)]
    [InlineData(16 * 1024)]
    [InlineData(Size)]
    public async Task What_waits_is_delivered_after_the_peers_goodbye(int step)
    {
        int size = step == 1 ? 400 : Size;
        byte[] payload = Payload.Of(size);
        WirePair pair = await SentWithWindow(TlsVersion.Tls13, 0, payload);
        pair.Client.Channel.Shutdown(IoError.None);
        await pair.Client.Ended.Task.Within();

        for (int granted = 0; granted < size; granted += step)
        {
            Assert.Equal(0, pair.Server.App.ReadEnd.Count);
            await pair.Server.App.Grant(step);
            await pair.Server.App.Received(Math.Min(granted + step, size)).Within();
        }

        Assert.Equal(IoError.None, await pair.Server.Ended.Task.Within());
        Assert.Equal(payload, pair.Server.App.Bytes);
    }

    [Fact]
    public async Task What_waits_is_delivered_before_a_truncation_is_reported()
    {
        WirePair pair = await SentWithWindow(TlsVersion.Tls13, 0);
        await pair.Server.Do(() => pair.Server.Wire!.CutAfter = pair.Server.Wire.Received.Length);
        await pair.Server.Do(pair.Server.Wire!.Pump);

        await pair.Server.App.Grant(Size - 1);
        await pair.Server.App.Received(Size - 1).Within();
        Assert.Equal(0, pair.Server.Ended.Count);
        await pair.Server.App.Grant(1);

        Assert.Equal(IoErrorCode.TlsAlertNotGraceful, (await pair.Server.Ended.Task.Within()).Code);
        Assert.Equal(_payload, pair.Server.App.Bytes);
    }

    [Fact]
    public async Task An_abort_does_not_wait_for_window()
    {
        WirePair pair = await SentWithWindow(TlsVersion.Tls13, 10);

        pair.Server.Channel.Shutdown(IoError.None);
        await pair.Server.Channel.EventLoop.AfterTicks(20, static () => { }).Within();
        pair.Server.Channel.Abort(IoErrorCode.OperationCancelled);

        Assert.Equal(IoError.None, await pair.Server.Ended.Task.Within());
        Assert.Equal(10, pair.Server.App.Count);
    }

    [Theory]
    [InlineData(TlsVersion.Tls12)]
    [InlineData(TlsVersion.Tls13)]
    public async Task A_shutdown_with_nothing_but_tickets_and_alerts_waiting_needs_no_window(TlsVersion version)
    {
        WirePair pair = await SentWithWindow(version, 0, [], clientsWindow: 0);
        pair.Server.Channel.Shutdown(IoError.None);
        await pair.Server.Ended.Task.Within();

        pair.Client.Channel.Shutdown(IoError.None);

        Assert.Equal(IoError.None, await pair.Client.Ended.Task.Within());
        Assert.Equal(0, pair.Client.App.Count);
    }

    [Fact]
    public async Task A_goodbye_with_nothing_before_it_is_noticed_without_window()
    {
        WirePair pair = await SentWithWindow(TlsVersion.Tls13, 0, [], clientsWindow: 0);

        pair.Server.Channel.Shutdown(IoError.None);

        Assert.Equal(IoError.None, await pair.Client.App.ReadEnd.Task.Within());
        Assert.Equal(IoError.None, await pair.Client.Ended.Task.Within());
    }

    [Fact]
    public async Task A_truncation_with_nothing_before_it_is_noticed_without_window()
    {
        WirePair pair = await SentWithWindow(TlsVersion.Tls13, 0, [], clientsWindow: 0);

        await pair.Client.Do(() =>
        {
            pair.Client.Wire!.CutAfter = pair.Client.Wire.Delivered;
            pair.Client.Wire.Pump();
        });

        Assert.Equal(IoErrorCode.TlsAlertNotGraceful, (await pair.Client.Ended.Task.Within()).Code);
    }

    private Task<WirePair> SentWithWindow(TlsVersion version, long window) => SentWithWindow(version, window, _payload);

    /// <summary>Connects, and has the client send the payload, all of which reaches the server's channel as far as it fits.</summary>
    private async Task<WirePair> SentWithWindow(TlsVersion version, long window, byte[] payload, long clientsWindow = long.MaxValue)
    {
        using TlsContext server = TlsParts.Server(change: options => options.Only(version));
        using TlsContext client = TlsParts.Client(options => options.Only(version));
        WirePair pair = await WirePair.Connect(
            this,
            client.Localhosted(),
            server.ForServer(),
            new Recorder { FirstWindow = clientsWindow },
            new Recorder { FirstWindow = window });

        // The wire knows no window of its own here: everything is in the TLS handler's hands before the test goes on.
        await pair.Server.Do(() => pair.Server.Tls!.Slot!.IncrementReadWindow(1_000_000));
        Assert.Equal(IoError.None, await pair.Client.App.Send(payload).Within());
        await pair.Server.App.Received(Math.Min(window, payload.Length)).Within();
        await pair.Server.Channel.EventLoop.AfterTicks(20, static () => { }).Within();
        if (payload.Length > 0)
        {
            Assert.Equal(pair.Server.Wire!.Received.Length, pair.Server.Wire.Delivered);
        }

        return pair;
    }

    [Fact]
    public async Task What_nobody_ever_takes_is_dropped_when_the_shutdowns_time_is_over()
    {
        using TlsContext server = TlsParts.Server();
        using TlsContext client = TlsParts.Client();
        WirePair pair = await WirePair.Create(
            this, client.Localhosted(), server.ForServer(), serverApp: new Recorder { FirstWindow = 0 }, shutdownTimeout: TimeSpan.FromMilliseconds(50));
        await pair.Start();
        await pair.Succeeded();
        await pair.Client.App.Send(_payload).Within();
        await pair.Server.Channel.EventLoop.AfterTicks(20, static () => { }).Within();
        pair.Server.Channel.Shutdown(new IoError(IoErrorCode.Unknown, "own reason"));

        Assert.Equal(IoErrorCode.Unknown, (await pair.Server.Ended.Task.Within()).Code);
        Assert.Equal(0, pair.Server.App.Count);
    }

    [Fact]
    public async Task Many_small_records_are_joined_into_few_messages()
    {
        WirePair pair = await SentWithWindow(TlsVersion.Tls13, 0, [1]);
        for (int i = 0; i < 999; i++)
        {
            await pair.Client.App.Send([(byte)i]).Within();
        }

        // What waits takes the room of its bytes, and not a message for each record.
        await pair.Server.App.Grant(1000);
        await pair.Server.App.Received(1000).Within();
        Assert.Equal([1000], pair.Server.App.Sizes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_application_that_refuses_data_is_given_no_more_and_the_channel_ends(bool throws)
    {
        WirePair pair = await SentWithWindow(TlsVersion.Tls13, 0);
        int calls = 0;
        pair.Server.App.OnMessage = _ =>
        {
            calls++;
            throw new InvalidOperationException("on purpose");
        };
        if (!throws)
        {
            pair.Server.App.Refusal = new IoError(IoErrorCode.NoPermission, "on purpose");
        }

        pair.Server.Channel.Shutdown(new IoError(IoErrorCode.Unknown, "own reason"));
        await pair.Server.Channel.EventLoop.AfterTicks(5, static () => { }).Within();
        Assert.Equal(0, pair.Server.Ended.Count);
        await pair.Server.App.Grant(100);

        Assert.Equal(IoErrorCode.Unknown, (await pair.Server.Ended.Task.Within()).Code);
        Assert.Equal(throws ? 1 : 0, calls);
    }

    [Fact]
    public async Task A_write_after_the_end_is_refused_and_never_reaches_the_library()
    {
        WirePair pair = await SentWithWindow(TlsVersion.Tls13, 0);
        pair.Server.Channel.Abort(IoErrorCode.OperationCancelled);
        await pair.Server.Ended.Task.Within();
        await pair.Server.App.Destroyed.Task.Within();

        Assert.Equal(IoErrorCode.SocketClosed, (await pair.Server.App.Send("late").Within()).Code);
        Assert.Equal("TLSv1.3", pair.Server.Tls!.Info!.Version);
    }
}

using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Tls;

/// <summary>Goodbyes, truncation, and one direction ending before the other.</summary>
public sealed class EndOfStreamTests : ConnectionTest
{
    [Theory]
    [InlineData(TlsVersion.Tls12)]
    [InlineData(TlsVersion.Tls13)]
    public async Task A_goodbye_ends_the_peer_without_an_error(TlsVersion version)
    {
        WirePair pair = await Connect(version);
        await pair.Client.App.Send("all of it").Within();

        pair.Client.Channel.Shutdown(IoError.None);
        IoError reason = await pair.Server.Ended.Task.Within();

        Assert.Equal(IoError.None, reason);
        Assert.Equal(IoError.None, await pair.Server.App.ReadEnd.Task.Within());
        Assert.Equal("all of it", pair.Server.App.Text);
        Assert.Equal(IoError.None, await pair.Client.Ended.Task.Within());
    }

    [Theory]
    [InlineData(TlsVersion.Tls12)]
    [InlineData(TlsVersion.Tls13)]
    public async Task An_end_without_a_goodbye_is_an_error_of_its_own(TlsVersion version)
    {
        WirePair pair = await Connect(version);
        await pair.Client.App.Send("a part").Within();
        await pair.Server.App.Received(6).Within();

        await Cut(pair.Server, after: 0);
        IoError reason = await pair.Server.Ended.Task.Within();

        Assert.Equal(IoErrorCode.TlsAlertNotGraceful, reason.Code);
        Assert.Contains("close_notify", reason.Detail, StringComparison.Ordinal);
        Assert.Equal("a part", pair.Server.App.Text);
        Assert.Equal(0, pair.Server.App.ReadEnd.Count);
    }

    [Fact]
    public async Task An_end_in_the_middle_of_a_record_is_an_error_and_the_records_before_it_are_delivered()
    {
        WirePair pair = await Connect(TlsVersion.Tls13);
        await pair.Client.App.Send("whole").Within();
        await pair.Server.App.Received(5).Within();

        await Cut(pair.Server, after: 20);
        await pair.Client.App.Send(Payload.Of(100)).Within();
        IoError reason = await pair.Server.Ended.Task.Within();

        Assert.Equal(IoErrorCode.TlsAlertNotGraceful, reason.Code);
        Assert.Equal("whole", pair.Server.App.Text);
    }

    [Fact]
    public async Task A_reset_keeps_its_own_code()
    {
        WirePair pair = await Connect(TlsVersion.Tls13);

        pair.Server.Wire!.CutsWithReset = true;
        await Cut(pair.Server, after: 0);
        IoError reason = await pair.Server.Ended.Task.Within();

        Assert.Equal(IoErrorCode.SocketClosed, reason.Code);
        Assert.Equal(104, reason.NativeError);
    }

    [Theory]
    [InlineData(TlsVersion.Tls12)]
    [InlineData(TlsVersion.Tls13)]
    public async Task A_last_message_ends_one_direction_and_the_other_goes_on(TlsVersion version)
    {
        byte[] answer = Payload.Of(100_000);
        WirePair pair = await Connect(version, new Recorder { Regrants = true, StaysAfterReadEnd = true });

        Assert.Equal(IoError.None, await pair.Client.App.Send("the question", isLast: true).Within());
        Assert.Equal(IoError.None, await pair.Server.App.ReadEnd.Task.Within());
        Assert.Equal("the question", pair.Server.App.Text);
        Assert.Equal(IoError.None, await pair.Server.App.Send(answer, isLast: true).Within());
        await pair.Client.App.Received(answer.Length).Within();

        Assert.Equal(answer, pair.Client.App.Bytes);
        Assert.Equal(IoError.None, await pair.Client.Ended.Task.Within());
        pair.Server.Channel.Shutdown(IoError.None);
        Assert.Equal(IoError.None, await pair.Server.Ended.Task.Within());
    }

    [Fact]
    public async Task An_empty_last_message_says_goodbye_and_no_more()
    {
        WirePair pair = await Connect(TlsVersion.Tls13, new Recorder { Regrants = true, StaysAfterReadEnd = true });

        Assert.Equal(IoError.None, await pair.Client.App.Send([], isLast: true).Within());

        Assert.Equal(IoError.None, await pair.Server.App.ReadEnd.Task.Within());
        Assert.Equal(0, pair.Server.App.Count);
    }

    [Fact]
    public async Task Writing_behind_the_last_message_is_refused()
    {
        WirePair pair = await Connect(TlsVersion.Tls13, new Recorder { Regrants = true, StaysAfterReadEnd = true });
        await pair.Client.App.Send("end", isLast: true).Within();

        IoError error = await pair.Client.App.Send("more").Within();

        Assert.Equal(IoErrorCode.TlsWriteFailure, error.Code);
        await pair.Server.App.ReadEnd.Task.Within();
        Assert.Equal("end", pair.Server.App.Text);
    }

    [Fact]
    public async Task An_empty_message_is_completed_and_sends_nothing()
    {
        WirePair pair = await Connect(TlsVersion.Tls13);
        await pair.Client.App.Send("a").Within();
        await pair.Server.App.Received(1).Within();
        int before = pair.Server.Wire!.Received.Length;

        Assert.Equal(IoError.None, await pair.Client.App.Send([]).Within());
        await pair.Server.Do(static () => { });

        Assert.Equal(before, pair.Server.Wire.Received.Length);
    }

    [Fact]
    public async Task Writing_before_the_handshake_is_done_is_refused()
    {
        using TlsContext server = TlsParts.Server();
        using TlsContext client = TlsParts.Client();
        WirePair pair = await WirePair.Create(this, client.Localhosted(), server.ForServer());

        IoError early = await pair.Client.App.Send("too early").Within();
        await pair.Start();
        await pair.Succeeded();
        await pair.Client.App.Send("in time").Within();
        await pair.Server.App.Received(7).Within();

        Assert.Equal(IoErrorCode.TlsNotNegotiated, early.Code);
        Assert.Equal("in time", pair.Server.App.Text);
    }

    [Fact]
    public async Task A_shutdown_with_an_error_says_goodbye_too()
    {
        WirePair pair = await Connect(TlsVersion.Tls13);

        pair.Client.Channel.Shutdown(new IoError(IoErrorCode.Unknown, "had enough"));

        Assert.Equal(IoError.None, await pair.Server.Ended.Task.Within());
        Assert.Equal(IoErrorCode.Unknown, (await pair.Client.Ended.Task.Within()).Code);
    }

    [Fact]
    public async Task An_abort_says_nothing()
    {
        WirePair pair = await Connect(TlsVersion.Tls13);

        pair.Client.Channel.Abort(IoErrorCode.OperationCancelled);

        Assert.Equal(104, (await pair.Server.Ended.Task.Within()).NativeError);
    }

    [Fact]
    public async Task A_goodbye_during_the_handshake_fails_it()
    {
        using TlsContext server = TlsParts.Server();
        using TlsContext client = TlsParts.Client();
        WirePair pair = await WirePair.Create(this, client.Localhosted(), server.ForServer());
        pair.Client.Wire!.IsHeld = true;

        await pair.Start();
        pair.Client.Channel.Shutdown(IoError.None);
        IoError clients = await pair.Client.Negotiated.Task.Within();
        IoError servers = await pair.Server.Negotiated.Task.Within();

        Assert.Equal(IoErrorCode.SocketClosed, clients.Code);
        Assert.Equal(IoErrorCode.SocketClosed, servers.Code);
        Assert.Equal(IoError.None, await pair.Client.Ended.Task.Within());
        Assert.Equal(IoErrorCode.SocketClosed, (await pair.Server.Ended.Task.Within()).Code);
    }

    private static async Task Cut(End end, long after) => await end.Do(() =>
    {
        end.Wire!.CutAfter = end.Wire.Delivered + after;
        end.Wire.Pump();
    });

    private async Task<WirePair> Connect(TlsVersion version, Recorder? serverApp = null)
    {
        using TlsContext server = TlsParts.Server(change: options => options.Only(version));
        using TlsContext client = TlsParts.Client(options => options.Only(version));
        return await WirePair.Connect(this, client.Localhosted(), server.ForServer(), serverApp: serverApp);
    }
}

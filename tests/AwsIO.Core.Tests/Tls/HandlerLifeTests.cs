using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Tls;

/// <summary>Handlers that are started, taken out and thrown at, at inconvenient moments.</summary>
public sealed class HandlerLifeTests : ConnectionTest
{
    protected override int LoopCount => 1;

    [Fact]
    public async Task A_handler_may_be_taken_out_while_it_delivers()
    {
        WirePair pair = await Create();
        await pair.Start();
        await pair.Succeeded();
        pair.Server.App.OnMessage = _ => pair.Server.Tls!.Slot!.Remove();

        await pair.Client.App.Send(Payload.Of(100_000)).Within();
        await pair.Server.App.Received(1).Within();
        await Loop.AfterTicks(20, static () => { }).Within();

        Assert.Single(pair.Server.App.Sizes);
        Assert.False(pair.Server.Tls!.Info!.CipherSuite.Length == 0);
    }

    [Fact]
    public async Task A_handler_may_be_taken_out_when_its_handshake_is_done()
    {
        WirePair pair = await Create();

        await pair.Start();
        await pair.Succeeded();
        await pair.Client.Do(() =>
        {
            // A grant has the handler schedule a reading: it comes when there is no session any more.
            pair.Client.App.Slot!.IncrementReadWindow(10);
            pair.Client.Tls!.Slot!.Remove();
            Assert.True(pair.Client.Tls.StartNegotiation().IsNone);
        });
        await Loop.AfterTicks(20, static () => { }).Within();

        Assert.Equal(1, pair.Client.Negotiated.Count);
    }

    [Fact]
    public async Task A_handler_may_be_taken_out_in_the_middle_of_its_handshake()
    {
        WirePair pair = await Create();
        await pair.Client.Do(() =>
        {
            Assert.True(pair.Client.Tls!.StartNegotiation().IsNone);
            pair.Client.Tls.Slot!.Remove();
            Assert.True(pair.Client.Tls.StartNegotiation().IsNone);
        });
        await Loop.AfterTicks(20, static () => { }).Within();

        Assert.Equal(0, pair.Client.Negotiated.Count);
    }

    [Fact]
    public async Task A_server_does_not_start_handshakes()
    {
        WirePair pair = await Create();

        Assert.Equal(IoErrorCode.InvalidState, pair.Server.Tls!.StartNegotiation().Code);
        Assert.Equal(0, pair.Server.Negotiated.Count);
    }

    [Fact]
    public void A_handler_without_a_slot_does_not_start_handshakes()
    {
        using TlsContext client = TlsParts.Client();

        Assert.Equal(IoErrorCode.InvalidState, new TlsChannelHandler(client.Localhosted()).StartNegotiation().Code);
    }

    [Fact]
    public async Task A_handshake_may_be_started_from_another_thread_and_twice()
    {
        WirePair pair = await Create();

        Assert.True(pair.Client.Tls!.StartNegotiation().IsNone);
        Assert.True(pair.Client.Tls.StartNegotiation().IsNone);
        await pair.Succeeded();

        Assert.Equal(1, pair.Client.Negotiated.Count);
    }

    [Fact]
    public async Task A_handshake_started_while_the_channel_goes_down_comes_to_nothing()
    {
        WirePair pair = await Create();

        pair.Client.Channel.Shutdown(IoError.None);
        Assert.True(pair.Client.Tls!.StartNegotiation().IsNone);
        IoError error = await pair.Client.Negotiated.Task.Within();

        Assert.Equal(IoErrorCode.SocketClosed, error.Code);
        Assert.Equal(IoError.None, await pair.Client.Ended.Task.Within());
        Assert.Equal(1, pair.Client.Negotiated.Count);
    }

    [Fact]
    public async Task A_context_that_was_disposed_serves_its_connections_and_makes_no_more()
    {
        TlsContext server = TlsParts.Server();
        TlsContext client = TlsParts.Client();
        WirePair pair = await WirePair.Create(this, client.Localhosted(), server.ForServer());
        server.Dispose();
        client.Dispose();
        GC.Collect();
        GC.WaitForPendingFinalizers();

        await pair.Start();
        await pair.Succeeded();
        await pair.Client.App.Send("still there").Within();
        await pair.Server.App.Received(11).Within();
        WirePair late = await WirePair.Create(this, client.Localhosted(), null);

        Assert.Equal("still there", pair.Server.App.Text);
        IoError refused = await late.Client.Ended.Task.Within();
        Assert.Equal(IoErrorCode.InvalidState, refused.Code);
        Assert.Contains("disposed", refused.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_callback_that_throws_ends_its_channel_and_not_the_loop()
    {
        using TlsContext server = TlsParts.Server();
        using TlsContext client = TlsParts.Client();
        Signal<IoError> ended = new();
        TlsConnectionOptions options = client.Localhosted();
        options.OnNegotiated = static (_, _, _) => throw new InvalidOperationException("from the callback");
        (MemoryWire clientWire, MemoryWire serverWire) = MemoryWire.CreatePair();
        IoChannel servers = IoChannel.Create(new IoChannelOptions
        {
            EventLoop = Loop,
            OnSetup = (channel, _, _) =>
            {
                channel.AddLast(serverWire);
                channel.AddLast(new TlsChannelHandler(server.ForServer()));
            },
        });
        IoChannel.Create(new IoChannelOptions
        {
            EventLoop = Loop,
            OnSetup = (channel, _, _) =>
            {
                channel.AddLast(clientWire);
                TlsChannelHandler tls = new(options);
                channel.AddLast(tls);
                tls.StartNegotiation();
            },
            OnShutdown = (_, error, _) => ended.Set(error),
        });

        IoError error = await ended.Task.Within();
        servers.Shutdown(IoError.None);
        await Loop.Do(static () => { });

        Assert.Equal(IoErrorCode.Unknown, error.Code);
        Assert.Contains("from the callback", error.Detail, StringComparison.Ordinal);
    }

    private async Task<WirePair> Create()
    {
        using TlsContext server = TlsParts.Server();
        using TlsContext client = TlsParts.Client();
        return await WirePair.Create(this, client.Localhosted(), server.ForServer());
    }
}

using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Tls;

public sealed class OwnProviderTests : ConnectionTest
{
    [Fact]
    [Trait("Upstream", "byo_tls_handler_test")]
    public async Task A_provider_of_ones_own_does_the_work_and_is_let_go_of()
    {
        MaskingProvider provider = new();
        TlsContext client = TlsContext.CreateClient(new TlsContextOptions { Provider = provider }).Value;
        TlsContext server = TlsParts.Server(change: options => options.Provider = provider);

        WirePair pair = await WirePair.Connect(this, client.Localhosted(), server.ForServer());
        await pair.Client.App.Send("masked").Within();
        await pair.Server.App.Received(6).Within();
        pair.Client.Channel.Shutdown(IoError.None);

        Assert.Equal(IoError.None, await pair.Server.Ended.Task.Within());
        Assert.Equal(IoError.None, await pair.Client.Ended.Task.Within());
        await pair.Client.App.Destroyed.Task.Within();
        await pair.Server.App.Destroyed.Task.Within();
        client.Dispose();
        server.Dispose();
        Assert.Equal("masked", pair.Server.App.Text);
        Assert.Equal("XOR", pair.Client.Tls!.Info!.CipherSuite);
        Assert.Equal(2, provider.Sessions);
        Assert.Equal(2, provider.DisposedSessions);
        Assert.Equal(2, provider.DisposedContexts);
    }

    [Fact]
    public async Task A_providers_failure_is_told_with_its_own_words()
    {
        MaskingProvider provider = new();
        using TlsContext client = TlsContext.CreateClient(new TlsContextOptions { Provider = provider }).Value;
        WirePair pair = await WirePair.Create(this, client.Localhosted(), null);

        await pair.Start();
        await pair.Server.App.Send("HALLO").Within();
        IoError error = await pair.Client.Negotiated.Task.Within();

        Assert.Equal(IoErrorCode.TlsNegotiationFailure, error.Code);
        Assert.Contains("that was no greeting", error.Detail, StringComparison.Ordinal);
        Assert.Equal(error, await pair.Client.Ended.Task.Within());
    }

    [Fact]
    public async Task Writes_that_wait_for_input_go_out_in_their_order_once_it_has_come()
    {
        MaskingProvider provider = new();
        (WirePair pair, TlsContext client) = await Waiting(provider);

        Task<IoError> first = pair.Client.App.Send("first ");
        Task<IoError> second = pair.Client.App.Send("");
        Task<IoError> third = pair.Client.App.Send("third", isLast: true);
        await pair.Server.App.Received(1).Within();
        IoError late = await pair.Client.App.Send("late").Within();
        Assert.Equal(IoErrorCode.TlsWriteFailure, late.Code);
        Assert.False(first.IsCompleted || second.IsCompleted || third.IsCompleted);
        int told = 0;
        await pair.Client.Do(() =>
        {
            // One byte of the first went out.
            Assert.Equal(10, pair.Client.Tls!.DeferredBytes);
            pair.Client.Tls.DeferredSent = () => told++;
        });
        Assert.Equal("f", pair.Server.App.Text);
        await pair.Server.App.Send("input").Within();

        Assert.Equal([IoError.None, IoError.None, IoError.None], await Task.WhenAll(first, second, third).Within());
        await pair.Server.App.Received(11).Within();
        Assert.Equal("first third", pair.Server.App.Text);
        await pair.Server.App.ReadEnd.Task.Within();
        await pair.Client.Do(() => Assert.Equal((1, 0L), (told, pair.Client.Tls!.DeferredBytes)));
        client.Dispose();
    }

    [Fact]
    public async Task Writes_that_wait_for_input_at_the_end_are_told_that_they_failed()
    {
        MaskingProvider provider = new();
        (WirePair pair, TlsContext client) = await Waiting(provider);

        Task<IoError> first = pair.Client.App.Send("first");
        Task<IoError> second = pair.Client.App.Send("second");
        await pair.Server.App.Received(1).Within();
        pair.Client.Channel.Shutdown(IoError.None);

        Assert.Equal(IoErrorCode.TlsWriteFailure, (await first.Within()).Code);
        Assert.Equal(IoErrorCode.TlsWriteFailure, (await second.Within()).Code);
        Assert.Equal(IoError.None, await pair.Client.Ended.Task.Within());
        client.Dispose();
    }

    private async Task<(WirePair Pair, TlsContext Client)> Waiting(MaskingProvider provider)
    {
        TlsContext client = TlsContext.CreateClient(new TlsContextOptions { Provider = provider }).Value;
        using TlsContext server = TlsParts.Server(change: options => options.Provider = new MaskingProvider());
        WirePair pair = await WirePair.Connect(this, client.Localhosted(), server.ForServer());
        provider.WritesWaitForInput = true;
        return (pair, client);
    }
}

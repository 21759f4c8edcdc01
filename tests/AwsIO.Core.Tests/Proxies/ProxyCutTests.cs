using AwsIO.Tests.Infrastructure.Connections;
using AwsIO.Tests.Infrastructure.Proxies;

namespace AwsIO.Tests.Proxies;

/// <summary>Connections that are cut at every byte: each end is told once, of the right end, and nothing is left.</summary>
public sealed class ProxyCutTests : ConnectionTest
{
    private const int Reset = 104;
    private const int BrokenPipe = 32;
    private const int Offsets = 48;

    public static TheoryData<ProxyCut, bool> Cuts => new(
        from cut in Enum.GetValues<ProxyCut>()
        from toServer in new[] { false, true }
        select new TheoryDataRow<ProxyCut, bool>(cut, toServer));

    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task A_cut_at_each_of_the_first_bytes_ends_both_sides_once(ProxyCut cut, bool toServer)
    {
        byte[] data = Payload.Of(64);
        Listening listening = this.Listen();
        int offset = 0;
        FaultProxy proxy = FaultProxy.Start(this, listening.Port, () => Plans(cut, toServer, offset));
        for (; offset < Offsets; offset++)
        {
            Dialled client = this.Dial(proxy.Port);
            Dialled server = await listening.NextReady();
            IoError setup = await client.Setup.Task.Within();
            if (setup.IsError)
            {
                // Cut at once, and by a reset that was faster than the news of the connection.
                Assert.Equal((0, ProxyCut.Reset), (offset, cut));
                AssertEnd(setup, cut, "client at once");
                AssertEnd(await server.Ended.Task.Within(), cut, "server at once");
                continue;
            }

            (Dialled sender, Dialled receiver) = toServer ? (client, server) : (server, client);

            IoError sent = await sender.App.Send(data).Within();
            IoError clients = await client.Ended.Task.Within();
            IoError servers = await server.Ended.Task.Within();

            AssertEnd(clients, cut, $"client at {offset}");
            AssertEnd(servers, cut, $"server at {offset}");
            Assert.True(sent.IsNone || sent.Code is IoErrorCode.SocketClosed or IoErrorCode.SocketNotConnected, sent.ToString());
            byte[] received = receiver.App.Bytes;
            Assert.True(received.Length <= offset, $"{received.Length} bytes came, of {offset}.");
            Assert.Equal(data[..received.Length], received);
            if (cut == ProxyCut.Fin)
            {
                Assert.Equal(offset, received.Length);
            }

            Assert.Equal((1, 1), (client.Ended.Count, server.Ended.Count));
            Assert.Equal((1, 1), (client.App.Destroyed.Count, server.App.Destroyed.Count));
        }
    }

    /// <summary>
    /// Every stage of a handshake, and the data behind it: the offsets go by a step that is prime, so that they fall on and into records
    /// of every flight.
    /// </summary>
    [Theory]
    [MemberData(nameof(Cuts))]
    [Trait("Category", "Slow")]
    public async Task A_cut_anywhere_in_a_handshake_is_told_once_on_both_sides(ProxyCut cut, bool toServer)
    {
        const int step = 31;
        byte[] data = Payload.Of(400);
        using TlsContext clientContext = TlsParts.Client();
        using TlsContext serverContext = TlsParts.Server();
        Listening listening = this.Listen(serverContext.ForServer());
        int offset = 0;
        FaultProxy proxy = FaultProxy.Start(this, listening.Port, () => Plans(cut, toServer, offset));
        int failed = 0;
        int whole = 0;
        for (; whole < 3; offset += offset < 8 ? 1 : step)
        {
            Assert.True(offset < 20_000, "No handshake was ever over.");
            Dialled client = this.Dial(proxy.Port, clientContext.Localhosted());
            ProxiedConnection way = await proxy.Next();
            Dialled server = await listening.Next();
            bool isUp = (await client.Setup.Task.Within()).IsNone & (await server.Setup.Task.Within()).IsNone;
            if (isUp)
            {
                // Both directions, so that whichever is to be cut gets there.
                whole++;
                await Task.WhenAll(client.App.Send(data), server.App.Send(data)).Within();
                way.Cut(cut);
            }
            else
            {
                failed++;
            }

            await AssertToldOnce(client, cut, offset);
            await AssertToldOnce(server, cut, offset);
        }

        Assert.True(failed > 15, $"Only {failed} handshakes were cut.");
    }

    [Theory]
    [InlineData(ProxyCut.Fin)]
    [InlineData(ProxyCut.Reset)]
    public async Task After_any_number_of_cuts_the_next_connection_is_whole(ProxyCut cut)
    {
        Listening listening = this.Listen();
        int left = 40;
        FaultProxy proxy = FaultProxy.Start(
            this, listening.Port, () => left-- > 0 ? Plans(cut, true, left) : (ProxyPlan.Pass, ProxyPlan.Pass));
        List<Dialled> clients = [];
        for (int i = 0; i < 40; i++)
        {
            Dialled client = await this.Dial(proxy.Port).Ready();
            clients.Add(client);
            _ = client.App.Send(Payload.Of(100));
        }

        foreach (Dialled client in clients)
        {
            AssertEnd(await client.Ended.Task.Within(), cut, "a client");
            await (await listening.NextReady()).Ended.Task.Within();
        }

        Dialled good = await this.Dial(proxy.Port).Ready();
        Dialled served = await listening.NextReady();
        await good.App.Send("good").Within();
        await served.App.Received(4).Within();
        Assert.Equal("good", served.App.Text);
    }

    private static (ProxyPlan ToServer, ProxyPlan ToClient) Plans(ProxyCut cut, bool toServer, int offset)
    {
        ProxyPlan plan = new() { Cut = cut, CutAfter = offset };
        return toServer ? (plan, ProxyPlan.Pass) : (ProxyPlan.Pass, plan);
    }

    private static void AssertEnd(IoError error, ProxyCut cut, string who)
    {
        Assert.True(error.Code == IoErrorCode.SocketClosed, $"{who}: {error}");
        Assert.True(IsEnd(error, cut), $"{who}: {error}");
    }

    /// <summary>A side that was still writing may find out by its write; an orderly end shows as a reset to whoever writes on.</summary>
    private static bool IsEnd(IoError error, ProxyCut cut) =>
        error.NativeError is Reset or BrokenPipe || (cut == ProxyCut.Fin && error.NativeError == 0);

    private static async Task AssertToldOnce(Dialled side, ProxyCut cut, int offset)
    {
        IoError setup = await side.Setup.Task.Within();
        IoError error = setup;
        if (setup.IsNone)
        {
            error = await side.Ended.Task.Within();
            Assert.Equal(1, side.Ended.Count);
        }

        Assert.Equal(1, side.Setup.Count);
        bool isTruncation = error.Code == IoErrorCode.TlsAlertNotGraceful;
        Assert.True(
            isTruncation ? cut == ProxyCut.Fin && setup.IsNone : error.Code == IoErrorCode.SocketClosed && IsEnd(error, cut),
            $"{cut} at {offset}, {(setup.IsNone ? "after" : "in")} the handshake: {error}");
    }
}

using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Tls;

public sealed class TlsStatisticsTests : ConnectionTest
{
    [Fact]
    public async Task A_report_says_when_the_handshake_began_and_ended_and_stays_so()
    {
        using TlsContext server = TlsParts.Server();
        using TlsContext client = TlsParts.Client();
        WirePair pair = await WirePair.Create(this, client.Localhosted(), server.ForServer());
        foreach (End end in new[] { pair.Client, pair.Server })
        {
            Assert.Equal((TlsHandshakeStatus.None, 0, 0), await Report(end));
        }

        long before = pair.Client.Channel.EventLoop.CurrentTime;
        await pair.Start();
        await pair.Succeeded();
        long after = pair.Client.Channel.EventLoop.CurrentTime;
        foreach (End end in new[] { pair.Client, pair.Server })
        {
            (TlsHandshakeStatus status, long begun, long ended) = await Report(end);
            Assert.Equal(TlsHandshakeStatus.Success, status);
            Assert.InRange(begun, before, after);
            Assert.InRange(ended, begun, after);

            await end.Do(() => end.Tls!.ResetStatistics());
            Assert.Equal((status, begun, ended), await Report(end));
        }
    }

    [Fact]
    public async Task A_handshake_that_fails_says_so()
    {
        using TlsContext server = TlsParts.Server();
        using TlsContext client = TlsParts.Client();
        WirePair pair = await WirePair.Create(this, client.ForHost("another.example"), server.ForServer());
        await pair.Start();
        Assert.True((await pair.Client.Negotiated.Task.Within()).IsError);

        (TlsHandshakeStatus status, long begun, long ended) = await Report(pair.Client);
        Assert.Equal(TlsHandshakeStatus.Failure, status);
        Assert.InRange(ended, begun, long.MaxValue);
        Assert.NotEqual(0, begun);
    }

    private static async Task<(TlsHandshakeStatus Status, long Begun, long Ended)> Report(End end)
    {
        (TlsHandshakeStatus, long, long) result = default;
        await end.Do(() =>
        {
            List<ChannelStatistics> statistics = [];
            end.Tls!.GatherStatistics(statistics);
            TlsStatistics tls = Assert.IsType<TlsStatistics>(Assert.Single(statistics));
            Assert.Equal(257, tls.Category);
            result = (tls.HandshakeStatus, tls.HandshakeStart, tls.HandshakeEnd);
        });
        return result;
    }
}

using AwsIO.Testing;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Tls;

/// <summary>A peer that goes away at some byte of the handshake: before, within and between its flights.</summary>
public sealed class VanishingPeerTests : ConnectionTest
{
    // Around each record's edges, and here and there within.
    private const int Stride = 211;

    // Signatures of RSA are all of one size, so that each handshake is as long as the first.
    private static readonly Lazy<TestCertificate> s_certificate = new(
        static () => TlsParts.Authority.Issue(new TestCertificateOptions { KeyKind = TestKeyKind.Rsa2048 }));

    protected override int LoopCount => 1;

    [Theory]
    [InlineData(TlsVersion.Tls12, true, false)]
    [InlineData(TlsVersion.Tls12, false, false)]
    [InlineData(TlsVersion.Tls13, true, false)]
    [InlineData(TlsVersion.Tls13, false, false)]
    [InlineData(TlsVersion.Tls12, true, true)]
    [InlineData(TlsVersion.Tls13, false, true)]
    [Trait("Upstream", "tls_server_hangup_during_negotiation")]
    public async Task The_other_end_is_told_once_and_goes_down(TlsVersion version, bool clientGoes, bool reset)
    {
        byte[] whole = await HandshakeBytes(version, clientGoes);
        int seen = 0;
        foreach (int cut in CutsOf(whole))
        {
            using TlsContext server = Server(version);
            using TlsContext client = Client(version);
            WirePair pair = await WirePair.Create(this, client.Localhosted(), server.ForServer());
            (End stays, End goes) = clientGoes ? (pair.Server, pair.Client) : (pair.Client, pair.Server);
            stays.Wire!.CutAfter = cut;
            stays.Wire.CutsWithReset = reset;

            await pair.Start();
            IoError handshake = await stays.Negotiated.Task.Within();

            // In TLS 1.3 tickets follow the handshake: the last cuts are in them, or behind them.
            if (handshake.IsError)
            {
                Assert.Equal(IoErrorCode.SocketClosed, handshake.Code);
                Assert.Equal(IoErrorCode.SocketClosed, (await stays.Ended.Task.Within()).Code);
                Assert.StartsWith("TLS handshake", handshake.Detail, StringComparison.Ordinal);
                seen++;
            }

            foreach (End end in new[] { stays, goes })
            {
                end.Channel.Abort(IoErrorCode.OperationCancelled);
                await end.Ended.Task.Within();
            }

            Assert.Equal(1, stays.Negotiated.Count);
            Assert.Equal(0, stays.App.Count);
        }

        Assert.True(seen > 5, $"Only {seen} of the cuts fell into the handshake.");
    }

    private static TlsContext Server(TlsVersion version) => TlsParts.Server(s_certificate.Value, options => options.Only(version));

    private static TlsContext Client(TlsVersion version) => TlsParts.Client(options => options.Only(version));

    private static SortedSet<int> CutsOf(byte[] stream)
    {
        SortedSet<int> cuts = [0, 1];
        for (int at = 0; at + 5 <= stream.Length;)
        {
            int next = at + 5 + (stream[at + 3] << 8) + stream[at + 4];
            cuts.UnionWith([at, at + 1, at + 4, at + 5, at + 6, next - 1]);
            for (int i = at; i < next; i += Stride)
            {
                cuts.Add(i);
            }

            at = next;
        }

        cuts.RemoveWhere(cut => cut >= stream.Length);
        return cuts;
    }

    private async Task<byte[]> HandshakeBytes(TlsVersion version, bool clients)
    {
        using TlsContext server = Server(version);
        using TlsContext client = Client(version);
        WirePair pair = await WirePair.Connect(this, client.Localhosted(), server.ForServer());
        byte[] bytes = clients ? pair.Server.Wire!.Received : pair.Client.Wire!.Received;
        foreach (End end in new[] { pair.Client, pair.Server })
        {
            end.Channel.Abort(IoErrorCode.OperationCancelled);
            await end.Ended.Task.Within();
        }

        return bytes;
    }
}

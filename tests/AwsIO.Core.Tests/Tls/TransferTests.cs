using System.Security.Cryptography;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Tls;

/// <summary>Much data, both ways, to the last byte.</summary>
public sealed class TransferTests : ConnectionTest
{
    [Theory]
    [InlineData(TlsVersion.Tls12)]
    [InlineData(TlsVersion.Tls13)]
    public async Task Much_data_both_ways_at_once_arrives_whole(TlsVersion version)
    {
        using TlsContext server = TlsParts.Server(change: options => options.Only(version));
        using TlsContext client = TlsParts.Client(options => options.Only(version));
        WirePair pair = await WirePair.Connect(
            this,
            client.Localhosted(),
            server.ForServer(),
            new Recorder { FirstWindow = 50_000, Regrants = true },
            new Recorder { FirstWindow = 3_000, Regrants = true });
        byte[] there = Payload.Of(6_000_001, 1);
        byte[] back = Payload.Of(5_000_003, 2);

        Task<IoError> first = pair.Client.App.Send(there);
        Task<IoError> second = pair.Server.App.Send(back);
        await pair.Server.App.Received(there.Length).Within();
        await pair.Client.App.Received(back.Length).Within();

        Assert.Equal(IoError.None, await first.Within());
        Assert.Equal(IoError.None, await second.Within());
        Assert.Equal(SHA256.HashData(there), SHA256.HashData(pair.Server.App.Bytes));
        Assert.Equal(SHA256.HashData(back), SHA256.HashData(pair.Client.App.Bytes));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16 * 1024)]
    [InlineData((16 * 1024) + 1)]
    [InlineData(100_000)]
    [InlineData(272 * 1024)]
    [InlineData(1, true)]
    [InlineData(3_000_000, true)]
    public async Task One_message_of_any_size_arrives_whole(int size, bool wrapped = false)
    {
        using TlsContext server = TlsParts.Server();
        using TlsContext client = TlsParts.Client();
        WirePair pair = await WirePair.Connect(this, client.Localhosted(), server.ForServer());
        byte[] payload = Payload.Of(size);
        Signal<IoError> done = new();

        await pair.Client.Do(() =>
        {
            IoMessage message = wrapped ? pair.Client.Channel.WrapMessage(payload) : pair.Client.Channel.RentMessage(size);
            message.Append(payload);
            message.OnCompleted((_, error, _) => done.Set(error), null);
            IoError sent = pair.Client.App.Slot!.Send(message, ChannelDirection.Write);
            Assert.Equal(IoError.None, sent);
        });
        await pair.Server.App.Received(size).Within();

        Assert.Equal(IoError.None, await done.Task.Within());
        Assert.Equal(1, done.Count);
        Assert.Equal(payload, pair.Server.App.Bytes);
    }
}

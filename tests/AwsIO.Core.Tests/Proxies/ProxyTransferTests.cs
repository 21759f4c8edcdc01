using System.Diagnostics;
using AwsIO.Tests.Infrastructure.Connections;
using AwsIO.Tests.Infrastructure.Proxies;

namespace AwsIO.Tests.Proxies;

/// <summary>What goes through a proxy that splits, joins, delays and stalls arrives whole and in order.</summary>
public sealed class ProxyTransferTests : ConnectionTest
{
    /// <summary>What the proxy does to the pieces.</summary>
    public enum Pieces
    {
        OfOneByte,
        OfRandomSizes,
        Joined,
        JoinedAndSplit,
        Late,
    }

    public static TheoryData<Pieces, bool> Ways => new(
        from pieces in Enum.GetValues<Pieces>()
        from secure in new[] { false, true }
        select new TheoryDataRow<Pieces, bool>(pieces, secure));

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Every_byte_arrives_in_order_both_ways(Pieces pieces, bool secure)
    {
        int size = pieces == Pieces.OfOneByte ? 3000 : 200_000;
        byte[] question = Payload.Of(size, seed: 1);
        byte[] answer = Payload.Of(size, seed: 2);
        (Dialled client, Dialled server, _) = await Connect(Plan(pieces, 3), Plan(pieces, 4), secure);

        Task<IoError> asked = client.App.Send(question);
        Task<IoError> answered = server.App.Send(answer);
        await server.App.Received(size).Within();
        await client.App.Received(size).Within();

        Assert.Equal(IoError.None, await asked.Within());
        Assert.Equal(IoError.None, await answered.Within());
        Assert.Equal(question, server.App.Bytes);
        Assert.Equal(answer, client.App.Bytes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_end_goes_through_behind_the_last_byte(bool secure)
    {
        byte[] data = Payload.Of(50_000);
        (Dialled client, Dialled server, _) = await Connect(Plan(Pieces.JoinedAndSplit, 5), ProxyPlan.Pass, secure);

        Assert.Equal(IoError.None, await client.App.Send(data, isLast: true).Within());
        IoError end = await server.App.ReadEnd.Task.Within();

        Assert.Equal(secure ? IoErrorCode.Success : IoErrorCode.SocketClosed, end.Code);
        Assert.Equal(data, server.App.Bytes);
        await client.Ended.Task.Within();
    }

    [Fact]
    public async Task A_reset_goes_through()
    {
        (Dialled client, Dialled server, _) = await Connect(ProxyPlan.Pass, ProxyPlan.Pass, secure: false);

        server.Channel!.Abort(IoErrorCode.OperationCancelled);
        IoError error = await client.Ended.Task.Within();

        Assert.Equal((IoErrorCode.SocketClosed, 104), (error.Code, error.NativeError));
    }

    [Fact]
    public async Task Nothing_arrives_earlier_than_it_was_delayed()
    {
        TimeSpan delay = TimeSpan.FromMilliseconds(150);
        (Dialled client, Dialled server, _) = await Connect(new ProxyPlan { Delay = delay }, ProxyPlan.Pass, secure: false);

        // The proxy's clock counts whole ticks of the system's.
        Stopwatch time = Stopwatch.StartNew();
        await client.App.Send("late").Within();
        await server.App.Received(4).Within();

        Assert.True(time.Elapsed > delay - TimeSpan.FromMilliseconds(20), $"It took {time.Elapsed}.");
    }

    [Fact]
    public async Task A_stalled_direction_holds_its_bytes_and_the_other_goes_on()
    {
        byte[] data = Payload.Of(100_000);
        (Dialled client, Dialled server, ProxiedConnection way) =
            await Connect(new ProxyPlan { StallAfter = 777 }, ProxyPlan.Pass, secure: false);

        Task<IoError> sent = client.App.Send(data);
        Assert.Equal(777, await way.ToServer.Stalled.Task.Within());
        await server.App.Received(777).Within();
        await server.App.Send("and back").Within();
        await client.App.Received(8).Within();
        Assert.Equal(777, server.App.Count);
        way.ToServer.Release();
        await server.App.Received(data.Length).Within();

        Assert.Equal(IoError.None, await sent.Within());
        Assert.Equal(data, server.App.Bytes);
    }

    /// <summary>The kernel's buffers fill up while the way is stalled: what waits in the library goes out afterwards, once.</summary>
    [Fact]
    public async Task A_long_stall_fills_every_buffer_and_loses_nothing()
    {
        byte[] data = Payload.Of(24 * 1024 * 1024);
        (Dialled client, Dialled server, ProxiedConnection way) =
            await Connect(new ProxyPlan { StallAfter = 1 }, ProxyPlan.Pass, secure: false);

        Task<IoError> sent = client.App.Send(data);
        await way.ToServer.Stalled.Task.Within();
        SocketChannelHandler transport = (SocketChannelHandler)client.Channel!.First!.Handler!;
        Assert.True(await client.Channel.EventLoop.Do(() => transport.Socket.QueuedBytes) > 0);
        Assert.False(sent.IsCompleted);
        way.ToServer.Release();
        await server.App.Received(data.Length).Within();

        Assert.Equal(IoError.None, await sent.Within());
        Assert.True(data.AsSpan().SequenceEqual(server.App.Bytes));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_told_as_a_reset()
    {
        FaultProxy proxy = FaultProxy.Start(this, Plain.FreePort());
        Dialled client = this.Dial(proxy.Port);

        // It may have been faster than the news of the connection.
        IoError setup = await client.Setup.Task.Within();
        IoError error = setup.IsError ? setup : await client.Ended.Task.Within();

        Assert.Equal((IoErrorCode.SocketClosed, 104), (error.Code, error.NativeError));
    }

    private static ProxyPlan Plan(Pieces pieces, int seed)
    {
        Random random = new(seed);
        return pieces switch
        {
            Pieces.OfOneByte => new ProxyPlan { NextPiece = static () => 1 },
            Pieces.OfRandomSizes => new ProxyPlan { NextPiece = () => random.Next(1, 5000) },

            // A handshake's shortest flight has more than this.
            Pieces.Joined => new ProxyPlan { JoinTo = 50 },
            Pieces.JoinedAndSplit => new ProxyPlan { JoinTo = 50, NextPiece = () => random.Next(1, 2000) },
            _ => new ProxyPlan { Delay = TimeSpan.FromMilliseconds(5) },
        };
    }

    private async Task<(Dialled Client, Dialled Server, ProxiedConnection Way)> Connect(ProxyPlan toServer, ProxyPlan toClient, bool secure)
    {
        Listening listening = this.Listen(
            secure ? TlsParts.Server().ForServer() : null, app: static () => new Recorder { Regrants = true });
        FaultProxy proxy = FaultProxy.Start(this, listening.Port, toServer, toClient);
        Dialled client = await this.Dial(proxy.Port, secure ? TlsParts.Client().Localhosted() : null).Ready();
        Dialled server = await listening.NextReady();
        return (client, server, await proxy.Next());
    }
}

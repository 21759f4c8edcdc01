using System.Net.Sockets;
using AwsIO.Interop.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Interop.Tests.DotNet;

/// <summary>Both of our ends with the runtime's own <see cref="Socket"/>.</summary>
public sealed class SocketTests : ConnectionTest
{
    // ECONNRESET
    private const int ConnectionReset = 104;

    public static TheoryData<bool, string> Pairs => new(
        from ours in new[] { true, false }
        from address in new[] { "127.0.0.1", "::1", "unix" }
        select new TheoryDataRow<bool, string>(ours, address));

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Large_transfers_cross_in_both_directions_at_once(bool weServe, string address)
    {
        byte[] there = Payload.Of(3_000_001, 1);
        byte[] back = Payload.Of(2_500_003, 2);
        (Dialled ours, Socket theirs) = await Connect(weServe, address);

        Task<byte[]> receiving = theirs.Receive(back.Length);
        Task<IoError> sendingBack = ours.App.Send(back);
        await theirs.SendAll(there);
        await ours.App.Received(there.Length).Within();

        Assert.Equal(IoError.None, await sendingBack.Within());
        Assert.Equal(back, await receiving.Within());
        Assert.Equal(there, ours.App.Bytes);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task After_its_half_close_it_still_gets_everything(bool weServe, string address)
    {
        byte[] back = Payload.Of(1_200_000);
        (Dialled ours, Socket theirs) = await Connect(weServe, address);
        await theirs.SendAll("the last"u8.ToArray());
        theirs.Shutdown(SocketShutdown.Send);

        Assert.Equal(IoErrorCode.SocketClosed, (await ours.App.ReadEnd.Task.Within()).Code);
        Task<IoError> sending = ours.App.Send(back, isLast: true);

        Assert.Equal(back, await theirs.Receive(back.Length + 1));
        Assert.Equal(IoError.None, await sending.Within());
        Assert.Equal("the last", ours.App.Text);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task After_our_half_close_it_may_still_send(bool weServe, string address)
    {
        (Dialled ours, Socket theirs) = await Connect(weServe, address);

        Assert.Equal(IoError.None, await ours.App.Send("the last", isLast: true).Within());
        Assert.Equal("the last"u8.ToArray(), await theirs.Receive(100));
        byte[] there = Payload.Of(1_100_000);
        await theirs.SendAll(there);
        await ours.App.Received(there.Length).Within();
        Assert.Equal(0, ours.App.ReadEnd.Count);
        theirs.Shutdown(SocketShutdown.Send);

        Assert.Equal(IoErrorCode.SocketClosed, (await ours.App.ReadEnd.Task.Within()).Code);
        Assert.Equal(there, ours.App.Bytes);
    }

    [Theory]
    [InlineData(true, "127.0.0.1")]
    [InlineData(true, "::1")]
    [InlineData(false, "127.0.0.1")]
    [InlineData(false, "::1")]
    public async Task Its_reset_ends_our_connection_with_the_systems_own_error(bool weServe, string address)
    {
        (Dialled ours, Socket theirs) = await Connect(weServe, address);
        SocketEndpoint peer = Remote(theirs.LocalEndPoint!);
        await theirs.SendAll("x"u8.ToArray());
        await ours.App.Received(1).Within();

        theirs.Reset();
        IoError error = await ours.Ended.Task.Within();

        Assert.Equal(IoErrorCode.SocketClosed, error.Code);
        Assert.Equal(ConnectionReset, error.NativeError);
        Assert.Contains(peer.ToString(), error.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_path_that_is_closed_with_unread_data_is_a_reset_too(bool weServe)
    {
        (Dialled ours, Socket theirs) = await Connect(weServe, "unix");
        Assert.Equal(IoError.None, await ours.App.Send("nobody reads this").Within());

        theirs.Close();
        IoError error = await ours.Ended.Task.Within();

        Assert.Equal(IoErrorCode.SocketClosed, error.Code);
        Assert.Equal(ConnectionReset, error.NativeError);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Our_graceful_end_delivers_everything_first(bool weServe, string address)
    {
        byte[] back = Payload.Of(1_500_000);
        (Dialled ours, Socket theirs) = await Connect(weServe, address);

        Task<IoError> sending = ours.App.Send(back);
        await ours.Channel!.EventLoop.Do(() => { });
        ours.Channel.Shutdown(IoError.None);

        Assert.Equal(back, await theirs.Receive(back.Length + 1));
        Assert.Equal(IoError.None, await sending.Within());
        theirs.Close();
        Assert.Equal(IoError.None, await ours.Ended.Task.Within());
    }

    private static SocketEndpoint Remote(System.Net.EndPoint endpoint) =>
        SocketEndpoint.Tcp(((System.Net.IPEndPoint)endpoint).Address.ToString(), ((System.Net.IPEndPoint)endpoint).Port);

    private async Task<(Dialled Ours, Socket Theirs)> Connect(bool weServe, string address)
    {
        Recorder app = new() { Regrants = true, StaysAfterReadEnd = true };
        if (weServe)
        {
            Listening listening = this.Listen(at: Places.Free(this, address), app: () => app);
            Socket connected = await Places.Connect(this, listening);
            return (await listening.NextReady(), connected);
        }

        (Socket listener, SocketEndpoint endpoint) = Places.Listen(this, address);
        Dialled client = this.DialEndpoint(endpoint, app: app);
        Socket accepted = await listener.AcceptOne(this);
        return (await client.Ready(), accepted);
    }
}

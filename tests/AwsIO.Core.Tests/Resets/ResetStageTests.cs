using System.Net.Sockets;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Resets;

/// <summary>A peer that resets, at every stage in the life of a connection.</summary>
public sealed class ResetStageTests : ConnectionTest
{
    private const int ConnectionReset = 104;
    private const int BrokenPipe = 32;

    [Fact]
    public async Task A_server_that_resets_what_it_accepts_is_told_once()
    {
        Socket listener = this.Listen("127.0.0.1");
        ClientBootstrap bootstrap = new(Group, Resolver);
        for (int i = 0; i < 100; i++)
        {
            Dialled client = this.Dial("127.0.0.1", listener.Port(), bootstrap: bootstrap);
            (await listener.AcceptAsync(TestContext.Current.CancellationToken).Within()).Reset();

            // It may have been faster than the news of the connection.
            IoError error = await client.Setup.Task.Within();
            if (error.IsNone)
            {
                error = await client.Ended.Task.Within();
                Assert.Equal(1, client.Ended.Count);
            }

            AssertReset(error);
            Assert.Equal(1, client.Setup.Count);
        }

        Dialled good = await this.Dial("127.0.0.1", listener.Port(), bootstrap: bootstrap).Ready();
        Socket accepted = await listener.AcceptOne(this);
        await good.App.Send("good").Within();
        Assert.Equal("good"u8.ToArray(), await accepted.Receive(4));
    }

    /// <summary>A reset that is faster than the accept leaves a connection in the queue that is dead already.</summary>
    [Fact]
    public async Task Clients_that_reset_at_once_are_told_once_and_the_next_one_is_served()
    {
        const int count = 100;
        Listening listening = this.Listen();
        for (int i = 0; i < count; i++)
        {
            (await this.ConnectTo(listening.Port)).Reset();
        }

        for (int i = 0; i < count; i++)
        {
            Dialled server = await listening.Next();
            IoError error = await server.Setup.Task.Within();
            if (error.IsNone)
            {
                error = await server.Ended.Task.Within();
                Assert.Equal(1, server.Ended.Count);
            }

            AssertReset(error);
        }

        Dialled good = await this.Dial(listening.Port).Ready();
        Dialled served = await listening.NextReady();
        await good.App.Send("good").Within();
        await served.App.Received(4).Within();
        Assert.Equal(count + 1, listening.Incoming);
    }

    [Fact]
    public async Task A_reset_before_the_first_byte_ends_the_channel_once()
    {
        (Dialled client, Socket peer) = await Connect();

        peer.Reset();

        AssertReset(await client.Ended.Task.Within());
        Assert.Equal((1, 0), (client.Ended.Count, client.App.ReadEnd.Count));
    }

    /// <summary>With the window at 0 nothing is read, so nothing tells of the reset; what came before it is delivered first.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(333)]
    [InlineData(100_000)]
    public async Task A_reset_behind_bytes_that_wait_for_a_window_is_told_behind_them(int step)
    {
        const int first = 10;
        const int size = 1000;
        byte[] data = Payload.Of(size);
        (Dialled client, Socket peer) = await Connect(new Recorder { FirstWindow = first });
        await peer.SendAsync(data, SocketFlags.None).Within();
        await client.App.Received(first).Within();

        peer.Reset();
        await client.Channel!.EventLoop.AfterTicks(5, static () => { }).Within();
        Assert.Equal(0, client.Ended.Count);
        while (!client.Ended.Task.IsCompleted && client.App.Count < size)
        {
            long before = client.App.Count;
            await client.App.Grant(step).Within();
            await Task.WhenAny(client.App.Received(Math.Min(before + step, size)), client.Ended.Task).Within();
        }

        await client.App.Grant(step).Within();
        AssertReset(await client.Ended.Task.Within());
        Assert.Equal(data, client.App.Bytes);
        Assert.Equal((1, 0), (client.Ended.Count, client.App.ReadEnd.Count));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    public async Task A_reset_while_writes_are_queued_fails_each_of_them_once(int writes)
    {
        (Dialled client, Socket peer) = await Connect();
        List<Task<IoError>> sent = await Stuff(client, writes);

        peer.Reset();

        AssertReset(await client.Ended.Task.Within());
        await AssertAllFailed(sent);
        Assert.Equal(1, client.Ended.Count);
    }

    [Fact]
    public async Task A_reset_behind_our_half_close_ends_the_channel_once()
    {
        (Dialled client, Socket peer) = await Connect();
        Assert.Equal(IoError.None, await client.App.Send("the end", isLast: true).Within());
        Assert.Equal("the end"u8.ToArray(), await peer.Receive(100));

        peer.Reset();

        AssertReset(await client.Ended.Task.Within());
        Assert.Equal((1, 0), (client.Ended.Count, client.App.ReadEnd.Count));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_reset_behind_the_peers_half_close_ends_the_channel_once(bool hasQueuedWrites)
    {
        (Dialled client, Socket peer) = await Connect(new Recorder { Regrants = true, StaysAfterReadEnd = true });
        peer.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, (await client.App.ReadEnd.Task.Within()).NativeError);
        List<Task<IoError>> sent = hasQueuedWrites ? await Stuff(client, 5) : [];

        peer.Reset();

        AssertReset(await client.Ended.Task.Within());
        await AssertAllFailed(sent);
        Assert.Equal((1, 1), (client.Ended.Count, client.App.ReadEnd.Count));
    }

    /// <summary>The end comes by the reset, not by the shutdown's time, which is longer than the test's.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    public async Task A_reset_during_a_graceful_close_fails_what_is_queued_and_ends_it(int writes)
    {
        (Dialled client, Socket peer) = await Connect();
        List<Task<IoError>> sent = await Stuff(client, writes);
        client.Channel!.Shutdown(IoError.None);
        await client.Channel.EventLoop.AfterTicks(5, static () => { }).Within();
        Assert.Equal(ChannelState.ShuttingDown, client.Channel.State);

        peer.Reset();

        AssertReset(await client.Ended.Task.Within());
        await AssertAllFailed(sent);
        Assert.Equal(1, client.Ended.Count);
    }

    [Fact]
    public async Task A_reset_and_a_graceful_close_at_the_same_moment_are_one_end()
    {
        Listening listening = this.Listen();
        for (int i = 0; i < 60; i++)
        {
            Socket peer = await this.ConnectTo(listening.Port);
            Dialled server = await listening.NextReady();
            Task resetting = Task.Run(peer.Reset, TestContext.Current.CancellationToken);
            server.Channel!.Shutdown(IoError.None);
            await resetting.Within();
            IoError error = await server.Ended.Task.Within();

            Assert.True(error.IsNone || error.Code == IoErrorCode.SocketClosed, error.ToString());
            Assert.Equal(1, server.Ended.Count);
        }
    }

    private static void AssertReset(IoError error)
    {
        Assert.Equal(IoErrorCode.SocketClosed, error.Code);
        Assert.True(error.NativeError is ConnectionReset or BrokenPipe, error.ToString());
    }

    private static async Task AssertAllFailed(List<Task<IoError>> sent)
    {
        foreach (Task<IoError> write in sent)
        {
            Assert.Equal(IoErrorCode.SocketClosed, (await write.Within()).Code);
        }
    }

    /// <summary>Writes more than the kernel takes, as so many writes of which none is done.</summary>
    private static async Task<List<Task<IoError>>> Stuff(Dialled client, int writes)
    {
        // What fills the buffers at both ends, so that all that comes behind it waits.
        TaskCompletionSource<IoError> plug = new(TaskCreationOptions.RunContinuationsAsynchronously);
        List<TaskCompletionSource<IoError>> sent = [];
        await client.Channel!.EventLoop.Do(() =>
        {
            client.App.SendNow(new byte[16 * 1024 * 1024], isLast: false, plug);
            for (int i = 0; i < writes; i++)
            {
                TaskCompletionSource<IoError> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
                sent.Add(done);
                client.App.SendNow(new byte[1000], isLast: false, done);
            }
        });
        Assert.False(plug.Task.IsCompleted);
        return [plug.Task, .. sent.Select(static done => done.Task)];
    }

    private async Task<(Dialled Client, Socket Peer)> Connect(Recorder? app = null)
    {
        Socket listener = this.Listen("127.0.0.1");
        Dialled client = await this.Dial(listener.Port(), app: app).Ready();
        return (client, await listener.AcceptOne(this));
    }
}

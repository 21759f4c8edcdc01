using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Bootstrap;

/// <summary>The group ends while connections live, come and are being made.</summary>
public sealed class GroupEndTests : ConnectionTest
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Live_connections_are_told_once_that_their_loop_ends(bool secure)
    {
        Listening listening = this.Listen(secure ? TlsParts.Server().ForServer() : null);
        Dialled client = await this.Dial("localhost", listening.Port, secure ? new(TlsParts.Client()) : null).Ready();
        Dialled server = await listening.NextReady();

        await Group.DisposeAsync().Within();

        // One of them may see the other's end before its own.
        Assert.True((await client.Ended.Task.Within()).IsError);
        Assert.True((await server.Ended.Task.Within()).IsError);
        Assert.Contains(IoErrorCode.EventLoopShutdown, new[] { (await client.Ended.Task).Code, (await server.Ended.Task).Code });
        Assert.Equal(1, client.Ended.Count);
        Assert.Equal(1, server.Ended.Count);
        Assert.Equal(1, client.App.Destroyed.Count);
        listening.Listener.Dispose();
        await listening.Destroyed.Task.Within();
    }

    [Fact]
    public async Task A_handshake_that_goes_on_is_told_that_its_loop_ends()
    {
        System.Net.Sockets.Socket silent = this.Listen("127.0.0.1");
        Dialled client = this.Dial("127.0.0.1", silent.Port(), new(TlsParts.Client()));
        await (await silent.AcceptOne(this)).Receive(50);

        await Group.DisposeAsync().Within();

        Assert.Equal(IoErrorCode.EventLoopShutdown, (await client.Setup.Task.Within()).Code);
    }

    [Fact]
    public async Task An_attempt_that_goes_on_is_told_that_its_loop_ends()
    {
        using Backlogged silent = new("127.0.0.1");
        Dialled client = this.Dial(
            "two.test", silent.Port, resolver: new FixedResolver("127.0.0.1", "127.0.0.1", "127.0.0.1"));
        await client.Operation!.EventLoop.AfterTicks(5, static () => { }).Within();

        await Group.DisposeAsync().Within();

        Assert.Equal(IoErrorCode.EventLoopShutdown, (await client.Setup.Task.Within()).Code);
    }

    [Fact]
    public async Task A_look_up_that_goes_on_is_told_that_its_loop_ends()
    {
        FixedResolver resolver = new("127.0.0.1") { Waits = true };
        Dialled client = this.Dial("slow.test", 80, resolver: resolver);
        Action answer = await resolver.Asked.Task.Within();

        await Group.DisposeAsync().Within();
        answer();

        Assert.Equal(IoErrorCode.EventLoopShutdown, (await client.Setup.Task.Within()).Code);
    }

    [Fact]
    public async Task A_group_that_ends_while_clients_come_leaves_nothing_behind()
    {
        using TlsContext serverContext = TlsParts.Server();
        using TlsContext clientContext = TlsParts.Client();
        for (int round = 0; round < 15; round++)
        {
            await using EventLoopGroup servers = Infrastructure.LoopBackend.Platform.NewGroup(3);
            Signal<bool> destroyed = new();
            int setUp = 0;
            int ended = 0;
            ServerListener listener = new ServerBootstrap(servers).Listen(new ServerListenOptions
            {
                Endpoint = Dialling.AnyPort,
                Tls = serverContext.ForServer(),
                OnIncomingChannel = (channel, _, _) => Interlocked.Add(ref setUp, channel is null ? 0 : 1),
                OnChannelShutdown = (_, _, _) => Interlocked.Increment(ref ended),
                OnDestroyed = _ => destroyed.Set(true),
            }).Value;
            Dialled[] clients =
                [.. Enumerable.Range(0, 12).Select(_ => this.Dial("localhost", listener.LocalEndpoint.Port, new(clientContext)))];
            Thread.SpinWait(round * 30_000);

            await servers.DisposeAsync().Within();
            listener.Dispose();
            await destroyed.Task.Within();

            foreach (Dialled client in clients)
            {
                if ((await client.Setup.Task.Within()).IsNone)
                {
                    client.Channel!.Shutdown(IoError.None);
                    await client.Ended.Task.Within();
                }
            }

            Assert.Equal(setUp, ended);
            Assert.Equal(1, destroyed.Count);
        }
    }
}

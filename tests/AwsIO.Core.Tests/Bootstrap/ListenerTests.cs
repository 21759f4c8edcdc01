using System.Net.Sockets;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Bootstrap;

public sealed class ListenerTests : ConnectionTest
{
    [Fact]
    public async Task A_listener_without_connections_ends_at_once()
    {
        Listening listening = this.Listen();

        listening.Listener.Dispose();
        listening.Listener.Dispose();
        await listening.Destroyed.Task.Within();

        Assert.Equal(1, listening.Destroyed.Count);
        Assert.Equal(0, listening.Listener.ConnectionCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connections_outlive_their_listener_which_ends_after_the_last(bool secure)
    {
        Listening listening = this.Listen(secure ? TlsParts.Server().ForServer() : null);
        List<(Dialled Client, Dialled Server)> pairs = [];
        for (int i = 0; i < 3; i++)
        {
            Dialled client = await this.Dial("localhost", listening.Port, secure ? new(TlsParts.Client()) : null).Ready();
            pairs.Add((client, await listening.NextReady()));
        }

        Assert.Equal(3, listening.Listener.ConnectionCount);
        listening.Listener.Dispose();
        Dialled late = this.Dial("127.0.0.1", await Closed(listening));
        Assert.Equal(IoErrorCode.SocketConnectionRefused, (await late.Setup.Task.Within()).Code);
        foreach ((Dialled client, Dialled server) in pairs)
        {
            Assert.Equal(0, listening.Destroyed.Count);
            await client.App.Send("still served").Within();
            await server.App.Received(12).Within();
            client.Channel!.Shutdown(IoError.None);
            await server.Ended.Task.Within();
        }

        await listening.Destroyed.Task.Within();
        Assert.Equal(1, listening.Destroyed.Count);
        Assert.Equal(0, listening.Listener.ConnectionCount);
    }

    [Fact]
    public async Task A_listener_may_be_disposed_inside_its_own_callbacks()
    {
        Signal<IoChannel?> incoming = new();
        Signal<bool> destroyed = new();
        ServerListener? listener = null;
        using ManualResetEventSlim made = new();
        listener = new ServerBootstrap(Group).Listen(new ServerListenOptions
        {
            Endpoint = Dialling.AnyPort,
            OnIncomingChannel = (channel, _, _) =>
            {
                Assert.True(Infrastructure.OnPurpose.Block(() => made.Wait(TimeSpan.FromSeconds(30))));
                listener!.Dispose();
                incoming.Set(channel);
            },
            OnChannelShutdown = (_, _, _) => listener!.Dispose(),
            OnDestroyed = _ => destroyed.Set(true),
        }).Value;
        made.Set();

        Dialled client = await this.Dial(listener.LocalEndpoint.Port).Ready();
        IoChannel? server = await incoming.Task.Within();
        Assert.NotNull(server);
        server.Shutdown(IoError.None);

        await destroyed.Task.Within();
        client.Channel!.Shutdown(IoError.None);
        await client.Ended.Task.Within();
        Assert.Equal(1, destroyed.Count);
    }

    [Fact]
    public async Task A_listener_that_goes_while_clients_come_leaves_nothing_behind()
    {
        using TlsContext serverContext = TlsParts.Server();
        using TlsContext clientContext = TlsParts.Client();
        for (int round = 0; round < 10; round++)
        {
            Listening listening = this.Listen(serverContext.ForServer());
            Dialled[] clients = [.. Enumerable.Range(0, 8).Select(_ => this.Dial("localhost", listening.Port, new(clientContext)))];
            Thread.SpinWait(round * 20_000);
            listening.Listener.Dispose();

            foreach (Dialled client in clients)
            {
                IoError error = await client.Setup.Task.Within();
                if (error.IsNone)
                {
                    client.Channel!.Shutdown(IoError.None);
                    await client.Ended.Task.Within();
                }
            }

            await listening.Destroyed.Task.Within();
            Assert.Equal(1, listening.Destroyed.Count);
        }
    }

    [Fact]
    public async Task A_client_that_leaves_during_the_handshake_is_told_to_the_listener_once_and_others_are_served()
    {
        Listening listening = this.Listen(TlsParts.Server().ForServer());
        using (Socket rude = await this.ConnectTo(listening.Port))
        {
            await rude.SendAsync(new byte[] { 0x16, 3, 1, 1, 0, 1 }, SocketFlags.None).Within();
        }

        Dialled failed = await listening.Next();
        IoError error = await failed.Setup.Task.Within();
        Dialled good = await this.Dial("localhost", listening.Port, new(TlsParts.Client())).Ready();

        Assert.Equal(IoErrorCode.SocketClosed, error.Code);
        Assert.Contains("TLS handshake with 127.0.0.1:", error.Detail, StringComparison.Ordinal);
        Assert.Equal(1, failed.Setup.Count);
        Assert.Equal(0, failed.Ended.Count);
        Assert.True(good.Tls!.IsNegotiated);
    }

    [Fact]
    public async Task A_set_up_callback_that_throws_ends_its_connection_and_not_the_listener()
    {
        int calls = 0;
        Signal<IoError> ended = new();
        Signal<IoError> second = new();
        Signal<bool> destroyed = new();
        using ServerListener listener = new ServerBootstrap(Group).Listen(new ServerListenOptions
        {
            Endpoint = Dialling.AnyPort,
            Tls = TlsParts.Server().ForServer(),
            OnIncomingChannel = (channel, error, _) =>
            {
                if (Interlocked.Increment(ref calls) == 1)
                {
                    throw new InvalidOperationException("from the callback");
                }

                second.Set(error);
                channel!.Shutdown(IoError.None);
            },
            OnChannelShutdown = (_, error, _) => ended.Set(error),
            OnDestroyed = _ => destroyed.Set(true),
        }).Value;

        Dialled first = this.Dial("localhost", listener.LocalEndpoint.Port, new(TlsParts.Client()));
        IoError reason = await ended.Task.Within();
        Dialled next = await this.Dial("localhost", listener.LocalEndpoint.Port, new(TlsParts.Client())).Ready();
        Assert.Equal(IoError.None, await second.Task.Within());
        await next.Ended.Task.Within();
        await first.Setup.Task.Within();
        listener.Dispose();
        await destroyed.Task.Within();

        Assert.Contains("from the callback", reason.Detail, StringComparison.Ordinal);
        Assert.Equal(2, calls);
    }

    /// <summary>The port, once nobody listens at it any more.</summary>
    private async Task<int> Closed(Listening listening)
    {
        for (int i = 0; i < Group.Count; i++)
        {
            await Group[i].Do(static () => { });
        }

        return listening.Port;
    }
}

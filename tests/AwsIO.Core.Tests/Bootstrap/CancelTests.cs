using System.Net.Sockets;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Bootstrap;

/// <summary>Cancelling at any moment: one set-up callback always, one shutdown callback after a success only.</summary>
public sealed class CancelTests : ConnectionTest
{
    protected override int LoopCount => 1;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cancel_at_any_tick_gives_one_result(bool secure)
    {
        using TlsContext serverContext = TlsParts.Server();
        using TlsContext clientContext = TlsParts.Client();
        Listening listening = this.Listen(secure ? serverContext.ForServer() : null);
        List<IoErrorCode> seen = [];
        for (int ticks = 0; ticks < (secure ? 40 : 16); ticks++)
        {
            Dialled client = new();
            int after = ticks;
            await Loop.Do(() =>
            {
                client.Operation = Connect(listening.Listener.LocalEndpoint, secure ? clientContext.Localhosted() : null, client);
                _ = Loop.AfterTicks(after, client.Operation.Cancel);
            });
            seen.Add((await Settled(client)).Code);
        }

        Assert.Contains(IoErrorCode.OperationCancelled, seen);
        Assert.All(seen, static code => Assert.True(code is IoErrorCode.Success or IoErrorCode.OperationCancelled, code.ToString()));
    }

    [Fact]
    public async Task A_cancel_at_any_tick_of_a_unix_connection_gives_one_result()
    {
        string path = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N") + ".sock");
        After(() => File.Delete(path));
        Listening listening = this.Listen(at: SocketEndpoint.Unix(path));
        List<IoErrorCode> seen = [];
        for (int ticks = 0; ticks < 12; ticks++)
        {
            Dialled client = new();
            int after = ticks;
            await Loop.Do(() =>
            {
                _ = Loop.AfterTicks(after, () => client.Operation!.Cancel());
                client.Operation = Connect(listening.Listener.LocalEndpoint, null, client);
            });
            seen.Add((await Settled(client)).Code);
        }

        Assert.Contains(IoErrorCode.OperationCancelled, seen);
    }

    [Fact]
    public async Task A_cancel_from_another_thread_at_any_moment_gives_one_result()
    {
        using TlsContext serverContext = TlsParts.Server();
        using TlsContext clientContext = TlsParts.Client();
        Listening listening = this.Listen(serverContext.ForServer());
        for (int spins = 0; spins < 60; spins++)
        {
            Dialled client = new();
            client.Operation = Connect(listening.Listener.LocalEndpoint, clientContext.Localhosted(), client);
            Thread.SpinWait(spins * 2000);
            client.Operation.Cancel();
            client.Operation.Cancel();

            IoError error = await Settled(client);

            Assert.True(error.Code is IoErrorCode.Success or IoErrorCode.OperationCancelled, error.ToString());
        }
    }

    [Fact]
    public async Task A_cancel_while_the_name_is_looked_up_comes_at_once_and_the_late_answer_counts_for_nothing()
    {
        Listening listening = this.Listen();
        FixedResolver resolver = new("127.0.0.1") { Waits = true };

        Dialled client = this.Dial("slow.test", listening.Port, resolver: resolver);
        Action answer = await resolver.Asked.Task.Within();
        client.Operation!.Cancel();
        IoError error = await client.Setup.Task.Within();
        answer();
        await Loop.AfterTicks(20, static () => { }).Within();

        Assert.Equal(IoErrorCode.OperationCancelled, error.Code);
        Assert.Contains($"slow.test:{listening.Port}", error.Detail, StringComparison.Ordinal);
        Assert.Equal(1, client.Setup.Count);
        Assert.Equal(0, listening.Incoming);
    }

    [Fact]
    public async Task A_cancel_while_several_addresses_are_tried_closes_all_of_them()
    {
        using Backlogged first = new("127.0.0.1");
        using Backlogged second = new("127.0.0.2", first.Port);

        Dialled client = this.Dial(
            "two.test", first.Port, resolver: new FixedResolver("127.0.0.1", "127.0.0.2"), attemptDelay: TimeSpan.Zero);
        await Loop.AfterTicks(10, static () => { }).Within();
        Assert.Equal(0, client.Setup.Count);
        client.Operation!.Cancel();

        Assert.Equal(IoErrorCode.OperationCancelled, (await client.Setup.Task.Within()).Code);
    }

    [Fact]
    public async Task A_cancel_during_the_handshake_ends_the_connection()
    {
        Socket listener = this.Listen("127.0.0.1");

        Dialled client = this.Dial("127.0.0.1", listener.Port(), new(TlsParts.Client()));
        Socket silent = await listener.AcceptOne(this);
        Assert.NotEmpty(await silent.Receive(100));
        client.Operation!.Cancel();

        Assert.Equal(IoErrorCode.OperationCancelled, (await client.Setup.Task.Within()).Code);
        await Assert.ThrowsAsync<SocketException>(() => ReadAll(silent)).Within();
    }

    [Fact]
    public async Task A_cancel_after_the_set_up_touches_nothing()
    {
        Listening listening = this.Listen(TlsParts.Server().ForServer());
        Dialled client = await this.Dial("localhost", listening.Port, new(TlsParts.Client())).Ready();
        Dialled server = await listening.NextReady();

        client.Operation!.Cancel();
        client.Operation.Cancel();
        await client.Channel!.EventLoop.AfterTicks(20, static () => { }).Within();
        await client.App.Send("alive").Within();
        await server.App.Received(5).Within();

        Assert.Equal(1, client.Setup.Count);
        Assert.Equal(0, client.Ended.Count);
    }

    [Fact]
    public async Task A_cancel_inside_the_set_up_callback_touches_nothing()
    {
        Listening listening = this.Listen();
        Signal<IoError> told = new();
        Signal<IoError> ended = new();
        ConnectOperation? operation = null;
        IoChannel? connected = null;
        await Loop.Do(() => operation = new ClientBootstrap(Group, Resolver).Connect(new ClientConnectOptions
        {
            Endpoint = listening.Listener.LocalEndpoint,
            OnSetup = (channel, error, _) =>
            {
                connected = channel;
                operation!.Cancel();
                told.Set(error);
            },
            OnShutdown = (_, error, _) => ended.Set(error),
        }).Value);

        Assert.Equal(IoError.None, await told.Task.Within());
        await Loop.AfterTicks(20, static () => { }).Within();
        Assert.Equal(0, ended.Count);
        connected!.Shutdown(IoError.None);
        await ended.Task.Within();
        Assert.Equal(1, told.Count);
    }

    private static async Task ReadAll(Socket socket)
    {
        while ((await socket.Receive(1000)).Length > 0)
        {
        }
    }

    private ConnectOperation Connect(SocketEndpoint endpoint, TlsConnectionOptions? tls, Dialled client) =>
        new ClientBootstrap(Group, Resolver).Connect(new ClientConnectOptions
        {
            Endpoint = endpoint,
            Tls = tls,
            OnSetup = (channel, error, _) => client.OnSetup(channel, error),
            OnShutdown = (_, error, _) => client.Ended.Set(error),
        }).Value;

    /// <summary>The result, after everything that could follow it has had its time.</summary>
    private async Task<IoError> Settled(Dialled client)
    {
        IoError error = await client.Setup.Task.Within();
        await Loop.AfterTicks(30, static () => { }).Within();
        Assert.Equal(1, client.Setup.Count);
        if (error.IsNone)
        {
            Assert.Equal(0, client.Ended.Count);
            client.Channel!.Shutdown(IoError.None);
            await client.Ended.Task.Within();
            await Loop.AfterTicks(10, static () => { }).Within();
            Assert.Equal(1, client.Ended.Count);
        }
        else
        {
            Assert.Equal(0, client.Ended.Count);
        }

        return error;
    }
}

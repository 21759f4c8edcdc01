using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Sockets;

/// <summary>Connections that come from an address of their own choice.</summary>
public sealed class SocketBoundConnectTests(LoopFixture fixture) : TransportTest(fixture)
{
    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task A_bound_socket_connects_from_its_address(Transport transport)
    {
        using TestListener listener = TestListener.Listen(transport, Loop);
        using Attempt attempt = new(transport);
        Assert.Equal(IoError.None, attempt.Socket.Bind(transport.FreeEndpoint()));
        SocketEndpoint bound = attempt.Socket.GetLocalEndpoint().Value;
        TemporaryPaths.Add(bound);
        Assert.Equal(IoError.None, attempt.Start(listener.Endpoint, Loop));
        Assert.Equal(IoError.None, await attempt.Result);
        using IoSocket server = await listener.Accept();

        Assert.Equal(bound, server.RemoteEndpoint);
        Assert.Equal(bound, await Loop.On(() => attempt.Socket.GetLocalEndpoint().Value));
    }

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task The_options_say_where_connections_come_from(Transport transport)
    {
        using TestListener listener = TestListener.Listen(transport, Loop);
        SocketOptions options = transport.Options();
        options.LocalEndpoint = transport == Transport.Tcp4 ? SocketEndpoint.Tcp("127.0.0.2", 0) : transport.FreeEndpoint();
        TemporaryPaths.Add(options.LocalEndpoint.Value);
        IoSocket client = IoSocket.Create(options).Value;
        TaskCompletionSource<IoError> connected = Waits.NewSource<IoError>();
        Assert.Equal(IoError.None, client.Connect(listener.Endpoint, Loop, (_, error, _) => connected.SetResult(error), null));
        Assert.Equal(IoError.None, await connected.Task.Within());
        using IoSocket server = await listener.Accept();
        Assert.Equal(options.LocalEndpoint.Value.Address, server.RemoteEndpoint!.Value.Address);
        await SocketPair.CloseOn(client);
    }

    [Fact]
    public void A_local_address_of_another_kind_or_machine_fails_the_call()
    {
        using TestListener listener = TestListener.Bind(Transport.Tcp4);
        foreach (SocketEndpoint local in new[] { SocketEndpoint.Tcp("::1", 0), SocketEndpoint.Tcp("192.0.2.1", 0) })
        {
            using IoSocket client = IoSocket.Create(new SocketOptions { LocalEndpoint = local }).Value;
            IoError error = client.Connect(listener.Endpoint, Loop, static (_, _, _) => Assert.Fail("A failed call is told of."), null);
            Assert.Equal(IoErrorCode.SocketInvalidAddress, error.Code);
            Assert.Contains(local.ToString(), error.Detail, StringComparison.Ordinal);
            Assert.Null(client.EventLoop);
        }
    }
}

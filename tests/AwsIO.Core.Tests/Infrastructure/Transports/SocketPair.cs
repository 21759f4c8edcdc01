using System.Net;
using System.Net.Sockets;

namespace AwsIO.Tests.Infrastructure.Transports;

/// <summary>Two sockets that are connected with each other, each on its loop.</summary>
internal sealed class SocketPair(IoSocket client, IoSocket server)
{
    internal IoSocket Client { get; } = client;

    internal IoSocket Server { get; } = server;

    internal static async Task<SocketPair> Open(Transport transport, EventLoop clientLoop, EventLoop serverLoop)
    {
        using TestListener listener = TestListener.Listen(transport, serverLoop);
        IoSocket client = await Connect(listener.Endpoint, clientLoop);
        IoSocket server = await listener.Accept();
        Assert.Equal(IoError.None, server.AssignTo(serverLoop));
        return new SocketPair(client, server);
    }

    internal static Task<SocketPair> Open(Transport transport, EventLoop loop) => Open(transport, loop, loop);

    internal static async Task<IoSocket> Connect(SocketEndpoint endpoint, EventLoop loop)
    {
        IoSocket socket = IoSocket.Create(new SocketOptions { Domain = endpoint.Domain }).Value;
        TaskCompletionSource<IoError> connected = Waits.NewSource<IoError>();
        Assert.Equal(IoError.None, socket.Connect(endpoint, loop, (_, error, _) => connected.SetResult(error), null));
        Assert.Equal(IoError.None, await connected.Task.Within());
        return socket;
    }

    /// <summary>A connection whose other side is a blocking socket of the base library, to be used from the test's thread.</summary>
    internal static async Task<(IoSocket Ours, Socket Peer)> OpenWithPeer(
        Transport transport, EventLoop loop, Action<Socket>? prepare = null)
    {
        using TestListener listener = TestListener.Listen(transport, loop);
        Socket peer = NewPeer(listener.Endpoint, prepare);
        IoSocket ours = await listener.Accept();
        Assert.Equal(IoError.None, ours.AssignTo(loop));
        return (ours, peer);
    }

    /// <summary>A blocking socket of the base library, connected.</summary>
    internal static Socket NewPeer(SocketEndpoint endpoint, Action<Socket>? prepare = null)
    {
        EndPoint target = endpoint.Domain == SocketDomain.Local
            ? new UnixDomainSocketEndPoint(endpoint.Address)
            : new IPEndPoint(IPAddress.Parse(endpoint.Address), endpoint.Port);
        Socket peer = new(
            target.AddressFamily,
            SocketType.Stream,
            endpoint.Domain == SocketDomain.Local ? ProtocolType.Unspecified : ProtocolType.Tcp);
        peer.SendTimeout = 30_000;
        peer.ReceiveTimeout = 30_000;
        try
        {
            prepare?.Invoke(peer);
            peer.Connect(target);
            return peer;
        }
        catch
        {
            peer.Dispose();
            throw;
        }
    }

    internal Task Close() => Task.WhenAll(CloseOn(Client), CloseOn(Server));

    internal static Task CloseOn(IoSocket socket) => socket.EventLoop!.On(socket.Dispose);
}

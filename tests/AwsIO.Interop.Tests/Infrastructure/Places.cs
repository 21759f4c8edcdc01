using System.Net;
using System.Net.Sockets;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Interop.Tests.Infrastructure;

/// <summary>Addresses on this machine, for the library and for the runtime's own sockets.</summary>
internal static class Places
{
    /// <summary>A name for a socket or a file in a directory of the test's own.</summary>
    internal static string Path(ConnectionTest test, string name)
    {
        string directory = Directory.CreateTempSubdirectory("awsio-").FullName;
        test.After(() => Directory.Delete(directory, recursive: true));
        return System.IO.Path.Combine(directory, name);
    }

    /// <summary>Where to listen: a free port of an address, or a new path.</summary>
    internal static SocketEndpoint Free(ConnectionTest test, string address) =>
        address == "unix" ? SocketEndpoint.Unix(Path(test, "socket")) : SocketEndpoint.Tcp(address, 0);

    internal static EndPoint ToEndPoint(this SocketEndpoint endpoint) => endpoint.Domain == SocketDomain.Local
        ? new UnixDomainSocketEndPoint(endpoint.Address)
        : new IPEndPoint(IPAddress.Parse(endpoint.Address), endpoint.Port);

    internal static Socket NewSocket(ConnectionTest test, SocketEndpoint endpoint)
    {
        bool isPath = endpoint.Domain == SocketDomain.Local;
        Socket socket = new(endpoint.ToEndPoint().AddressFamily, SocketType.Stream, isPath ? ProtocolType.Unspecified : ProtocolType.Tcp);
        test.After(socket.Dispose);
        return socket;
    }

    /// <summary>Connects one of the runtime's sockets to a listener of ours.</summary>
    internal static async Task<Socket> Connect(ConnectionTest test, Listening listening)
    {
        SocketEndpoint endpoint = listening.Listener.LocalEndpoint;
        Socket socket = NewSocket(test, endpoint);
        await socket.ConnectAsync(endpoint.ToEndPoint(), TestContext.Current.CancellationToken).AsTask().Within();
        return socket;
    }

    /// <summary>Has one of the runtime's sockets listen, and says where.</summary>
    internal static (Socket Listener, SocketEndpoint Endpoint) Listen(ConnectionTest test, string address)
    {
        SocketEndpoint endpoint = Free(test, address);
        Socket socket = NewSocket(test, endpoint);
        socket.Bind(endpoint.ToEndPoint());
        socket.Listen();
        return (socket, endpoint.Domain == SocketDomain.Local ? endpoint : endpoint with { Port = socket.Port() });
    }

    internal static async Task SendAll(this Socket socket, byte[] data)
    {
        for (int sent = 0; sent < data.Length;)
        {
            sent += await socket.SendAsync(data.AsMemory(sent), TestContext.Current.CancellationToken).Within();
        }
    }
}

using System.Net;
using System.Net.Sockets;

namespace AwsIO.Tests.Infrastructure.Connections;

/// <summary>The runtime's own sockets, as peers that do exactly what a test says.</summary>
internal static class Plain
{
    internal static Socket Listen(this ConnectionTest test, string address, int port = 0, int backlog = 16)
    {
        IPAddress parsed = IPAddress.Parse(address);
        Socket socket = new(parsed.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(parsed, port));
        socket.Listen(backlog);
        test.After(socket.Dispose);
        return socket;
    }

    internal static int Port(this Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    internal static async Task<Socket> AcceptOne(this Socket listener, ConnectionTest test)
    {
        Socket accepted = await listener.AcceptAsync(TestContext.Current.CancellationToken).Within();
        test.After(accepted.Dispose);
        return accepted;
    }

    internal static async Task<Socket> ConnectTo(this ConnectionTest test, int port)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        test.After(socket.Dispose);
        await socket.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken).Within();
        return socket;
    }

    /// <summary>Reads so many bytes, or fewer when the peer ends.</summary>
    internal static async Task<byte[]> Receive(this Socket socket, int count)
    {
        byte[] buffer = new byte[count];
        int total = 0;
        while (total < count)
        {
            int got = await socket.ReceiveAsync(buffer.AsMemory(total), TestContext.Current.CancellationToken).Within();
            if (got == 0)
            {
                break;
            }

            total += got;
        }

        return buffer[..total];
    }

    /// <summary>Closes with a reset.</summary>
    internal static void Reset(this Socket socket)
    {
        socket.LingerState = new LingerOption(enable: true, 0);
        socket.Close();
    }

    /// <summary>A port at which nobody listens now.</summary>
    internal static int FreePort()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket.Port();
    }
}

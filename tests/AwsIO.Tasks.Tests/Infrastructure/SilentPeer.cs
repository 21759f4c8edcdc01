using System.Net;
using System.Net.Sockets;

namespace AwsIO.Tasks.Tests.Infrastructure;

/// <summary>A listener of .NET's own that takes one connection and says nothing: no handshake ends with it.</summary>
internal sealed class SilentPeer : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    internal SilentPeer()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Endpoint = SocketEndpoint.Tcp("127.0.0.1", ((IPEndPoint)_listener.LocalEndPoint!).Port);
        Accepted = _listener.AcceptAsync();
    }

    internal SocketEndpoint Endpoint { get; }

    /// <summary>The other end of the first connection.</summary>
    internal Task<Socket> Accepted { get; }

    public void Dispose()
    {
        _listener.Dispose();
        if (Accepted.IsCompletedSuccessfully)
        {
            Accepted.Result.Dispose();
        }
    }
}

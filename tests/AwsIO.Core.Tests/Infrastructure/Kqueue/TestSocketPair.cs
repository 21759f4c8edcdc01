using System.Net;
using System.Net.Sockets;

namespace AwsIO.Tests.Infrastructure.Kqueue;

/// <summary>Two sockets of the base library that are connected by TCP; one is also a handle for a loop.</summary>
internal sealed class TestSocketPair : IDisposable
{
    internal TestSocketPair()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Peer.Connect(listener.LocalEndPoint!);
        Own = listener.Accept();
        Own.Blocking = false;
        Handle = new IoHandle((int)Own.Handle);
    }

    internal Socket Own { get; }

    internal Socket Peer { get; }

    internal IoHandle Handle { get; }

    public void Dispose()
    {
        Own.Dispose();
        Peer.Dispose();
    }
}

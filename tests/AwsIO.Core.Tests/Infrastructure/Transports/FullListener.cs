using System.Net.Sockets;

namespace AwsIO.Tests.Infrastructure.Transports;

/// <summary>
/// A listener whose backlog is full and that accepts nothing: over TCP the next connection attempt gets no answer, which is
/// how a black hole behaves.
/// </summary>
internal sealed class FullListener : IDisposable
{
    private readonly TestListener _listener;
    private readonly Socket _view;
    private readonly Socket _waiting;

    internal FullListener(Transport transport)
    {
        _listener = TestListener.Bind(transport, backlog: 0);
        _view = new Socket(new SafeSocketHandle(_listener.Socket.Descriptor, ownsHandle: false));

        // A backlog of 0 has room for one; once that one can be accepted, the kernel drops what comes after it.
        _waiting = SocketPair.NewPeer(_listener.Endpoint);
        Assert.True(_view.Poll(30_000_000, SelectMode.SelectRead));
    }

    internal SocketEndpoint Endpoint => _listener.Endpoint;

    public void Dispose()
    {
        _waiting.Dispose();
        _view.Dispose();
        _listener.Dispose();
    }
}

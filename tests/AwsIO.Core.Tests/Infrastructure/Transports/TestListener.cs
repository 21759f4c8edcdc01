using System.Threading.Channels;

namespace AwsIO.Tests.Infrastructure.Transports;

/// <summary>A listening socket that keeps what it accepts for whoever asks.</summary>
internal sealed class TestListener : IDisposable
{
    private readonly Channel<IoSocket> _accepted = Channel.CreateUnbounded<IoSocket>();

    private TestListener(IoSocket socket, SocketEndpoint endpoint)
    {
        Socket = socket;
        Endpoint = endpoint;
        TemporaryPaths.Add(endpoint);
    }

    internal IoSocket Socket { get; }

    internal SocketEndpoint Endpoint { get; }

    /// <summary>A listener that accepts nothing yet.</summary>
    internal static TestListener Bind(Transport transport, int backlog = 128)
    {
        IoSocket socket = transport.NewSocket();
        Assert.Equal(IoError.None, socket.Bind(transport.FreeEndpoint()));
        Assert.Equal(IoError.None, socket.Listen(backlog));
        return new TestListener(socket, socket.GetLocalEndpoint().Value);
    }

    internal static TestListener Listen(Transport transport, EventLoop loop, int backlog = 128)
    {
        TestListener listener = Bind(transport, backlog);
        IoError error = listener.Socket.StartAccept(
            loop,
            (_, error, accepted, _) =>
            {
                Assert.Equal(IoError.None, error);
                Assert.True(listener._accepted.Writer.TryWrite(accepted!));
            },
            null);
        Assert.Equal(IoError.None, error);
        return listener;
    }

    internal Task<IoSocket> Accept() => _accepted.Reader.ReadAsync().AsTask().Within();

    internal void DropAccepted()
    {
        while (_accepted.Reader.TryRead(out IoSocket? left))
        {
            left.Dispose();
        }
    }

    public void Dispose()
    {
        Socket.Dispose();
        DropAccepted();
    }
}

using System.Net;
using System.Net.Sockets;

namespace AwsIO.Tests.Infrastructure.Connections;

/// <summary>
/// A listener whose queue is full: the kernel leaves further attempts unanswered, as a host does that drops them.
/// </summary>
internal sealed class Backlogged : IDisposable
{
    private readonly Socket _listener;
    private readonly List<Socket> _fillers = [];

    internal Backlogged(string address, int port = 0)
    {
        _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(new IPEndPoint(IPAddress.Parse(address), port));
        _listener.Listen(0);

        // The queue holds one more than asked for. What comes beyond that may be answered once, but never completes.
        for (int i = 0; i < 4; i++)
        {
            Socket filler = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
            _fillers.Add(filler);
            try
            {
                filler.Connect(_listener.LocalEndPoint!);
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
            {
            }
        }
    }

    internal int Port => _listener.Port();

    public void Dispose()
    {
        _fillers.ForEach(static filler => filler.Dispose());
        _listener.Dispose();
    }
}

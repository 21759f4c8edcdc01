using System.Net.Sockets;

namespace AwsIO.Samples;

// <snippet descriptor-reader>
internal sealed class DescriptorReader(Socket socket, TaskCompletionSource<int> ended) : IIoEventHandler
{
    private readonly byte[] _buffer = new byte[4096];
    private int _bytes;

    public void OnEvents(EventLoop loop, IoHandle handle, IoEvents events)
    {
        // An edge: whatever is left unread is not told of again until more comes.
        while (true)
        {
            int read = socket.Receive(_buffer, SocketFlags.None, out SocketError error);
            if (error == SocketError.WouldBlock)
            {
                return;
            }

            if (error != SocketError.Success || read == 0)
            {
                break;
            }

            _bytes += read;
        }

        // The subscription ends first, then the descriptor.
        _ = loop.Unsubscribe(handle);
        socket.Dispose();
        ended.TrySetResult(_bytes);
    }

    public void OnLoopEnding(EventLoop loop, IoHandle handle)
    {
        // Unsubscribed already; what is open is still ours to close.
        socket.Dispose();
        ended.TrySetCanceled();
    }
}
// </snippet>

using System.Net;
using System.Net.Sockets;

namespace AwsIO.Samples;

/// <summary>A descriptor that AwsIO knows nothing of, on a loop.</summary>
internal static class DescriptorsSample
{
    internal static async Task RunAsync()
    {
        await using EventLoopGroup group = new(new EventLoopGroupOptions { LoopCount = 1 });
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        using TcpClient peer = new();
        await peer.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        Socket socket = await listener.AcceptSocketAsync();

        // <snippet descriptor>
        EventLoop loop = group.GetNextLoop();
        TaskCompletionSource<int> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        socket.Blocking = false;
        IoHandle handle = new((int)socket.Handle);

        IoError refused = loop.Subscribe(handle, IoEvents.Readable, new DescriptorReader(socket, ended));
        if (refused.IsError)
        {
            socket.Dispose();
            ended.TrySetException(new IOException(refused.ToString()));
        }
        // </snippet>
        await peer.GetStream().WriteAsync("hello"u8.ToArray());
        peer.Client.Shutdown(SocketShutdown.Send);
        Console.WriteLine($"{await ended.Task} bytes, then the end");
    }
}

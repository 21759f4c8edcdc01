namespace AwsIO.Samples;

/// <summary>A socket of a given type and domain, connected on a given loop; the result comes by a callback.</summary>
internal static class SocketSample
{
    internal static Task RunAsync()
    {
        using EventLoopGroup group = new(new EventLoopGroupOptions { LoopCount = 1 });
        using IoSocket listener = IoSocket.Create(new SocketOptions()).Value;
        _ = listener.Bind(SocketEndpoint.Tcp("127.0.0.1", 0));
        _ = listener.Listen(16);
        SocketEndpoint endpoint = listener.GetLocalEndpoint().Value;
        using Future<bool> done = new();

        // <snippet socket>
        EventLoop loop = group.GetNextLoop();
        IoSocket socket = IoSocket.Create(new SocketOptions { Type = IoSocketType.Stream, Domain = SocketDomain.IPv4 }).Value;

        IoError refused = socket.Connect(endpoint, loop, (connected, error, state) =>
        {
            Console.WriteLine(error.IsNone ? $"connected to {connected.RemoteEndpoint} on {loop.Name}" : $"{error}");
            connected.Dispose();
            done.TrySetResult(error.IsNone);
        }, state: null);
        // </snippet>
        if (refused.IsError)
        {
            Console.WriteLine(refused);
        }
        else
        {
            done.Wait(TimeSpan.FromSeconds(10));
        }

        return Task.CompletedTask;
    }
}

namespace AwsIO.Tests.Infrastructure.Transports;

/// <summary>A connection attempt, with what it was told.</summary>
internal sealed class Attempt : IDisposable
{
    private readonly TaskCompletionSource<IoError> _result = Waits.NewSource<IoError>();
    private int _calls;

    internal Attempt(Transport transport, TimeSpan? timeout = null)
    {
        SocketOptions options = transport.Options();
        options.ConnectTimeout = timeout ?? TimeSpan.FromSeconds(30);
        Socket = IoSocket.Create(options).Value;
    }

    internal IoSocket Socket { get; }

    internal Action<IoSocket>? Then { get; init; }

    internal int Calls => Volatile.Read(ref _calls);

    internal bool OnLoop { get; private set; }

    internal Task<IoError> Result => _result.Task.Within();

    internal IoError Start(SocketEndpoint endpoint, EventLoop loop) => Socket.Connect(
        endpoint,
        loop,
        (socket, error, _) =>
        {
            Interlocked.Increment(ref _calls);
            OnLoop = loop.IsOnLoop;
            Assert.Same(Socket, socket);
            Then?.Invoke(socket);
            _result.TrySetResult(error);
        },
        null);

    public void Dispose() => Socket.Dispose();
}

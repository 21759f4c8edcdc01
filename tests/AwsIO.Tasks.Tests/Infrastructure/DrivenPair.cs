using AwsIO.Testing;

namespace AwsIO.Tasks.Tests.Infrastructure;

/// <summary>
/// Both ends of a connection whose loops a test drives, by a virtual clock. Over a Unix socket: the kernel delivers within the call, so
/// that nothing takes real time.
/// </summary>
internal sealed class DrivenPair : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"awsio-{Guid.NewGuid():N}.sock");
    private readonly ServerListener _listener;

    internal DrivenPair(TimeSpan? closeTimeout = null)
    {
        IoConnection? client = null;
        IoConnection? server = null;
        TimeSpan close = closeTimeout ?? ConnectOptions.DefaultCloseTimeout;

        // Inline: what completes is complete when the loop has told so, and not when a thread of the pool has heard of it.
        IoConnection Made(IoChannel? channel) => new(channel!, ContinuationMode.Inline, IoConnection.DefaultReadWindow, close);
        _listener = new ServerBootstrap(Loops.Group).Listen(new ServerListenOptions
        {
            Endpoint = SocketEndpoint.Unix(_path),
            OnIncomingChannel = (channel, _, _) => server = Made(channel),
        }).Value;
        Assert.True(new ClientBootstrap(Loops.Group, new NoResolver()).Connect(new ClientConnectOptions
        {
            Endpoint = SocketEndpoint.Unix(_path),
            OnSetup = (channel, _, _) => client = Made(channel),
        }).IsSuccess);
        Loops.RunUntilIdle();
        Client = client!;
        Server = server!;
    }

    internal ManualLoopGroup Loops { get; } = new(2, seed: 20261130);

    internal IoConnection Client { get; }

    internal IoConnection Server { get; }

    /// <summary>What an operation gives that needs no time.</summary>
    internal T Now<T>(ValueTask<T> operation)
    {
        Task<T> task = operation.AsTask();
        Loops.RunUntilIdle();
        Assert.True(task.IsCompleted, "It waits.");
        return task.GetAwaiter().GetResult();
    }

    internal void Now(ValueTask operation)
    {
        Task task = operation.AsTask();
        Loops.RunUntilIdle();
        Assert.True(task.IsCompleted, "It waits.");
        task.GetAwaiter().GetResult();
    }

    /// <summary>Asserts that a task ends when so much more time has gone by, and not a tick before.</summary>
    internal void EndsAfter(TimeSpan span, Task task)
    {
        Loops.Advance(span - TimeSpan.FromTicks(1));
        Assert.False(task.IsCompleted, "It ended too early.");
        Loops.Advance(TimeSpan.FromTicks(1));
        Assert.True(task.IsCompleted, "It is too late.");
    }

    /// <summary>Asserts that an operation runs into its timeout when so much more time has gone by, and not a tick before.</summary>
    internal void TimesOutAfter(TimeSpan span, Task operation)
    {
        EndsAfter(span, operation);
        Assert.Equal(IoErrorCode.SocketTimeout, Assert.IsType<IoException>(operation.Exception?.InnerException).ErrorCode);
    }

    /// <summary>Writes until all buffers between both ends are full, and gives the rest up.</summary>
    internal void Fill(IoConnection connection)
    {
        using CancellationTokenSource cancel = new();
        Task write = connection.WriteAsync(Bytes.TooMuch, cancel.Token).AsTask();
        Loops.RunUntilIdle();
        Assert.False(write.IsCompleted);
        cancel.Cancel();
        Loops.RunUntilIdle();
        Assert.True(write.IsCanceled);
    }

    public void Dispose()
    {
        // What was received, and nobody has read, holds messages.
        Client.Abort();
        Server.Abort();
        Loops.RunUntilIdle();
        _listener.Dispose();
        Loops.Dispose();
        Assert.True(Client.Completion.IsCompleted && Server.Completion.IsCompleted);
        File.Delete(_path);
    }

    /// <summary>Nobody asks it: the endpoint needs no look-up.</summary>
    private sealed class NoResolver : HostResolver
    {
        public override void Resolve(string host, HostResolvedCallback onResolved, object? state) => throw new NotSupportedException();

        public override void Resolve(string host, EventLoop loop, HostResolvedCallback onResolved, object? state) =>
            throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
        }
    }
}

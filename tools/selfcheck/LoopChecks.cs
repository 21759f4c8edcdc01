namespace AwsIO.SelfCheck;

/// <summary>Whole lives of connections on the event loop.</summary>
/// <param name="newGroup">Makes a group of two loops.</param>
internal sealed class LoopChecks(Func<EventLoopGroup> newGroup)
{
    private const int Size = 1024 * 1024;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    internal IEnumerable<Check> All() =>
    [
        new("tasks and timers of a loop run, woken by another thread", Tasks),
        new("1 MiB goes there and back over TCP, and both ends end", () => Echo(static () => SocketEndpoint.Tcp("127.0.0.1", 0))),
        new("1 MiB goes there and back over a Unix domain socket", () => Echo(static () => SocketEndpoint.Unix(NewPath()))),
        new("a refused connection is told as refused", Refused),
        new("a group ends with what lives on it", EndsWithConnections),
    ];

    private void Tasks()
    {
        using EventLoopGroup group = newGroup();
        for (int i = 0; i < 1000; i++)
        {
            On(group[i % 2], static () => true);
        }

        TaskCompletionSource<long> called = new(TaskCreationOptions.RunContinuationsAsynchronously);
        EventLoop loop = group[0];
        long due = loop.CurrentTime + 3_000_000;
        loop.ScheduleAt(IoTask.Create((_, _) => called.SetResult(loop.CurrentTime), 0), due);
        long ran = Result(called.Task, "the timer did not run");
        Expect.True(ran >= due, $"the timer ran {due - ran} ns before its time");
    }

    private void Echo(Func<SocketEndpoint> where)
    {
        SocketEndpoint address = where();
        using EventLoopGroup group = newGroup();
        using IoSocket listener = Listen(address, group[0], Echo);
        byte[] sent = new byte[Size];
        new Random(1).NextBytes(sent);
        try
        {
            IoSocket client = Connect(listener.GetLocalEndpoint().Value, group[1]);
            Conversation conversation = new(client, sent);
            On(group[1], conversation.Begin);
            byte[] received = Result(conversation.Received, "the echo did not come, or not to its end");
            Expect.True(received.AsSpan().SequenceEqual(sent), $"{received.Length} bytes came back, or others than were sent");
            On(group[1], () => client.Close());
        }
        finally
        {
            if (address.Domain == SocketDomain.Local)
            {
                File.Delete(address.Address);
            }
        }
    }

    private void Refused()
    {
        using EventLoopGroup group = newGroup();
        SocketEndpoint nobody;
        using (IoSocket listener = Listen(SocketEndpoint.Tcp("127.0.0.1", 0), group[0], static socket => socket.Dispose()))
        {
            nobody = listener.GetLocalEndpoint().Value;
        }

        Expect.Equal(IoErrorCode.SocketConnectionRefused, TryConnect(nobody, group[0]).Code, "the error");
    }

    private void EndsWithConnections()
    {
        EventLoopGroup group = newGroup();
        IoSocket listener = Listen(SocketEndpoint.Tcp("127.0.0.1", 0), group[0], accepted => _ = accepted.AssignTo(group[0]));
        IoSocket client = Connect(listener.GetLocalEndpoint().Value, group[1]);
        Task ended = group.DisposeAsync().AsTask();
        Expect.True(ended.Wait(s_patience), "the group did not end");
        Expect.True(!client.IsOpen && !listener.IsOpen, "a socket is still open");
    }

    private static void Echo(IoSocket socket)
    {
        byte[] buffer = new byte[16 * 1024];
        Expect.True(socket.AssignTo(socket.EventLoop ?? EventLoop.Current!).IsNone, "the accepted socket could not be given to its loop");
        int writes = 0;
        bool ended = false;
        IoError error = socket.SubscribeReadable((_, _, _) => Read(), null);
        Expect.True(error.IsNone, error.ToString());

        void Read()
        {
            // One write at a time: while it is under way, what comes waits in the system.
            while (writes == 0 && !ended)
            {
                IoError failure = socket.Read(buffer, out int count);
                if (failure.IsError)
                {
                    ended = failure.Code != IoErrorCode.ReadWouldBlock;
                    if (ended)
                    {
                        _ = socket.ShutdownWrite();
                        socket.Dispose();
                    }

                    return;
                }

                writes++;
                failure = socket.Write(buffer.AsMemory(0, count), (_, _, _, _) => Written(), null);
                if (failure.IsError)
                {
                    socket.Dispose();
                    return;
                }
            }
        }

        void Written()
        {
            writes--;
            if (socket.IsOpen)
            {
                Read();
            }
        }
    }

    private static IoSocket Listen(SocketEndpoint address, EventLoop loop, Action<IoSocket> onAccepted)
    {
        IoSocket listener = IoSocket.Create(new SocketOptions { Domain = address.Domain }).Value;
        Require(listener.Bind(address));
        Require(listener.Listen(16));
        Require(listener.StartAccept(
            loop,
            (_, _, accepted, _) =>
            {
                if (accepted is not null)
                {
                    onAccepted(accepted);
                }
            },
            null));
        return listener;
    }

    private static IoSocket Connect(SocketEndpoint address, EventLoop loop)
    {
        IoSocket socket = IoSocket.Create(new SocketOptions { Domain = address.Domain }).Value;
        TaskCompletionSource<IoError> result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Require(socket.Connect(address, loop, (_, error, _) => result.SetResult(error), null));
        Require(Result(result.Task, "the connection had no result"));
        return socket;
    }

    private static IoError TryConnect(SocketEndpoint address, EventLoop loop)
    {
        IoSocket socket = IoSocket.Create(new SocketOptions { Domain = address.Domain }).Value;
        TaskCompletionSource<IoError> result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        IoError error = socket.Connect(address, loop, (_, failure, _) => result.SetResult(failure), null);
        error = error.IsError ? error : Result(result.Task, "the connection had no result");
        On(loop, () => socket.Close());
        return error;
    }

    private static void On<T>(EventLoop loop, Func<T> work)
    {
        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Schedule(IoTask.Create((_, _) => done.SetResult(work()), 0));
        _ = Result(done.Task, "a task did not run");
    }

    private static T Result<T>(Task<T> task, string otherwise)
    {
        Expect.True(task.Wait(s_patience), $"{otherwise} within {s_patience.TotalSeconds} s");
        return task.Result;
    }

    private static void Require(IoError error) => Expect.True(error.IsNone, error.ToString());

    private static string NewPath() => Path.Combine(Path.GetTempPath(), $"awsio-{Guid.NewGuid():N}");

    /// <summary>Sends everything, ends its own direction, and receives until the other has ended its.</summary>
    private sealed class Conversation(IoSocket socket, byte[] bytes)
    {
        private readonly TaskCompletionSource<byte[]> _received = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly List<byte> _bytes = [];
        private readonly byte[] _buffer = new byte[16 * 1024];

        internal Task<byte[]> Received => _received.Task;

        internal bool Begin()
        {
            Require(socket.SubscribeReadable((_, _, _) => Read(), null));
            Require(socket.Write(bytes, (_, _, _, _) => _ = socket.ShutdownWrite(), null));
            return true;
        }

        private void Read()
        {
            while (!_received.Task.IsCompleted)
            {
                IoError error = socket.Read(_buffer, out int count);
                if (error.IsError)
                {
                    if (error.Code != IoErrorCode.ReadWouldBlock)
                    {
                        _received.SetResult([.. _bytes]);
                    }

                    return;
                }

                _bytes.AddRange(_buffer.AsSpan(0, count));
            }
        }
    }
}

using System.Diagnostics.CodeAnalysis;

namespace AwsIO.Tests.Torture;

/// <summary>A client's socket: connects, writes everything in three writes, and reads until all of it has come back.</summary>
internal sealed class EchoingSocket(TortureRun run, byte[] data)
{
    private readonly byte[] _received = new byte[data.Length];
    private int _count;

    internal Operation Ended { get; } = run.Begin("the echo");

    /// <summary>Starts.</summary>
    /// <returns>Whether there will be a result.</returns>
    internal bool Connect(SocketOptions options, SocketEndpoint endpoint, EventLoop loop)
    {
        Operation connecting = run.Begin("the connection");
        IoResult<IoSocket> created = IoSocket.Create(options);
        IoError error = created.Error;
        if (created.TryGetValue(out IoSocket? socket))
        {
            error = socket.Connect(
                endpoint,
                loop,
                (connected, result, _) =>
                {
                    connecting.Answer(result);
                    OnConnected(connected, result);
                },
                null);
            if (error.IsNone)
            {
                return true;
            }

            socket.Dispose();
        }

        connecting.Answer(error);
        Ended.Answer(error);
        return false;
    }

    private void OnConnected(IoSocket socket, IoError error)
    {
        error = error.IsNone ? socket.SubscribeReadable((_, hint, _) => OnReadable(socket, hint), null) : error;
        if (error.IsError)
        {
            End(socket, error);
            return;
        }

        int part = data.Length / 3;
        for (int i = 0; i < 3 && socket.IsOpen; i++)
        {
            Operation writing = run.Begin($"write {i + 1}");
            error = socket.Write(
                data.AsMemory(i * part, part),
                (_, result, _, _) =>
                {
                    writing.Answer(result);
                    if (result.IsError)
                    {
                        End(socket, result);
                    }
                },
                null);
            if (error.IsError)
            {
                writing.Answer(error);
                End(socket, error);
            }
        }
    }

    private void OnReadable(IoSocket socket, IoError hint)
    {
        while (socket.IsOpen)
        {
            IoError error = socket.Read(_received.AsSpan(_count), out int count);
            if (error.Code == IoErrorCode.ReadWouldBlock)
            {
                // A hang-up that brought nothing to read is told as an error here.
                if (hint.IsError && hint.Code != IoErrorCode.SocketClosed)
                {
                    End(socket, hint);
                }

                return;
            }

            _count += count;
            if (error.IsError)
            {
                End(socket, error);
            }
            else if (_count == data.Length)
            {
                if (!_received.AsSpan().SequenceEqual(data))
                {
                    run.Wrong("Other bytes came back.");
                }

                End(socket, IoError.None);
            }
        }
    }

    [SuppressMessage("Usage", "VSTHRD002", Justification = "Only asks whether there was an answer.")]
    private void End(IoSocket socket, IoError error)
    {
        if (Ended.Answers == 0)
        {
            Ended.Answer(error);
            _ = socket.Close();
        }
    }
}

using System.Diagnostics.CodeAnalysis;

namespace AwsIO.Tests.Torture;

/// <summary>A listening socket whose connections send back what comes.</summary>
internal sealed class EchoingListener(TortureRun run, EventLoop loop)
{
    private IoSocket? _socket;

    /// <summary>Starts.</summary>
    /// <returns>The address; null where that failed.</returns>
    internal SocketEndpoint? Listen(SocketOptions options, SocketEndpoint at)
    {
        Operation listening = run.Begin("the listener");
        IoResult<IoSocket> created = IoSocket.Create(options);
        IoError error = created.Error;
        if (created.TryGetValue(out _socket))
        {
            error = _socket.Bind(at);
            error = error.IsNone ? _socket.Listen(16) : error;
            IoResult<SocketEndpoint> local = error.IsNone ? _socket.GetLocalEndpoint() : new(error);
            error = local.Error;
            error = error.IsNone ? _socket.StartAccept(loop, (_, failure, accepted, _) => OnAccept(failure, accepted), null) : error;
            if (error.IsNone)
            {
                listening.Answer(IoError.None);
                return local.Value;
            }
        }

        listening.Answer(error);
        return null;
    }

    /// <summary>Loop thread.</summary>
    internal void Close() => _socket?.Dispose();

    [SuppressMessage("Reliability", "CA2000", Justification = "The connection closes its socket.")]
    private void OnAccept(IoError error, IoSocket? accepted)
    {
        if (accepted is null)
        {
            run.Note(error);
            return;
        }

        Operation serving = run.Begin("a served connection");
        error = accepted.AssignTo(loop);
        if (error.IsNone)
        {
            // The loop is this one, so that nothing has been reported yet.
            error = accepted.SubscribeReadable((_, hint, _) => OnReadable(accepted, hint, serving), null);
        }

        if (error.IsError)
        {
            End(accepted, error, serving);
        }
    }

    private void OnReadable(IoSocket socket, IoError hint, Operation serving)
    {
        while (socket.IsOpen)
        {
            byte[] buffer = new byte[16 * 1024];
            IoError error = socket.Read(buffer, out int count);
            if (error.Code == IoErrorCode.ReadWouldBlock)
            {
                if (hint.IsError && hint.Code != IoErrorCode.SocketClosed)
                {
                    End(socket, hint, serving);
                }

                return;
            }

            if (error is { Code: IoErrorCode.SocketClosed, NativeError: 0 })
            {
                End(socket, IoError.None, serving);
            }
            else if (error.IsError)
            {
                End(socket, error, serving);
            }
            else
            {
                Echo(socket, buffer.AsMemory(0, count), serving);
            }
        }
    }

    private void Echo(IoSocket socket, ReadOnlyMemory<byte> data, Operation serving)
    {
        Operation writing = run.Begin("a write back");
        IoError error = socket.Write(
            data,
            (_, result, _, _) =>
            {
                writing.Answer(result);
                if (result.IsError)
                {
                    End(socket, result, serving);
                }
            },
            null);
        if (error.IsError)
        {
            writing.Answer(error);
            End(socket, error, serving);
        }
    }

    private static void End(IoSocket socket, IoError error, Operation serving)
    {
        if (serving.Answers == 0)
        {
            serving.Answer(error);
            _ = socket.Close();
        }
    }
}

using AwsIO.Native.Unix;

namespace AwsIO;

/// <summary>Closing.</summary>
public sealed partial class IoSocket
{
    // Received data that nobody will read is fetched before closing, up to this: the kernel answers a close over unread data
    // with a reset, which may destroy what the peer has not read yet.
    private const int MaxDiscard = 1024 * 1024;

    /// <summary>
    /// Closes the socket (<c>aws_socket_close</c>). Before this returns, each write that is not over is told
    /// <see cref="IoErrorCode.SocketClosed"/>, in order; nothing is told afterwards. What the kernel has taken still goes out. Does
    /// nothing when the socket is closed already.
    /// </summary>
    /// <remarks>
    /// On the loop's thread; anywhere while the socket has no loop; a listener anywhere, and then the call waits for its loop.
    /// </remarks>
    /// <returns><see cref="IoErrorCode.SocketIllegalOperationForState"/> on a wrong thread, or no error.</returns>
    public IoError Close()
    {
        if (!IsOpen)
        {
            return IoError.None;
        }

        if (_loop is { IsOnLoop: false } loop)
        {
            if ((_state & SocketStates.Listening) == 0)
            {
                return new IoError(
                    IoErrorCode.SocketIllegalOperationForState, $"The socket belongs to {loop.Name} and can be closed on its thread only.");
            }

            using ManualResetEventSlim closed = new();
            loop.Schedule(IoTask.Create(
                static (work, _) =>
                {
                    work.Socket.CloseNow();
                    work.Closed.Set();
                },
                (Socket: this, Closed: closed)));
            closed.Wait();
            return IoError.None;
        }

        CloseNow();
        return IoError.None;
    }

    /// <summary>Closes the socket. Off its loop's thread a connected socket is closed soon, by a task.</summary>
    public void Dispose()
    {
        if (Close().IsError)
        {
            _loop!.Schedule(IoTask.Create(static (socket, _) => socket.CloseNow(), this));
        }
    }

    /// <summary>
    /// Closes the connection so that the peer gets everything that was written: says that no more will come, and throws away what
    /// was received and not read. Loop thread only; queued writes must be over.
    /// </summary>
    internal void CloseGracefully()
    {
        if ((_state & SocketStates.ConnectedWrite) != 0)
        {
            _ = ShutdownWrite();
        }

        DiscardReceived();
        CloseNow();
    }

    /// <summary>Closes the connection with a reset: the peer sees an error, and what was not delivered is lost. Loop thread only.</summary>
    internal void CloseAbruptly()
    {
        if (IsOpen && (_state & SocketStates.Listening) == 0)
        {
            _ = Libc.SetOption(_handle.Descriptor, SocketConstants.LevelSocket, SocketConstants.Linger, 1, 0);
        }

        CloseNow();
    }

    private unsafe void DiscardReceived()
    {
        const int size = 16 * 1024;
        if ((_state & SocketStates.ConnectedRead) == 0 || !_mayRead)
        {
            return;
        }

        byte* buffer = stackalloc byte[size];
        for (int total = 0; total < MaxDiscard;)
        {
            nint count = Libc.Receive(_handle.Descriptor, buffer, size);
            if (count <= 0)
            {
                return;
            }

            total += (int)count;
        }
    }

    private void CloseNow()
    {
        if (!IsOpen)
        {
            return;
        }

        if (_attempt is { } attempt)
        {
            _attempt = null;
            _loop!.Cancel(attempt);
        }

        if (_acceptAgain is { } again)
        {
            _loop!.Cancel(again);
        }

        UnsubscribeIfSubscribed();
        _state = SocketStates.Closed;
        _readable = null;
        _readableState = null;
        _onAccept = null;
        IoLog.SocketClosed(_logger, _handle.Descriptor);
        _ = Libc.Close(_handle.Descriptor);
        if (_writeFirst is not null)
        {
            FailQueued(new IoError(IoErrorCode.SocketClosed, Describe("The connection was closed before everything was written")));
        }

        while (_doneFirst is not null)
        {
            ReportDone();
        }

        Drained?.Invoke();
        Drained = null;
    }

    private void UnsubscribeIfSubscribed()
    {
        if (_handle.SubscriptionSlot >= 0)
        {
            _ = _loop!.Unsubscribe(_handle);
        }
    }
}

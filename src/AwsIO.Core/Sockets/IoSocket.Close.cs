using AwsIO.Native.Unix;

namespace AwsIO;

/// <summary>Closing.</summary>
public sealed partial class IoSocket
{
    // Received data that nobody will read is fetched before closing: the kernel answers a close over unread data with a reset, which
    // may destroy what the peer has not read yet. So much of it at a time, before other connections have their turn.
    private const int MaxDiscard = 64 * 1024;

    // Set while a graceful close waits for the peer to acknowledge everything; told of each event.
    private Action? _lingering;

    /// <summary>
    /// Closes the socket (<c>aws_socket_close</c>). Before this returns, each write that is not over is told
    /// <see cref="IoErrorCode.SocketClosed"/>, in order; nothing is told afterwards. What the kernel has taken still goes out. Does
    /// nothing when the socket is closed already.
    /// </summary>
    /// <remarks>
    /// On the loop's thread; anywhere while the socket has no loop; a listener anywhere, and then the call waits for its loop, except
    /// on another loop's thread, where the listener is closed soon.
    /// </remarks>
    /// <returns><see cref="IoErrorCode.SocketIllegalOperationForState"/> on a wrong thread, or no error.</returns>
    public IoError Close()
    {
        if (!IsOpen)
        {
            return IoError.None;
        }

        if (_loop is { IsOnLoop: false, IsCancellingLate: false } loop)
        {
            if ((_state & SocketStates.Listening) == 0)
            {
                return new IoError(
                    IoErrorCode.SocketIllegalOperationForState, $"The socket belongs to {loop.Name} and can be closed on its thread only.");
            }

            if (EventLoop.Current is not null)
            {
                // A loop that waited for another might wait for one that waits for it.
                loop.Schedule(IoTask.Create(static (socket, _) => socket.CloseNow(), this));
                return IoError.None;
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
    /// Goes on with closing the connection so that the peer gets everything that was written: says that no more will come, and
    /// throws away what comes meanwhile. Loop thread only; queued writes must be over.
    /// </summary>
    /// <param name="onEvent">Told, never inside this call, when it is time to call again.</param>
    /// <returns>
    /// Whether the socket is closed. If not, the peer has not acknowledged everything: <see cref="Close"/> leaves that to the kernel,
    /// which gives it up at the first byte that the peer sends.
    /// </returns>
    internal bool TryCloseGracefully(Action onEvent)
    {
        if (_loop is { IsOnLoop: false })
        {
            // It was put into a channel of another loop, which has refused it: its own loop closes it.
            Dispose();
            return true;
        }

        // Where no end can be sent the connection has gone, and no event will tell that the peer has it.
        bool hasGone = (_state & SocketStates.ConnectedWrite) != 0 && ShutdownWrite().IsError;
        _lingering = null;
        if (hasGone || IsDelivered())
        {
            CloseNow();
            return true;
        }

        _lingering = onEvent;
        return false;
    }

    /// <summary>Throws away what was received, up to a bound. Loop thread only.</summary>
    /// <returns>Whether the peer has ended, or the connection has failed.</returns>
    internal unsafe bool DiscardReceived()
    {
        const int size = 16 * 1024;
        if ((_state & SocketStates.ConnectedRead) == 0)
        {
            return true;
        }

        // What came after the last poll counts too, of which no event has told.
        byte* buffer = stackalloc byte[size];
        for (int total = 0; total < MaxDiscard;)
        {
            nint count = Libc.Receive(_handle.Descriptor, buffer, size);
            if (count <= 0)
            {
                _mayRead = false;
                return count != -Errno.EAGAIN;
            }

            total += (int)count;
        }

        _mayRead = true;
        return false;
    }

    /// <summary>Closes the connection with a reset: the peer sees an error, and what was not delivered is lost. Loop thread only.</summary>
    internal void CloseAbruptly()
    {
        if (_loop is { IsOnLoop: false })
        {
            Dispose();
            return;
        }

        if (IsOpen && (_state & SocketStates.Listening) == 0)
        {
            _ = Libc.SetOption(_handle.Descriptor, SocketConstants.LevelSocket, SocketConstants.Linger, 1, 0);
        }

        CloseNow(lingers: false);
    }

    /// <summary>
    /// Has the system go on delivering for as long as the user said, without anybody waiting: on Linux a close would wait, even of a
    /// non-blocking socket.
    /// </summary>
    private void LingerInSystem(TimeSpan time)
    {
        if (Native.Platform.Abi.IsLinux && IsIP)
        {
            _ = ApplyUserTimeout(Native.Platform.Abi.Current.Sockets, time);
            _ = Libc.SetOption(_handle.Descriptor, SocketConstants.LevelSocket, SocketConstants.Linger, 0, 0);
        }
    }

    /// <summary>
    /// Whether a close loses nothing: the peer has everything, or sends nothing any more that the kernel would answer with a reset.
    /// </summary>
    private bool IsDelivered()
    {
        if (DiscardReceived())
        {
            return true;
        }

        if (_mayRead)
        {
            // There is more to throw away.
            return false;
        }

        if (Options.Domain == SocketDomain.Local)
        {
            return true;
        }

        // The end itself counts for one. When it has been acknowledged, an event comes.
        return Libc.GetUnacknowledged(_handle.Descriptor) <= 1;
    }

    private void CloseNow(bool lingers = true)
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
        if (_lingering is { } lingering)
        {
            // Whoever waits for the peer waits no longer.
            _lingering = null;
            _loop!.Schedule(IoTask.Create(static (goOn, _) => goOn(), lingering));
        }

        if (lingers && Options.Linger is { Ticks: > 0 } linger)
        {
            LingerInSystem(linger);
        }

        _ = Libc.Close(_handle.Descriptor);
        IoLog.SocketClosed(_logger, _handle.Descriptor);
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

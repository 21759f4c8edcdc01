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

    private SocketCallback? _onClosed;
    private object? _closedState;

    /// <summary>
    /// Closes the socket (<c>aws_socket_close</c>). Before this returns, each write that is not over is told
    /// <see cref="IoErrorCode.SocketClosed"/>, in order; nothing is told afterwards but what <see cref="SubscribeClosed"/> was given. What
    /// the kernel has taken still goes out, unless received bytes are left unread: over those TCP resets the connection. Does nothing
    /// when the socket is closed already.
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

            RunOn(loop, static socket => socket.CloseNow());
            return IoError.None;
        }

        CloseNow();
        return IoError.None;
    }

    /// <summary>
    /// Tells when the socket has closed (<c>aws_socket_set_close_complete_callback</c>, <c>aws_socket_set_cleanup_complete_callback</c>):
    /// once, after the callbacks of all writes, as the last thing that the socket tells.
    /// </summary>
    /// <remarks>On the loop's thread; anywhere while the socket has no loop.</remarks>
    /// <param name="onClosed">Told inside the call that closes the socket, on its loop's thread where it has one; without an error.</param>
    /// <param name="state">Handed to the callback.</param>
    /// <returns>
    /// <see cref="IoErrorCode.AlreadySubscribed"/>, <see cref="IoErrorCode.SocketClosed"/>, <see cref="IoErrorCode.EventLoopThreadOnly"/>,
    /// or no error.
    /// </returns>
    public IoError SubscribeClosed(SocketCallback onClosed, object? state)
    {
        ArgumentNullException.ThrowIfNull(onClosed);
        IoError error = CheckUsable();
        if (error.IsError || _onClosed is not null)
        {
            return error.IsError ? error : IoErrorCode.AlreadySubscribed;
        }

        _onClosed = onClosed;
        _closedState = state;
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

        // Behind the peer's end nothing can come that a close would answer with a reset: the close itself tells the peer of this end.
        // Where no end can be sent the connection has gone, and no event will tell that the peer has it.
        bool isOver = _endIsRead || ((_state & SocketStates.ConnectedWrite) != 0 && ShutdownWrite().IsError);
        _lingering = null;
        if (isOver || IsDelivered())
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
        if (_endIsRead)
        {
            // Any event says again that there is something to read: the end.
            _mayRead = false;
            return true;
        }

        if ((_state & SocketStates.ConnectedRead) == 0 && !_readIsShut)
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

                // Once reading was shut down, the kernel says that this is the end, which the peer has not.
                return count != -Errno.EAGAIN && !(count == 0 && _readIsShut);
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
        if (Native.Platform.Abi.IsLinux && IsTcp)
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

        EndAccepting();
        if (_datagram is not null)
        {
            EndReceiving(_datagram);
            EndSending(_datagram);
        }

        if (_handle.SubscriptionSlot >= 0)
        {
            _loop!.UnsubscribeClosing(_handle);
        }

        _state = SocketStates.Closed;
        _readable = null;
        _readableState = null;
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
        if (_onClosed is { } closed)
        {
            _onClosed = null;
            ReportClosed(closed);
        }
    }

    private void ReportClosed(SocketCallback closed)
    {
        try
        {
            closed(this, IoError.None, _closedState);
        }
        catch (Exception exception)
        {
            IoLog.CallbackFailed(_logger, exception, _loop?.Name ?? "no loop");
        }
    }

    /// <summary>Runs on a loop's thread and waits for it; on another loop's thread it is only scheduled.</summary>
    private void RunOn(EventLoop loop, Action<IoSocket> action)
    {
        if (EventLoop.Current is not null)
        {
            // A loop that waited for another might wait for one that waits for it.
            loop.Schedule(IoTask.Create(static (work, _) => work.Action(work.Socket), (Socket: this, Action: action)));
            return;
        }

        using ManualResetEventSlim over = new();
        loop.Schedule(IoTask.Create(
            static (work, _) =>
            {
                work.Action(work.Socket);
                work.Over.Set();
            },
            (Socket: this, Action: action, Over: over)));
        over.Wait();
    }

    private void UnsubscribeIfSubscribed()
    {
        if (_handle.SubscriptionSlot >= 0)
        {
            _ = _loop!.Unsubscribe(_handle);
        }
    }
}

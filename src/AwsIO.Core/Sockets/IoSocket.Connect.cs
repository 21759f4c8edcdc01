using AwsIO.Native.Unix;
using Microsoft.Extensions.Logging;

namespace AwsIO;

/// <summary>Connecting.</summary>
public sealed partial class IoSocket
{
    private ConnectAttempt? _attempt;

    /// <summary>
    /// Starts connecting (<c>aws_socket_connect</c>). Any thread, once, on a socket that is new, or that is bound: that is the address
    /// which the connection comes from then. The socket belongs to the loop from the call on.
    /// </summary>
    /// <param name="endpoint">Where to; of the socket's own domain.</param>
    /// <param name="loop">The loop that the socket is to live on.</param>
    /// <param name="onResult">
    /// Told once of the result, on the loop's thread and never inside this call; not at all when the call itself fails, or when the
    /// socket is closed before there is a result.
    /// </param>
    /// <param name="state">Handed to the callback.</param>
    /// <returns>
    /// An immediate failure: <see cref="IoErrorCode.SocketInvalidAddress"/>, <see cref="IoErrorCode.EventLoopAlreadyAssigned"/>,
    /// <see cref="IoErrorCode.SocketIllegalOperationForState"/>, or what the system answered at once. The callback may also tell
    /// <see cref="IoErrorCode.SocketTimeout"/> and <see cref="IoErrorCode.EventLoopShutdown"/>.
    /// </returns>
    public IoError Connect(in SocketEndpoint endpoint, EventLoop loop, SocketCallback onResult, object? state)
    {
        ArgumentNullException.ThrowIfNull(loop);
        ArgumentNullException.ThrowIfNull(onResult);
        if (_loop is not null)
        {
            return new IoError(IoErrorCode.EventLoopAlreadyAssigned, $"The socket belongs to {_loop.Name} already.");
        }

        if (_state is not (SocketStates.Init or SocketStates.Bound) && !(IsDatagram && _state == SocketStates.ConnectedRead))
        {
            return new IoError(IoErrorCode.SocketIllegalOperationForState, $"A socket that is {_state} cannot be connected.");
        }

        IoError error = ValidateFor(endpoint, endpoint.ValidateForConnect());
        if (error.IsError)
        {
            return error;
        }

        Span<byte> buffer = stackalloc byte[SockAddr.MaxSize];
        error = SocketAddressText.TryWrite(endpoint, buffer, out int length);
        if (error.IsError)
        {
            return error;
        }

        if (Options.LocalEndpoint is { } local && _state == SocketStates.Init)
        {
            error = Bind(local);
            if (error.IsError)
            {
                return error;
            }
        }

        SetLoop(loop);
        if (_logger.IsEnabled(LogLevel.Debug))
        {
            IoLog.SocketConnecting(_logger, _handle.Descriptor, endpoint);
        }

        int result;
        unsafe
        {
            fixed (byte* address = buffer)
            {
                result = Libc.Connect(_handle.Descriptor, address, length);
            }
        }

        if (result < 0 && result != -Errno.EINPROGRESS)
        {
            _state = SocketStates.Error;
            return Errno.ToSocketError(-result, $"Connecting to {endpoint}");
        }

        _peer = endpoint;
        _state = SocketStates.Connecting;
        _attempt = new ConnectAttempt(this, onResult, state, connected: result == 0);

        // Subscribing and arming the timeout happen on the loop, so that neither can run ahead of the other.
        loop.Schedule(_attempt);
        return IoError.None;
    }

    private IoError ValidateFor(in SocketEndpoint endpoint, IoError portError)
    {
        if (portError.IsError)
        {
            return portError;
        }

        return endpoint.Domain == Options.Domain
            ? IoError.None
            : new IoError(
                IoErrorCode.SocketInvalidAddress,
                $"The socket's domain is {Options.Domain}, but {endpoint} is of domain {endpoint.Domain}.");
    }

    private void OnConnectingEvents(IoEvents events)
    {
        // Where an edge tells of room alone, the socket need not be asked what has become of it.
        const IoEvents ends = IoEvents.RemoteHangUp | IoEvents.Closed | IoEvents.Error;

        // There may be data already: it must not be lost, even where kqueue tells of it before it tells of room. What comes later has an
        // edge of its own.
        _mayRead |= (events & (IoEvents.Readable | InternalEvents.Urgent | ends)) != 0;
        _readsStopShort |= (events & (IoEvents.RemoteHangUp | IoEvents.Closed | InternalEvents.Urgent)) != 0;
        bool isClear = _loop!.WritableMeansConnected;
        int errno = isClear && (events & ends) == 0 ? 0 : TakePendingErrno();
        if (errno != 0)
        {
            FinishConnect(Errno.ToSocketError(errno, $"Connecting to {_peer}"));
        }
        else if ((events & IoEvents.Writable) != 0 && (isClear || HasPeer()))
        {
            FinishConnect(IoError.None);
        }
    }

    /// <summary>Whether the connection stands, by the socket itself: kqueue may tell of room, and of an end, before there is one.</summary>
    private bool HasPeer()
    {
        Span<byte> buffer = stackalloc byte[SockAddr.MaxSize];
        unsafe
        {
            fixed (byte* address = buffer)
            {
                // Any other failure means that there was a peer: reading and writing will tell what has become of it.
                int length = buffer.Length;
                return Libc.GetPeerAddress(_handle.Descriptor, address, ref length) != -Errno.ENOTCONN;
            }
        }
    }

    private void FinishConnect(IoError error)
    {
        if (_attempt is not { } attempt)
        {
            return;
        }

        _attempt = null;
        _loop!.Cancel(attempt);
        if (error.IsError)
        {
            if (_logger.IsEnabled(LogLevel.Information))
            {
                IoLog.SocketConnectFailed(_logger, RemoteEndpoint!.Value, error);
            }

            _state = SocketStates.Error;
            UnsubscribeIfSubscribed();
        }
        else
        {
            if (_logger.IsEnabled(LogLevel.Debug))
            {
                IoLog.SocketConnected(_logger, _handle.Descriptor, RemoteEndpoint!.Value);
            }

            _state = SocketStates.ConnectedRead | SocketStates.ConnectedWrite;
            _ = ApplyConnectedOptions();
        }

        attempt.Report(error);
    }

    /// <summary>
    /// One attempt: first a task that subscribes on the loop, then the task of its timeout. The socket forgets it when there is a
    /// result or when it is closed, which makes late calls harmless.
    /// </summary>
    private sealed class ConnectAttempt(IoSocket socket, SocketCallback onResult, object? state, bool connected) : IoTask
    {
        private bool _started;

        internal void Report(IoError error) => onResult(socket, error, state);

        protected override void Run(IoTaskStatus status)
        {
            if (!ReferenceEquals(socket._attempt, this))
            {
                return;
            }

            EventLoop loop = socket._loop!;
            if (status == IoTaskStatus.Canceled)
            {
                socket.FinishConnect(new IoError(
                    IoErrorCode.EventLoopShutdown, $"Connecting to {socket._peer} failed: {loop.Name} is ending."));
            }
            else if (_started)
            {
                socket.FinishConnect(new IoError(
                    IoErrorCode.SocketTimeout,
                    $"Connecting to {socket._peer} failed: no answer within {socket.Options.ConnectTimeout.TotalMilliseconds} ms."));
            }
            else
            {
                _started = true;
                Start(loop);
            }
        }

        private void Start(EventLoop loop)
        {
            IoError error = loop.Subscribe(socket._handle, ConnectionEvents, socket);
            if (error.IsError || connected)
            {
                socket.FinishConnect(error);
            }
            else if (socket.Options.ConnectTimeout != Timeout.InfiniteTimeSpan)
            {
                loop.ScheduleAfter(this, socket.Options.ConnectTimeout);
            }
        }
    }
}

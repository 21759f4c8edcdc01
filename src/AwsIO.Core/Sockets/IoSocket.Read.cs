using AwsIO.Native.Unix;

namespace AwsIO;

/// <summary>Reading.</summary>
public sealed partial class IoSocket
{
    private const IoEvents ConnectionEvents = IoEvents.Readable | IoEvents.Writable | InternalEvents.Urgent;

    private SocketCallback? _readable;
    private object? _readableState;
    private bool _mayRead;
    private bool _readsStopShort;
    private bool _readIsShut;

    // The peer's end has been read: behind it there is nothing.
    private bool _endIsRead;
    private int _brokenErrno;

    /// <summary>
    /// Whether a read may find something: the kernel has told of data, or of the end, that no read has come to the end of yet.
    /// </summary>
    internal bool MayRead => _mayRead;

    /// <summary>Whether the kernel has told that both directions are over, or that the connection has failed.</summary>
    internal bool HasHungUp { get; private set; }

    /// <summary>
    /// Tells from now on when there is something to read (<c>aws_socket_subscribe_to_readable_events</c>); what came before the call
    /// is told too. The callback's error is a hint: what was received before a failure can still be read.
    /// </summary>
    /// <remarks>Loop thread only.</remarks>
    /// <param name="onReadable">Told on the loop's thread, never inside this call.</param>
    /// <param name="state">Handed to the callback.</param>
    /// <returns>
    /// <see cref="IoErrorCode.SocketNotConnected"/>, <see cref="IoErrorCode.AlreadySubscribed"/>,
    /// <see cref="IoErrorCode.EventLoopThreadOnly"/>, or no error.
    /// </returns>
    public IoError SubscribeReadable(SocketCallback onReadable, object? state)
    {
        ArgumentNullException.ThrowIfNull(onReadable);
        if ((_state & SocketStates.ConnectedRead) == 0)
        {
            return new IoError(IoErrorCode.SocketNotConnected, $"A socket that is {_state} cannot be read.");
        }

        if (_loop is null || !_loop.IsOnLoop)
        {
            return IoErrorCode.EventLoopThreadOnly;
        }

        if (_readable is not null || _datagram?.Callback is not null)
        {
            return IoErrorCode.AlreadySubscribed;
        }

        _readable = onReadable;
        _readableState = state;
        if (_mayRead)
        {
            _loop.Schedule(IoTask.Create(static (socket, status) => socket.ReplayReadable(status), this));
        }

        return IoError.None;
    }

    /// <summary>
    /// Reads what has been received, at most as much as there is room for, with one call to the system (<c>aws_socket_read</c>). Of
    /// datagrams it reads one: what there is no room for is lost, and no bytes without an error are an empty one.
    /// <see cref="ReceiveFrom"/> tells more.
    /// </summary>
    /// <remarks>Loop thread only.</remarks>
    /// <param name="destination">Where to.</param>
    /// <param name="count">How many bytes were read.</param>
    /// <returns>
    /// <see cref="IoErrorCode.ReadWouldBlock"/> when nothing is there now, <see cref="IoErrorCode.SocketClosed"/> at the end,
    /// <see cref="IoErrorCode.SocketTimeout"/>, <see cref="IoErrorCode.SocketNotConnected"/>,
    /// <see cref="IoErrorCode.EventLoopThreadOnly"/>, or no error.
    /// </returns>
    public unsafe IoError Read(Span<byte> destination, out int count)
    {
        count = 0;
        if (_loop is null || !_loop.IsOnLoop)
        {
            return IoErrorCode.EventLoopThreadOnly;
        }

        if ((_state & SocketStates.ConnectedRead) == 0)
        {
            return NotConnected("read");
        }

        if (IsDatagram)
        {
            return ReadDatagram(destination, out count);
        }

        if (destination.IsEmpty)
        {
            return IoError.None;
        }

        nint result;
        fixed (byte* buffer = destination)
        {
            result = Libc.Receive(_handle.Descriptor, buffer, (nuint)destination.Length);
        }

        if (result > 0)
        {
            count = (int)result;

            // A short read has emptied the socket: the next byte will come with an edge of its own. Only after a hang-up, whose
            // edge has been seen already, the end is still to be fetched; and urgent data, and over a Unix socket data that descriptors
            // were sent along with, end a read before what lies behind it. Of VSOCK nothing of the kind is promised either.
            _mayRead = result == destination.Length || _readsStopShort || Options.Domain >= SocketDomain.Local;
            return IoError.None;
        }

        return ReadFailure((int)-result);
    }

    /// <summary>
    /// Ends the direction of reading (<c>aws_socket_shutdown_dir</c>): nothing is read any more, nor told of. A TCP peer is not told:
    /// the system takes what it sends until its buffer is full. A Unix domain peer can write no more.
    /// </summary>
    /// <remarks>Loop thread only.</remarks>
    /// <returns>
    /// <see cref="IoErrorCode.SocketNotConnected"/>, <see cref="IoErrorCode.EventLoopThreadOnly"/>, or no error.
    /// </returns>
    public IoError ShutdownRead()
    {
        if (_loop is null || !_loop.IsOnLoop)
        {
            return IoErrorCode.EventLoopThreadOnly;
        }

        if ((_state & SocketStates.ConnectedRead) == 0)
        {
            return NotConnected("ended for reading");
        }

        int result = Libc.Shutdown(_handle.Descriptor, SocketConstants.ShutdownRead);
        _state &= ~SocketStates.ConnectedRead;
        _readIsShut = true;
        _readable = null;
        _readableState = null;
        if (_datagram is not null)
        {
            EndReceiving(_datagram);
        }

        return result < 0 ? Errno.ToSocketError(-result, Describe("Ending the reading direction")) : IoError.None;
    }

    // Each connection that a peer ends in order has one, or two, that mostly nobody reads.
    private IoError EndedByPeer =>
        new(IoErrorCode.SocketClosed, new PeerSentence("The peer has ended the connection", "with", _peer));

    private IoError ReadFailure(int errno)
    {
        if (errno == Errno.EAGAIN)
        {
            _mayRead = false;
            return IoErrorCode.ReadWouldBlock;
        }

        if (errno == 0)
        {
            errno = _brokenErrno;
            _endIsRead = errno == 0;
        }

        return errno == 0
            ? EndedByPeer
            : Errno.ToSocketError(errno, Describe("Reading", "from"));
    }

    /// <summary>
    /// The kernel tells of a broken connection once, to whoever asks first, and then gives reads an end as if the peer had ended it in
    /// order. Whoever else asked remembers for them.
    /// </summary>
    private void NoteBroken(int errno)
    {
        // EPIPE is a reset behind the peer's orderly end, which remains what a read is told of.
        if (errno != 0 && errno != Errno.EPIPE)
        {
            _brokenErrno = errno;
        }
    }

    private void OnConnectedEvents(IoEvents events)
    {
        const IoEvents readEvents = IoEvents.Readable | IoEvents.RemoteHangUp | IoEvents.Closed | IoEvents.Error;
        if ((events & readEvents) != 0)
        {
            _mayRead = true;
        }

        HasHungUp |= (events & (IoEvents.Closed | IoEvents.Error)) != 0;
        const IoEvents stops = IoEvents.RemoteHangUp | IoEvents.Closed | IoEvents.Error | InternalEvents.Urgent;
        _readsStopShort |= (events & stops) != 0;

        if (_lingering is not null)
        {
            _lingering();
            return;
        }

        if ((events & IoEvents.Readable) != 0)
        {
            NotifyReadable(IoError.None);
        }

        if ((events & IoEvents.Writable) != 0 && _writeFirst is not null && IsOpen)
        {
            SendQueued();
        }

        if ((events & (IoEvents.RemoteHangUp | IoEvents.Closed | IoEvents.Error)) != 0 && IsOpen && _readable is not null)
        {
            NotifyReadable(HangUpError(events));
        }
    }

    private void NotifyReadable(in IoError error)
    {
        try
        {
            _readable?.Invoke(this, error, _readableState);
        }
        catch (Exception exception)
        {
            // The rest of the edge is told all the same: it comes once.
            IoLog.CallbackFailed(_logger, exception, _loop!.Name);
        }
    }

    private IoError HangUpError(IoEvents events)
    {
        if ((events & (IoEvents.RemoteHangUp | IoEvents.Closed)) != 0)
        {
            return EndedByPeer;
        }

        int errno = TakePendingErrno();
        return Errno.ToSocketError(errno == 0 ? Errno.ECONNRESET : errno, Describe("The connection"));
    }

    private void ReplayReadable(IoTaskStatus status)
    {
        if (status == IoTaskStatus.Run && _mayRead && IsOpen)
        {
            _readable?.Invoke(this, IoError.None, _readableState);
        }
    }

    private IoError NotConnected(string action) => !IsOpen
        ? new IoError(IoErrorCode.SocketNotConnected, $"A socket that was closed cannot be {action}.")
        : new IoError(IoErrorCode.SocketNotConnected, $"A socket that is {_state} cannot be {action}.");
}

using AwsIO.Native.Unix;

namespace AwsIO;

/// <summary>Datagrams: receiving.</summary>
public sealed partial class IoSocket
{
    private static readonly TimeSpan s_firstReceiveDelay = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_longestReceiveDelay = TimeSpan.FromSeconds(1);

    /// <summary>Receives one datagram, and tells its sender, with one call to the system.</summary>
    /// <remarks>Loop thread only. Allocates nothing but for an error.</remarks>
    /// <param name="destination">Where to. What there is no room for is lost, and <see cref="DatagramInfo.IsTruncated"/> tells so.</param>
    /// <param name="datagram">What was received.</param>
    /// <returns>
    /// <see cref="IoErrorCode.ReadWouldBlock"/> when nothing is there now; an error that came back for a datagram of a connected
    /// socket, such as <see cref="IoErrorCode.SocketConnectionRefused"/>, after which the socket goes on;
    /// <see cref="IoErrorCode.SocketNotConnected"/> for a socket that is neither bound nor connected,
    /// <see cref="IoErrorCode.SocketInvalidOperationForType"/>, <see cref="IoErrorCode.EventLoopThreadOnly"/>, or no error.
    /// </returns>
    public unsafe IoError ReceiveFrom(Span<byte> destination, out DatagramInfo datagram)
    {
        datagram = default;
        IoError error = CheckReceive();
        if (error.IsError)
        {
            return error;
        }

        byte* sender = stackalloc byte[DatagramAddress.MaxLength];
        nint result;
        MessageHeader header = default;
        fixed (byte* buffer = destination)
        {
            IoVector vector = new() { Base = buffer, Length = (nuint)destination.Length };
            header.Name = sender;
            header.NameLength = DatagramAddress.MaxLength;
            header.Vectors = &vector;
            header.VectorCount = 1;
            result = _datagram!.LaterErrno == 0 ? Libc.ReceiveMessage(_handle.Descriptor, &header) : -TakeLaterErrno();
        }

        if (result < 0)
        {
            return ReceiveFailure((int)-result);
        }

        ReadOnlySpan<byte> name = new(sender, (int)Math.Min(header.NameLength, DatagramAddress.MaxLength));
        datagram = new DatagramInfo((int)result, (header.Flags & SocketConstants.Truncated) != 0, new DatagramAddress(name));
        return IoError.None;
    }

    /// <summary>
    /// Receives the datagrams that are there, as many as a batch has room for, with one call to the system where it has one for that.
    /// </summary>
    /// <remarks>
    /// Loop thread only. Allocates nothing but for an error. A batch that is full does not mean that there is more, nor one that is not
    /// full that there is none: <see cref="IoErrorCode.ReadWouldBlock"/> means that. Who receives until then, without a bound, may keep
    /// the loop from its other work: <see cref="StartReceive"/> does not.
    /// </remarks>
    /// <param name="datagrams">Where to; what it held is gone.</param>
    /// <returns>As for <see cref="ReceiveFrom"/>; the batch is empty after an error.</returns>
    public IoError Receive(DatagramBatch datagrams)
    {
        ArgumentNullException.ThrowIfNull(datagrams);
        IoError error = CheckReceive();
        if (error.IsError)
        {
            return error;
        }

        int errno = TakeLaterErrno();
        if (errno == 0)
        {
            errno = datagrams.Receive(_handle.Descriptor, out _datagram!.LaterErrno);
        }
        else
        {
            datagrams.Clear();
        }

        return errno == 0 ? IoError.None : ReceiveFailure(errno);
    }

    /// <summary>
    /// Hands over from now on what is received, a batch at a time; what came before the call too. One batch is received in a turn:
    /// however many datagrams come, the loop's other sockets and tasks have their turns in between.
    /// </summary>
    /// <remarks>Loop thread only. Allocates nothing at steady state.</remarks>
    /// <param name="datagrams">Where to; the socket's own until <see cref="StopReceive"/> or the close.</param>
    /// <param name="onReceived">
    /// Told on the loop's thread, never inside this call: of a batch with one datagram or more, or of an error with an empty one. After an
    /// error the socket goes on, but for <see cref="IoErrorCode.EventLoopShutdown"/>, which is the last call. It may stop receiving, or
    /// close the socket.
    /// </param>
    /// <param name="state">Handed to the callback.</param>
    /// <returns>
    /// <see cref="IoErrorCode.AlreadySubscribed"/>, also after <see cref="SubscribeReadable"/>;
    /// <see cref="IoErrorCode.SocketNotConnected"/>, <see cref="IoErrorCode.SocketInvalidOperationForType"/>,
    /// <see cref="IoErrorCode.EventLoopThreadOnly"/>, or no error.
    /// </returns>
    public IoError StartReceive(DatagramBatch datagrams, DatagramCallback onReceived, object? state)
    {
        ArgumentNullException.ThrowIfNull(datagrams);
        ArgumentNullException.ThrowIfNull(onReceived);
        IoError error = CheckReceive();
        if (error.IsError || _datagram!.Callback is not null || _readable is not null)
        {
            return error.IsError ? error : IoErrorCode.AlreadySubscribed;
        }

        _datagram.Batch = datagrams;
        _datagram.Callback = onReceived;
        _datagram.CallbackState = state;
        _datagram.ReceiveDelay = TimeSpan.Zero;
        if (_mayRead)
        {
            ScheduleReceive(TimeSpan.Zero);
        }

        return IoError.None;
    }

    /// <summary>
    /// Hands over nothing more; what comes waits in the system, which drops what it has no room for, until <see cref="StartReceive"/> is
    /// called again. Does nothing when nothing is handed over.
    /// </summary>
    /// <remarks>Loop thread only; also in the callback.</remarks>
    /// <returns>
    /// <see cref="IoErrorCode.SocketInvalidOperationForType"/>, <see cref="IoErrorCode.EventLoopThreadOnly"/>, or no error.
    /// </returns>
    public IoError StopReceive()
    {
        IoError error = CheckDatagram("received");
        if (error.IsNone)
        {
            EndReceiving(_datagram!);
        }

        return error;
    }

    private IoError CheckReceive()
    {
        IoError error = CheckDatagram("received");
        return error.IsNone && (_state & SocketStates.ConnectedRead) == 0 ? NotConnected("received from") : error;
    }

    private IoError ReadDatagram(Span<byte> destination, out int count)
    {
        IoError error = ReceiveFrom(destination, out DatagramInfo datagram);
        count = datagram.Length;
        return error;
    }

    private int TakeLaterErrno()
    {
        int errno = _datagram!.LaterErrno;
        _datagram.LaterErrno = 0;
        return errno;
    }

    private IoError ReceiveFailure(int errno)
    {
        if (errno == Errno.EAGAIN)
        {
            _mayRead = false;
            return IoErrorCode.ReadWouldBlock;
        }

        return DatagramFailure(errno, "Receiving datagrams", "from");
    }

    private void ReceiveOnEvent()
    {
        if (_datagram!.Callback is null)
        {
            return;
        }

        if (_datagram.ReceiveAgain is { IsScheduled: true } task)
        {
            if (_datagram.ReceiveDelay == TimeSpan.Zero)
            {
                // The event has nothing to add.
                return;
            }

            // It waits for a failure to pass.
            _loop!.Cancel(task);
        }

        ReceiveTurn();
    }

    private void ReceiveTurn()
    {
        DatagramState own = _datagram!;
        DatagramBatch datagrams = own.Batch!;
        IoError error = Receive(datagrams);
        if (error.Code == IoErrorCode.ReadWouldBlock)
        {
            own.ReceiveDelay = TimeSpan.Zero;
            return;
        }

        // Before the callback, which may end it. What there is beside an error, no event tells of; one that stays must not keep the loop
        // busy.
        if (error.IsError)
        {
            ScheduleReceive(own.ReceiveDelay);
            own.ReceiveDelay = RetryDelay.Longer(own.ReceiveDelay, s_firstReceiveDelay, s_longestReceiveDelay);
        }
        else
        {
            own.ReceiveDelay = TimeSpan.Zero;
            if (datagrams.Count == datagrams.Capacity || own.LaterErrno != 0)
            {
                ScheduleReceive(TimeSpan.Zero);
            }
        }

        NotifyDatagrams(error);
    }

    private void NotifyDatagrams(in IoError error)
    {
        if (_datagram?.Callback is not { } onDatagrams)
        {
            return;
        }

        DatagramBatch datagrams = _datagram.Batch!;
        if (error.IsError)
        {
            datagrams.Clear();
        }

        try
        {
            onDatagrams(this, error, datagrams, _datagram.CallbackState);
        }
        catch (Exception exception)
        {
            // What comes behind them is handed over all the same.
            IoLog.CallbackFailed(_logger, exception, _loop!.Name);
        }
    }

    private void ScheduleReceive(TimeSpan delay)
    {
        IoTask again = _datagram!.ReceiveAgain ??= IoTask.Create(static (socket, status) => socket.OnReceiveAgain(status), this);
        _loop!.ScheduleOnce(again, delay);
    }

    private void OnReceiveAgain(IoTaskStatus status)
    {
        if (status == IoTaskStatus.Run && _datagram!.Callback is not null)
        {
            ReceiveTurn();
        }
    }

    private void EndReceiving(DatagramState own)
    {
        own.Callback = null;
        own.Batch = null;
        own.CallbackState = null;
        if (own.ReceiveAgain is { IsScheduled: true } task)
        {
            _loop!.Cancel(task);
        }
    }
}

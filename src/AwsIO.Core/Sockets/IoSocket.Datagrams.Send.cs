using AwsIO.Native.Unix;

namespace AwsIO;

/// <summary>Datagrams: sending. What the kernel does not take waits, in order; one that cannot be sent fails alone.</summary>
public sealed partial class IoSocket
{
    // Datagrams sent in one turn before other sockets have theirs, in calls of so many.
    private const int MaxDatagramsInTurn = 8 * MaxVectors;

    private static readonly TimeSpan s_firstSendDelay = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_longestSendDelay = TimeSpan.FromMilliseconds(64);

    /// <summary>
    /// Sends a datagram to an address, behind all that were sent before. A socket that is new is bound by it, to an address that the
    /// system chooses; a connected one has one peer, and <see cref="Write"/> sends to it.
    /// </summary>
    /// <remarks>Loop thread only. Allocates nothing at steady state.</remarks>
    /// <param name="data">The datagram; none of it is one too. The memory must stay as it is until the callback.</param>
    /// <param name="to">Where to.</param>
    /// <param name="onCompleted">Told once when the datagram has been handed to the system, or has failed; never inside this call, and
    /// not when this call fails.</param>
    /// <param name="state">Handed to the callback.</param>
    /// <returns>
    /// An immediate failure, of which the callback is not told, and which is this datagram's alone:
    /// <see cref="IoErrorCode.InvalidArgument"/> for one that is too large, <see cref="IoErrorCode.SocketInvalidAddress"/>,
    /// <see cref="IoErrorCode.SocketConnectionRefused"/>, <see cref="IoErrorCode.SocketNoRouteToHost"/>,
    /// <see cref="IoErrorCode.NoPermission"/>; <see cref="IoErrorCode.SocketIllegalOperationForState"/> on a connected socket,
    /// <see cref="IoErrorCode.SocketNotConnected"/> on a closed one, <see cref="IoErrorCode.SocketInvalidOperationForType"/>,
    /// <see cref="IoErrorCode.EventLoopThreadOnly"/>; or no error.
    /// </returns>
    public IoError SendTo(ReadOnlyMemory<byte> data, in DatagramAddress to, SocketWriteCallback onCompleted, object? state)
    {
        ArgumentNullException.ThrowIfNull(onCompleted);
        IoError error = CheckSend();
        error = error.IsError ? error : CheckAddress(to);
        return error.IsError ? error : SendDatagram(data, to, onCompleted, state);
    }

    /// <summary>
    /// Sends several datagrams, in order and behind all that were sent before, with as few calls to the system as it has for that.
    /// </summary>
    /// <remarks>Loop thread only. Allocates nothing at steady state.</remarks>
    /// <param name="datagrams">The datagrams; copied but for their memory, which must stay as it is until each one's callback.</param>
    /// <param name="onCompleted">
    /// Told once of each datagram, in order, when it has been handed to the system, or has failed, with its own state; never inside this
    /// call, and not when this call fails. One that fails does not end those behind it.
    /// </param>
    /// <returns>
    /// <see cref="IoErrorCode.SocketIllegalOperationForState"/> when a datagram has an address and the socket is connected,
    /// <see cref="IoErrorCode.SocketInvalidAddress"/> when it has none and the socket is not, and then none is sent;
    /// <see cref="IoErrorCode.SocketNotConnected"/>, <see cref="IoErrorCode.SocketInvalidOperationForType"/>,
    /// <see cref="IoErrorCode.EventLoopThreadOnly"/>; or no error.
    /// </returns>
    public IoError SendMany(ReadOnlySpan<OutgoingDatagram> datagrams, SocketWriteCallback onCompleted)
    {
        ArgumentNullException.ThrowIfNull(onCompleted);
        IoError error = CheckSend();
        for (int i = 0; error.IsNone && i < datagrams.Length; i++)
        {
            error = CheckAddress(datagrams[i].To);
        }

        if (error.IsError || datagrams.IsEmpty)
        {
            return error;
        }

        bool wasEmpty = _writeFirst is null;
        foreach (ref readonly OutgoingDatagram datagram in datagrams)
        {
            Enqueue(NewDatagram(datagram.Data, datagram.To, onCompleted, datagram.State));
        }

        if (wasEmpty)
        {
            SendQueuedDatagrams();
        }

        return IoError.None;
    }

    private IoError CheckSend()
    {
        IoError error = CheckDatagram("sent");
        const SocketStates open = SocketStates.Init | SocketStates.ConnectedRead | SocketStates.ConnectedWrite;
        return error.IsNone && (_state & open) == 0 ? NotConnected("sent on") : error;
    }

    private IoError CheckAddress(in DatagramAddress to) =>
        (_state & SocketStates.ConnectedWrite) != 0
            ? to.IsNone ? IoError.None : new IoError(
                IoErrorCode.SocketIllegalOperationForState, $"The socket is connected to {RemoteEndpoint}: it sends nowhere else.")
            : to.IsNone ? new IoError(IoErrorCode.SocketInvalidAddress, "A socket that is not connected needs an address to send to.")
            : IoError.None;

    private IoError SendDatagram(ReadOnlyMemory<byte> data, in DatagramAddress to, SocketWriteCallback onCompleted, object? state)
    {
        int errno = _writeFirst is null ? SendOne(data.Span, to) : Errno.EAGAIN;
        if (errno is not (0 or Errno.EAGAIN or Errno.ENOBUFS))
        {
            return to.IsNone
                ? DatagramFailure(errno, "Sending a datagram", "to")
                : DatagramFailure(errno, $"Sending a datagram to {to}");
        }

        SocketWriteRequest request = NewDatagram(data, to, onCompleted, state);
        if (errno == 0)
        {
            request.Sent = data.Length;
            MarkDone(request, IoError.None);
        }
        else
        {
            bool isFirst = _writeFirst is null;
            Enqueue(request);
            if (isFirst)
            {
                WaitForRoom(errno);
            }
        }

        return IoError.None;
    }

    private SocketWriteRequest NewDatagram(
        ReadOnlyMemory<byte> data, in DatagramAddress to, SocketWriteCallback onCompleted, object? state)
    {
        SocketWriteRequest request = (_requests ??= SocketWriteRequestPool.OfDatagrams(_loop!)).Rent();
        request.Data = data;
        request.To!.Value = to;
        request.Callback = onCompleted;
        request.State = state;
        return request;
    }

    private unsafe int SendOne(ReadOnlySpan<byte> data, in DatagramAddress to)
    {
        ReadOnlySpan<byte> name = to.Span;
        nint result;
        fixed (byte* buffer = data, address = name)
        {
            result = Libc.SendTo(_handle.Descriptor, buffer, (nuint)data.Length, address, (uint)name.Length);
        }

        if (result < 0)
        {
            return (int)-result;
        }

        NoteSent();
        return 0;
    }

    /// <summary>The first datagram that leaves binds a new socket: it can be answered from now on.</summary>
    private void NoteSent()
    {
        _datagram!.SendDelay = TimeSpan.Zero;
        if (_state == SocketStates.Init)
        {
            _state = SocketStates.ConnectedRead;
        }
    }

    private void SendQueuedDatagrams()
    {
        EndSending(_datagram!);
        int left = MaxDatagramsInTurn;
        while (_writeFirst is not null && left > 0)
        {
            int sent;
            try
            {
                sent = _writeFirst.Next is null ? SendFirstDatagram() : SendBatch();
            }
            catch (Exception exception)
            {
                // The memory is somebody's own who has taken it back.
                FailFirst(new IoError(IoErrorCode.InvalidArgument, $"Memory that was to be sent cannot be read: {exception.Message}"));
                continue;
            }

            if (sent is -Errno.EAGAIN or -Errno.ENOBUFS)
            {
                WaitForRoom(-sent);
                return;
            }

            if (sent < 0)
            {
                DatagramAddress to = _writeFirst.To!.Value;
                FailFirst(to.IsNone
                    ? DatagramFailure(-sent, "Sending a datagram", "to")
                    : DatagramFailure(-sent, $"Sending a datagram to {to}"));
                left--;
            }

            left -= Math.Max(sent, 0);
            for (; sent > 0; sent--)
            {
                SocketWriteRequest request = _writeFirst!;
                request.Sent = request.Data.Length;
                QueuedBytes -= request.Data.Length;
                Dequeue();
                MarkDone(request, IoError.None);
            }
        }

        if (_writeFirst is not null)
        {
            ScheduleSend(TimeSpan.Zero);
        }
        else
        {
            Drained?.Invoke();
        }
    }

    private int SendFirstDatagram()
    {
        int errno = SendOne(_writeFirst!.Data.Span, _writeFirst.To!.Value);
        return errno == 0 ? 1 : -errno;
    }

    /// <summary>Sends the first datagrams of the queue.</summary>
    /// <returns>How many, or why the first could not be sent, as <c>-errno</c>.</returns>
    private unsafe int SendBatch()
    {
        MessageSlot* slots = stackalloc MessageSlot[MaxVectors];
        IoVector* vectors = stackalloc IoVector[MaxVectors];
        byte* names = stackalloc byte[MaxVectors * DatagramAddress.MaxLength];
        PinnedBuffers pins = default;
        int count = 0;
        try
        {
            for (SocketWriteRequest? request = _writeFirst; request is not null && count < MaxVectors; request = request.Next)
            {
                try
                {
                    pins[count] = request.Data.Pin();
                }
                catch (Exception) when (count > 0)
                {
                    // Those before it go out; it is the first of the next batch.
                    break;
                }

                byte* name = names + (count * DatagramAddress.MaxLength);
                ReadOnlySpan<byte> to = request.To!.Value.Span;
                to.CopyTo(new Span<byte>(name, DatagramAddress.MaxLength));
                vectors[count] = new IoVector { Base = (byte*)pins[count].Pointer, Length = (nuint)request.Data.Length };
                slots[count] = new MessageSlot
                {
                    Header = new MessageHeader
                    {
                        Name = to.IsEmpty ? null : name,
                        NameLength = (uint)to.Length,
                        Vectors = vectors + count,
                        VectorCount = 1,
                    },
                };
                count++;
            }

            int result = Libc.SendMessages(_handle.Descriptor, slots, count);
            if (result > 0)
            {
                NoteSent();
            }

            return result;
        }
        finally
        {
            for (int i = 0; i < count; i++)
            {
                pins[i].Dispose();
            }
        }
    }

    private void FailFirst(IoError error)
    {
        SocketWriteRequest request = _writeFirst!;
        QueuedBytes -= request.Data.Length;
        Dequeue();
        MarkDone(request, error);
    }

    /// <summary>
    /// An event tells when the socket itself has room again. Of room in a network interface's queue, and in the queue of another Unix
    /// domain socket that this one is not connected to, nobody tells: it is tried again after a while.
    /// </summary>
    private void WaitForRoom(int errno)
    {
        if (errno == Errno.ENOBUFS || (Options.Domain == SocketDomain.Local && (_state & SocketStates.ConnectedWrite) == 0))
        {
            DatagramState own = _datagram!;
            own.SendDelay = RetryDelay.Longer(own.SendDelay, s_firstSendDelay, s_longestSendDelay);
            ScheduleSend(own.SendDelay);
        }
    }

    private void ScheduleSend(TimeSpan delay)
    {
        IoTask again = _datagram!.SendAgain ??= IoTask.Create(static (socket, status) => socket.OnSendAgain(status), this);
        _loop!.ScheduleOnce(again, delay);
    }

    private void OnSendAgain(IoTaskStatus status)
    {
        if (status == IoTaskStatus.Run && _writeFirst is not null && IsOpen)
        {
            SendQueuedDatagrams();
        }
    }

    /// <summary>Has nothing tried again later.</summary>
    private void EndSending(DatagramState own)
    {
        if (own.SendAgain is { IsScheduled: true } task)
        {
            _loop!.Cancel(task);
        }
    }
}

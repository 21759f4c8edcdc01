using System.Buffers;
using AwsIO.Native.Unix;

namespace AwsIO;

/// <summary>Writing: tried at once; what the kernel does not take waits, in order, for room.</summary>
public sealed partial class IoSocket
{
    // Buffers joined in one call: more gain nothing, as the kernel's own buffer is full long before.
    private const int MaxVectors = 32;

    private SocketWriteRequest? _writeFirst;
    private SocketWriteRequest? _writeLast;
    private SocketWriteRequest? _doneFirst;
    private SocketWriteRequest? _doneLast;
    private int _doneCount;
    private SocketWriteRequestPool? _requests;
    private IoTask? _completeTask;

    /// <summary>Called whenever the queue of writes has run empty after it was not, or has failed. Loop thread.</summary>
    internal Action? Drained { get; set; }

    /// <summary>Whether bytes that were queued could not be sent: the connection is broken. Loop thread.</summary>
    internal bool WriteFailed { get; private set; }

    /// <summary>Why queued bytes could not be sent; no error unless <see cref="WriteFailed"/>. Loop thread.</summary>
    internal IoError WriteError { get; private set; }

    /// <summary>Bytes that were handed to <see cref="Write"/> and that the kernel has not taken yet. Loop thread only.</summary>
    public long QueuedBytes { get; private set; }

    /// <summary>
    /// Writes bytes behind all that were written before (<c>aws_socket_write</c>), or a datagram to the socket's peer. The memory must stay as it is until the callback.
    /// </summary>
    /// <remarks>Loop thread only. Allocates nothing at steady state.</remarks>
    /// <param name="data">The bytes; none is legal, and completes as any other write.</param>
    /// <param name="onCompleted">Told once when the write is over, never inside this call; not when this call fails.</param>
    /// <param name="state">Handed to the callback.</param>
    /// <returns>
    /// An immediate failure, of which the callback is not told: <see cref="IoErrorCode.SocketClosed"/>,
    /// <see cref="IoErrorCode.SocketNotConnected"/>, <see cref="IoErrorCode.EventLoopThreadOnly"/>; or no error. A failure also ends
    /// the writes that were queued before. A datagram fails alone, with the errors of <see cref="SendTo"/>.
    /// </returns>
    public IoError Write(ReadOnlyMemory<byte> data, SocketWriteCallback onCompleted, object? state) =>
        WriteMemory(data, isPinned: false, onCompleted, state);

    /// <summary>
    /// Writes as <see cref="Write"/> does. A message's own memory is pinned, and its pages are there. Loop thread only.
    /// </summary>
    internal IoError WriteMemory(ReadOnlyMemory<byte> data, bool isPinned, SocketWriteCallback onCompleted, object? state)
    {
        ArgumentNullException.ThrowIfNull(onCompleted);
        int sent = 0;
        IoError error = CheckWritable();
        if (error.IsNone && IsDatagram)
        {
            return SendDatagram(data, default, onCompleted, state);
        }

        if (error.IsNone && _writeFirst is null)
        {
            error = SendNow(data.Span, isPinned, out sent);
        }

        if (error.IsError)
        {
            return error;
        }

        SocketWriteRequest request = (_requests ??= SocketWriteRequestPool.Of(_loop!)).Rent();
        request.Data = data;
        request.Sent = sent;
        request.IsPinned = isPinned;
        request.Callback = onCompleted;
        request.State = state;
        if (sent == data.Length && _writeFirst is null)
        {
            MarkDone(request, IoError.None);
        }
        else
        {
            Enqueue(request);
        }

        return IoError.None;
    }

    /// <summary>
    /// Writes at once what the kernel takes of memory, which may be a message's own, when nothing is queued before it. What it did not
    /// take is the caller's, to be given to <see cref="Write"/>. Loop thread only.
    /// </summary>
    internal IoError TryWrite(ReadOnlySpan<byte> data, out int sent, bool isPinned = true)
    {
        sent = 0;
        IoError error = CheckWritable();
        return error.IsError || _writeFirst is not null ? error : SendNow(data, isPinned, out sent);
    }

    /// <summary>
    /// Ends the direction of writing: the peer sees the end once it has read everything (<c>aws_socket_shutdown_dir</c>). What is
    /// still queued must have been written before.
    /// </summary>
    /// <remarks>Loop thread only.</remarks>
    /// <returns>
    /// <see cref="IoErrorCode.InvalidState"/> while writes are queued, <see cref="IoErrorCode.SocketNotConnected"/>,
    /// <see cref="IoErrorCode.EventLoopThreadOnly"/>, or no error.
    /// </returns>
    public IoError ShutdownWrite()
    {
        IoError error = CheckWritable();
        if (error.IsError)
        {
            return error;
        }

        if (_writeFirst is not null)
        {
            return new IoError(IoErrorCode.InvalidState, $"{QueuedBytes} bytes are still queued: wait for their writes to complete.");
        }

        int result = Libc.Shutdown(_handle.Descriptor, SocketConstants.ShutdownWrite);
        _state &= ~SocketStates.ConnectedWrite;
        return result < 0 ? Errno.ToSocketError(-result, Describe("Ending the writing direction")) : IoError.None;
    }

    private IoError CheckWritable() =>
        _loop is null || !_loop.IsOnLoop ? IoErrorCode.EventLoopThreadOnly
        : (_state & SocketStates.ConnectedWrite) == 0 ? NotConnected("written to")
        : IoError.None;

    private IoError WriteFailure(int errno)
    {
        if (errno is Errno.ECONNRESET or Errno.ETIMEDOUT)
        {
            NoteBroken(errno);
        }

        return Errno.ToSocketError(errno, Describe("Writing", "to"));
    }

    private unsafe IoError SendNow(ReadOnlySpan<byte> data, bool isPinned, out int sent)
    {
        sent = 0;
        if (data.IsEmpty)
        {
            return IoError.None;
        }

        nint result;
        fixed (byte* buffer = data)
        {
            result = SendBytes(buffer, data.Length, isPinned);
        }

        if (result >= 0)
        {
            sent = (int)result;
            return IoError.None;
        }

        return result == -Errno.EAGAIN ? IoError.None : WriteFailure((int)-result);
    }

    private void SendQueued()
    {
        SendWhatFits();
        if (_writeFirst is null)
        {
            Drained?.Invoke();
        }
    }

    private void SendWhatFits()
    {
        while (_writeFirst is not null)
        {
            nint result;
            try
            {
                result = _writeFirst.Next is null ? SendFirst() : SendSeveral();
            }
            catch (Exception exception)
            {
                // The memory is somebody's own who has taken it back. Nothing behind a gap may go out.
                FailQueued(new IoError(IoErrorCode.InvalidArgument, $"Memory that was to be written cannot be read: {exception.Message}"));
                return;
            }

            if (result < 0)
            {
                if (result != -Errno.EAGAIN)
                {
                    FailQueued(WriteFailure((int)-result));
                }

                return;
            }

            if (!TakeSent(result))
            {
                // The kernel took less than it was offered: it is full, and will tell when there is room.
                return;
            }
        }
    }

    private unsafe nint SendFirst()
    {
        SocketWriteRequest request = _writeFirst!;
        ReadOnlySpan<byte> rest = request.Data.Span[request.Sent..];
        fixed (byte* buffer = rest)
        {
            return rest.IsEmpty ? 0 : SendBytes(buffer, rest.Length, request.IsPinned);
        }
    }

    private unsafe nint SendBytes(byte* buffer, int length, bool isPinned) => isPinned
        ? Libc.Send(_handle.Descriptor, buffer, (nuint)length)
        : Libc.SendPageable(_handle.Descriptor, buffer, (nuint)length);

    private unsafe nint SendSeveral()
    {
        // The memory may be anybody's, so each buffer is pinned for the length of the call.
        IoVector* vectors = stackalloc IoVector[MaxVectors];
        PinnedBuffers pins = default;
        int count = 0;
        try
        {
            for (SocketWriteRequest? request = _writeFirst; request is not null && count < MaxVectors; request = request.Next)
            {
                ReadOnlyMemory<byte> rest = request.Data[request.Sent..];
                pins[count] = rest.Pin();
                vectors[count].Base = (byte*)pins[count].Pointer;
                vectors[count].Length = (nuint)rest.Length;
                count++;
            }

            return Libc.SendVector(_handle.Descriptor, vectors, count);
        }
        finally
        {
            for (int i = 0; i < count; i++)
            {
                pins[i].Dispose();
            }
        }
    }

    /// <summary>Counts sent bytes against the queue.</summary>
    /// <returns>Whether everything that was offered has been taken.</returns>
    private bool TakeSent(nint sent)
    {
        int offered = 0;
        while (_writeFirst is { } request && offered++ < MaxVectors)
        {
            int rest = request.Data.Length - request.Sent;
            if (sent < rest)
            {
                request.Sent += (int)sent;
                QueuedBytes -= sent;
                return false;
            }

            sent -= rest;
            QueuedBytes -= rest;
            request.Sent = request.Data.Length;
            Dequeue();
            MarkDone(request, IoError.None);
        }

        return true;
    }

    private void Enqueue(SocketWriteRequest request)
    {
        QueuedBytes += request.Data.Length - request.Sent;
        if (_writeLast is null)
        {
            _writeFirst = request;
        }
        else
        {
            _writeLast.Next = request;
        }

        _writeLast = request;
    }

    private void Dequeue()
    {
        SocketWriteRequest request = _writeFirst!;
        _writeFirst = request.Next;
        request.Next = null;
        if (_writeFirst is null)
        {
            _writeLast = null;
        }
    }

    private void FailQueued(IoError error)
    {
        if (!WriteFailed)
        {
            WriteFailed = true;
            WriteError = error;
        }

        while (_writeFirst is { } request)
        {
            Dequeue();
            MarkDone(request, error);
        }

        QueuedBytes = 0;
    }

    private void MarkDone(SocketWriteRequest request, IoError error)
    {
        request.Error = error;
        if (_doneLast is null)
        {
            _doneFirst = request;
        }
        else
        {
            _doneLast.Next = request;
        }

        _doneLast = request;
        _doneCount++;
        _completeTask ??= IoTask.Create(static (socket, _) => socket.ReportDone(), this);
        if (!_completeTask.IsScheduled)
        {
            _loop!.Schedule(_completeTask);
        }
    }

    /// <summary>Tells of the writes that are over by now, in order; those that end meanwhile are told by a later task.</summary>
    private void ReportDone()
    {
        // One is taken at a time: when a callback closes the socket, that call tells the rest, and still in order.
        for (int left = _doneCount; left > 0 && _doneFirst is { } request; left--)
        {
            _doneFirst = request.Next;
            if (_doneFirst is null)
            {
                _doneLast = null;
            }

            _doneCount--;
            Report(request);
        }
    }

    private void Report(SocketWriteRequest request)
    {
        SocketWriteCallback callback = request.Callback!;
        object? state = request.State;
        IoError error = request.Error;
        int sent = request.Sent;
        _requests!.Return(request);
        try
        {
            callback(this, error, sent, state);
        }
        catch (Exception exception)
        {
            // The writes behind it are told all the same.
            IoLog.CallbackFailed(_logger, exception, _loop!.Name);
        }
    }

    [System.Runtime.CompilerServices.InlineArray(MaxVectors)]
    private struct PinnedBuffers
    {
        private MemoryHandle _first;
    }
}

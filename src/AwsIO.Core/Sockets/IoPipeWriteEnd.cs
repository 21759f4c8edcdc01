using AwsIO.Native.Unix;

namespace AwsIO;

/// <summary>The end of an <see cref="IoPipe"/> that is written to (<c>aws_pipe_write_end</c>).</summary>
public sealed class IoPipeWriteEnd : IoPipeEnd, IIoEventHandler, ICallbackHolder
{
    // A reader on another loop may keep the pipe from ever being full. After so much the loop's other work has its turn.
    private const long MaxTurnBytes = 1024 * 1024;
    private const int MaxTurnWrites = 1024;

    [ThreadStatic]
    private static bool s_isGuarded;

    private readonly PipeWriteQueue _writes = new();
    private IoTask? _nextTurn;
    private bool _hasRoom = true;
    private bool _isProcessing;

    internal IoPipeWriteEnd(int descriptor, EventLoop loop)
        : base(descriptor, loop)
    {
    }

    /// <summary>Bytes that were handed to <see cref="Write"/> and that the pipe has not taken yet. Loop thread only.</summary>
    public long QueuedBytes { get; private set; }

    Delegate? ICallbackHolder.UserCallback => _writes.First?.Callback;

    /// <summary>Has the loop tell of room, and of its end, from now on. Any thread, once.</summary>
    internal IoError Open() => EventLoop.Subscribe(Handle, IoEvents.Writable, this);

    /// <summary>
    /// Writes bytes behind all that were written before (<c>aws_pipe_write</c>). They are not copied: the memory must stay as it is
    /// until the callback.
    /// </summary>
    /// <remarks>
    /// Loop thread only. Allocates nothing at steady state. Unlike a socket's, a write for which the pipe has room completes inside this
    /// call, its callback included; only a write that is made inside such a callback waits until the callback returns. What finds no room
    /// goes on as the pipe is read, and fails when the read end is closed.
    /// </remarks>
    /// <param name="data">The bytes; none is legal, and completes as any other write.</param>
    /// <param name="callback">
    /// Told once when the write is over, also of its failure, on the loop's thread; null where nobody wants to know.
    /// </param>
    /// <param name="state">Handed to the callback.</param>
    /// <returns>
    /// A refusal, of which the callback is not told: <see cref="IoErrorCode.BrokenPipe"/> when this end is closed,
    /// <see cref="IoErrorCode.EventLoopThreadOnly"/>; or no error.
    /// </returns>
    public IoError Write(ReadOnlyMemory<byte> data, PipeWriteCallback? callback, object? state)
    {
        IoError error = CheckUsable();
        if (error.IsError)
        {
            return error;
        }

        _writes.Add(data, callback, state);
        QueuedBytes += data.Length;
        if (_hasRoom)
        {
            Process();
        }

        return IoError.None;
    }

    // Upstream looks at room alone. But of a full pipe whose read end is closed the system tells no room, only an error: without a try
    // the writes that wait would wait for ever.
    void IIoEventHandler.OnEvents(EventLoop loop, IoHandle handle, IoEvents events)
    {
        _hasRoom = true;
        Process();
    }

    void IIoEventHandler.OnLoopEnding(EventLoop loop, IoHandle handle) => CloseNow();

    private protected override void OnClosed()
    {
        while (_writes.First is not null)
        {
            Complete(null, new IoError(IoErrorCode.BrokenPipe, "The pipe's write end was closed before everything was written."));
        }
    }

    /// <summary>Writes what is queued while there is room. A callback may write more or close the end.</summary>
    private unsafe void Process()
    {
        if (_isProcessing)
        {
            // Inside a callback of the loop below, which goes on with what is queued.
            return;
        }

        _isProcessing = true;
        GuardThread();
        long bytes = 0;
        int writes = 0;
        while (_writes.First is { } request)
        {
            if (bytes >= MaxTurnBytes || writes == MaxTurnWrites)
            {
                ScheduleNextTurn();
                break;
            }

            nint result = request.Left == 0
                ? 0
                : Libc.WritePageable(Handle.Descriptor, (byte*)request.Pin.Pointer + request.Sent, (nuint)request.Left);
            if (result == -Errno.EAGAIN)
            {
                _hasRoom = false;
                break;
            }

            if (result < 0)
            {
                FailQueued(ToError((int)-result, "Writing to a pipe"));
                break;
            }

            request.Sent += (int)result;
            QueuedBytes -= result;
            bytes += result;
            if (request.Left == 0)
            {
                writes++;
                Complete(this, IoError.None);
            }
        }

        _isProcessing = false;
    }

    /// <summary>Fails what is queued now: nothing may go out behind a gap.</summary>
    private void FailQueued(in IoError error)
    {
        for (int left = _writes.Count; left > 0 && _writes.First is not null; left--)
        {
            Complete(this, error);
        }

        if (_writes.First is not null)
        {
            // A callback has written more.
            ScheduleNextTurn();
        }
    }

    private void Complete(IoPipeWriteEnd? end, in IoError error)
    {
        PipeWriteRequest request = _writes.Take();
        PipeWriteCallback? callback = request.Callback;
        ReadOnlyMemory<byte> data = request.Data;
        object? state = request.State;
        int sent = request.Sent;
        QueuedBytes -= request.Left;
        try
        {
            request.Pin.Dispose();
        }
        catch (Exception exception)
        {
            // A memory manager of the caller's: its write is told all the same.
            Report(exception);
        }

        _writes.Free(request);
        try
        {
            callback?.Invoke(end, error, sent, data, state);
        }
        catch (Exception exception)
        {
            // The writes behind it go on.
            Report(exception);
        }
    }

    private void Report(Exception exception) => IoLog.CallbackFailed(EventLoop.Logger, exception, EventLoop.Name);

    private void ScheduleNextTurn()
    {
        _nextTurn ??= IoTask.Create(static (end, _) => end.Process(), this);
        if (!_nextTurn.IsScheduled)
        {
            EventLoop.Schedule(_nextTurn);
        }
    }

    /// <summary>Sees to it that a write to a pipe that nobody reads is an error, and does not kill the process.</summary>
    private static void GuardThread()
    {
        // A loop may be on another thread after it was stopped and started again.
        if (!s_isGuarded)
        {
            s_isGuarded = true;
            LibcSignals.BlockBrokenPipeSignal();
        }
    }
}

using AwsIO.Native.Unix;

namespace AwsIO;

/// <summary>The end of an <see cref="IoPipe"/> that is read (<c>aws_pipe_read_end</c>).</summary>
public sealed class IoPipeReadEnd : IoPipeEnd, IIoEventHandler, ICallbackHolder
{
    // An end that is not subscribed is not told that its loop ends. This task has no deadline: it is only ever cancelled.
    private readonly IoTask _loopEnds;
    private PipeReadableCallback? _onReadable;
    private object? _state;
    private long _subscription;
    private bool _isBrokenTold;

    internal IoPipeReadEnd(int descriptor, EventLoop loop)
        : base(descriptor, loop) =>
        _loopEnds = IoTask.Create(static (end, status) => end.OnLoopEnds(status), this);

    Delegate? ICallbackHolder.UserCallback => _onReadable;

    /// <summary>Watches for the loop's end from now on. Any thread, once.</summary>
    internal void Open() => EventLoop.ScheduleAfter(_loopEnds, Timeout.InfiniteTimeSpan);

    /// <summary>Reads what is there, at most as much as there is room for, with one call to the system (<c>aws_pipe_read</c>).</summary>
    /// <remarks>Loop thread only.</remarks>
    /// <param name="buffer">Where to; into none nothing is read, which then says nothing of the write end.</param>
    /// <param name="bytesRead">How many bytes were read; 0 without an error when the write end is closed and all has been read.</param>
    /// <returns>
    /// <see cref="IoErrorCode.ReadWouldBlock"/> when nothing is there now, <see cref="IoErrorCode.BrokenPipe"/> when this end is closed,
    /// <see cref="IoErrorCode.EventLoopThreadOnly"/>, <see cref="IoErrorCode.SystemCallFailure"/>, or no error.
    /// </returns>
    public unsafe IoError Read(Span<byte> buffer, out int bytesRead)
    {
        bytesRead = 0;
        IoError error = CheckUsable();
        if (error.IsError || buffer.IsEmpty)
        {
            return error;
        }

        nint result;
        fixed (byte* start = buffer)
        {
            result = Libc.Read(Handle.Descriptor, start, (nuint)buffer.Length);
        }

        if (result >= 0)
        {
            bytesRead = (int)result;
            return IoError.None;
        }

        return result == -Errno.EAGAIN ? IoErrorCode.ReadWouldBlock : ToError((int)-result, "Reading from a pipe");
    }

    /// <summary>
    /// Tells from now on when there is something to read, and when the write end is closed
    /// (<c>aws_pipe_subscribe_to_readable_events</c>); what came before the call is told too. Told are edges: what is not read to
    /// <see cref="IoErrorCode.ReadWouldBlock"/> is not told again until more comes.
    /// </summary>
    /// <remarks>Loop thread only.</remarks>
    /// <param name="callback">
    /// Told on the loop's thread, never inside this call. When the write end is closed over bytes that were not read, it is told of these
    /// first and of the end then, unless it has ended its subscription in between. It is not told that the loop ends.
    /// </param>
    /// <param name="state">Handed to the callback.</param>
    /// <returns>
    /// <see cref="IoErrorCode.AlreadySubscribed"/>, <see cref="IoErrorCode.BrokenPipe"/> when this end is closed,
    /// <see cref="IoErrorCode.EventLoopThreadOnly"/>, <see cref="IoErrorCode.EventLoopShutdown"/>, or no error.
    /// </returns>
    public IoError SubscribeReadable(PipeReadableCallback callback, object? state)
    {
        ArgumentNullException.ThrowIfNull(callback);
        IoError error = CheckUsable();
        if (error.IsError)
        {
            return error;
        }

        if (_onReadable is not null)
        {
            return new IoError(IoErrorCode.AlreadySubscribed, "The pipe's read end has a subscription already: end that one first.");
        }

        error = EventLoop.Subscribe(Handle, IoEvents.Readable, this);
        if (error.IsNone)
        {
            _subscription++;
            _isBrokenTold = false;
            _onReadable = callback;
            _state = state;
        }

        return error;
    }

    /// <summary>
    /// Ends the subscription: from the return of this call on its callback is told no more
    /// (<c>aws_pipe_unsubscribe_from_readable_events</c>).
    /// </summary>
    /// <remarks>Loop thread only.</remarks>
    /// <returns>
    /// <see cref="IoErrorCode.NotSubscribed"/>, <see cref="IoErrorCode.BrokenPipe"/> when this end is closed,
    /// <see cref="IoErrorCode.EventLoopThreadOnly"/>, <see cref="IoErrorCode.SystemCallFailure"/>, or no error.
    /// </returns>
    public IoError UnsubscribeReadable()
    {
        IoError error = CheckUsable();
        if (error.IsError)
        {
            return error;
        }

        if (_onReadable is null)
        {
            return new IoError(IoErrorCode.NotSubscribed, "The pipe's read end has no subscription.");
        }

        Forget();
        return EventLoop.Unsubscribe(Handle);
    }

    void IIoEventHandler.OnEvents(EventLoop loop, IoHandle handle, IoEvents events)
    {
        long subscription = _subscription;
        if ((events & IoEvents.Readable) != 0)
        {
            Notify(IoError.None);
        }

        // A subscription that was made meanwhile is told by an event of its own.
        const IoEvents ends = IoEvents.RemoteHangUp | IoEvents.Closed | IoEvents.Error;
        if ((events & ends) != 0 && subscription == _subscription && !_isBrokenTold)
        {
            // Once: kqueue may tell of each direction of the pipe by an event of its own.
            _isBrokenTold = true;
            Notify(new IoError(IoErrorCode.BrokenPipe, "The pipe's write end is closed."));
        }
    }

    void IIoEventHandler.OnLoopEnding(EventLoop loop, IoHandle handle) => CloseNow();

    private protected override void OnClosed()
    {
        Forget();
        EventLoop.Cancel(_loopEnds);
    }

    private void OnLoopEnds(IoTaskStatus status)
    {
        if (status == IoTaskStatus.Canceled)
        {
            CloseNow();
        }
    }

    private void Forget()
    {
        _onReadable = null;
        _state = null;
    }

    private void Notify(in IoError error)
    {
        try
        {
            _onReadable?.Invoke(this, error, _state);
        }
        catch (Exception exception)
        {
            // The rest of the edge is told all the same: it comes once.
            IoLog.CallbackFailed(EventLoop.Logger, exception, EventLoop.Name);
        }
    }
}

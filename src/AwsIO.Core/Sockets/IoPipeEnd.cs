using AwsIO.Native.Unix;

namespace AwsIO;

/// <summary>What the two ends of an <see cref="IoPipe"/> have in common: a loop, and a way to be closed.</summary>
public abstract class IoPipeEnd : IDisposable
{
    private int _closed;
    private int _closeScheduled;

    private protected IoPipeEnd(int descriptor, EventLoop loop)
    {
        Handle = new IoHandle(descriptor);
        EventLoop = loop;
    }

    /// <summary>
    /// The loop that the end lives on (<c>aws_pipe_get_read_end_event_loop</c>, <c>aws_pipe_get_write_end_event_loop</c>). Any thread.
    /// </summary>
    public EventLoop EventLoop { get; }

    /// <summary>Whether the end has not been closed. Any thread; may have changed by the time it is read.</summary>
    public bool IsOpen => Volatile.Read(ref _closed) == 0;

    /// <summary>What the loop knows the end by. It is the loop's thread's.</summary>
    internal IoHandle Handle { get; }

    /// <summary>
    /// Closes the end (<c>aws_pipe_clean_up_read_end</c>, <c>aws_pipe_clean_up_write_end</c>). Callbacks may call it.
    /// </summary>
    /// <remarks>Loop thread only.</remarks>
    /// <returns>
    /// <see cref="IoErrorCode.BrokenPipe"/> when the end is closed already, <see cref="IoErrorCode.EventLoopThreadOnly"/>, or no error.
    /// </returns>
    public IoError Close()
    {
        IoError error = CheckUsable();
        if (error.IsNone)
        {
            CloseNow();
        }

        return error;
    }

    /// <summary>
    /// Closes the end if it is open: at once on its loop's thread, elsewhere soon, by a task. Any thread, any number of times.
    /// </summary>
    public void Dispose()
    {
        if (IsHere)
        {
            CloseNow();
        }
        else if (IsOpen && Interlocked.Exchange(ref _closeScheduled, 1) == 0)
        {
            // A loop that ends meanwhile cancels the task: either way it is called.
            EventLoop.Schedule(IoTask.Create(static (end, _) => end.CloseNow(), this));
        }

        GC.SuppressFinalize(this);
    }

    private bool IsHere => EventLoop.IsOnLoop || EventLoop.IsCancellingLate;

    /// <summary>Refuses what is asked of a closed end, or on a wrong thread.</summary>
    private protected IoError CheckUsable()
    {
        if (!IsOpen)
        {
            return new IoError(IoErrorCode.BrokenPipe, "This end of the pipe is closed.");
        }

        return IsHere
            ? IoError.None
            : new IoError(
                IoErrorCode.EventLoopThreadOnly,
                $"This end of the pipe belongs to {EventLoop.Name} and can be used on its thread only: schedule a task there.");
    }

    /// <summary>The error of a system call on a pipe.</summary>
    private protected static IoError ToError(int errno, string operation) => new(
        errno == Errno.EPIPE ? IoErrorCode.BrokenPipe : IoErrorCode.SystemCallFailure,
        Errno.ToNative(errno),
        $"{operation} failed: {Errno.Describe(errno)}");

    /// <summary>Closes the end, once.</summary>
    private protected void CloseNow()
    {
        // While a loop ends, its own thread and the one that cancels what comes late may both be here.
        if (Interlocked.Exchange(ref _closed, 1) != 0)
        {
            return;
        }

        if (Handle.SubscriptionSlot >= 0)
        {
            _ = EventLoop.Unsubscribe(Handle);
        }

        _ = Libc.Close(Handle.Descriptor);
        OnClosed();
    }

    /// <summary>The end has just been closed.</summary>
    private protected abstract void OnClosed();
}

namespace AwsIO;

/// <summary>Something that is over once, later, and has no result but that it went well (<c>aws_future_void</c>).</summary>
/// <remarks>All members may be used on any thread. The first completion counts. With a result: <see cref="Future{T}"/>.</remarks>
public sealed class Future : IDisposable
{
    /// <summary>Whether it is over, or never will be (<c>aws_future_is_done</c>).</summary>
    public bool IsDone => Inner.IsDone;

    /// <summary>
    /// Why it failed; no error when it went well (<c>aws_future_get_error</c>). It is <see cref="IoErrorCode.OperationCancelled"/> where
    /// the future was disposed before it was done.
    /// </summary>
    /// <exception cref="InvalidOperationException">The future is not done.</exception>
    public IoError Error => Inner.Error;

    /// <summary>What does the work; its result says nothing.</summary>
    internal Future<bool> Inner { get; } = new();

    /// <summary>A future that is done.</summary>
    /// <returns>The future.</returns>
    public static Future Completed()
    {
        Future future = new();
        future.TrySetResult();
        return future;
    }

    /// <summary>A future that has failed.</summary>
    /// <param name="error">Why.</param>
    /// <returns>The future.</returns>
    public static Future FromError(IoError error)
    {
        Future future = new();
        future.TrySetError(error);
        return future;
    }

    /// <summary>Completes the future (<c>aws_future_set_result</c>).</summary>
    /// <returns>Whether this completed it.</returns>
    public bool TrySetResult() => Inner.TrySetResult(true);

    /// <summary>Fails the future (<c>aws_future_set_error</c>).</summary>
    /// <param name="error">Why; no error counts as <see cref="IoErrorCode.Unknown"/>.</param>
    /// <returns>Whether this completed it.</returns>
    public bool TrySetError(IoError error) => Inner.TrySetError(error);

    /// <summary>
    /// Calls back once the future is done: at once on this thread when it is, otherwise on the thread that completes it
    /// (<c>aws_future_register_callback</c>).
    /// </summary>
    /// <param name="callback">Given this future.</param>
    /// <exception cref="InvalidOperationException">A callback is pending already.</exception>
    public void OnComplete(Action<Future> callback) => Inner.OnComplete(WithThis(callback));

    /// <summary>
    /// Calls back on a loop's thread once the future is done, always by a task, even from that very thread; also when the loop ends
    /// (<c>aws_future_register_event_loop_callback</c>).
    /// </summary>
    /// <param name="loop">The loop.</param>
    /// <param name="callback">Given this future.</param>
    /// <exception cref="InvalidOperationException">A callback is pending already.</exception>
    public void OnComplete(EventLoop loop, Action<Future> callback) => Inner.OnComplete(loop, WithThis(callback));

    /// <summary>
    /// Calls back on the thread that completes the future; never, when it is done already
    /// (<c>aws_future_register_callback_if_not_done</c>).
    /// </summary>
    /// <param name="callback">Given this future.</param>
    /// <returns>Whether the callback will come.</returns>
    /// <exception cref="InvalidOperationException">A callback is pending already.</exception>
    public bool OnCompleteIfPending(Action<Future> callback) => Inner.OnCompleteIfPending(WithThis(callback));

    /// <summary>Waits until the future is done (<c>aws_future_wait</c>).</summary>
    /// <param name="timeout">
    /// How long at most; zero only looks. <see cref="Timeout.InfiniteTimeSpan"/>, and anything longer than the clock can count such as
    /// <see cref="TimeSpan.MaxValue"/>, means without end.
    /// </param>
    /// <returns>Whether it is done.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative, and not the infinite one.</exception>
    /// <exception cref="InvalidOperationException">The caller is on a loop's thread, which must never block.</exception>
    public bool Wait(TimeSpan timeout) => Inner.Wait(timeout);

    /// <summary>
    /// Gives the future up (<c>aws_future_release</c>). A pending callback never comes; a <see cref="Wait"/> ends.
    /// </summary>
    public void Dispose() => Inner.Dispose();

    /// <summary>A callback of this future as one of the future inside.</summary>
    internal Action<Future<bool>> WithThis(Action<Future> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return new Wrapped(this, callback).Call;
    }

    private sealed class Wrapped(Future future, Action<Future> callback) : ICallbackHolder
    {
        public Delegate? UserCallback => callback;

        internal void Call(Future<bool> inner) => callback(future);
    }
}

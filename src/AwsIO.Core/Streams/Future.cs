namespace AwsIO;

/// <summary>A result that comes once, later, on whatever thread brings it (<c>aws_future</c>).</summary>
/// <typeparam name="T">The result's type.</typeparam>
/// <remarks>
/// All members may be used on any thread. The first completion counts. A result that nobody took is given to the discard action when
/// the future is disposed, and so is a result that came too late. Where there is nothing to be had but the news, see
/// <see cref="Future"/>.
/// </remarks>
public sealed class Future<T> : IDisposable
{
    private readonly object _gate = new();
    private readonly Action<T>? _discard;
    private Action<Future<T>>? _callback;
    private Action? _onDropped;
    private T? _result;
    private IoError _error;
    private State _state;
    private bool _disposed;

    /// <summary>Makes a future that is not done.</summary>
    public Future()
        : this(null)
    {
    }

    /// <summary>Makes a future that is not done.</summary>
    /// <param name="discard">Given a result that nobody takes, unless it is null; null where results need no care.</param>
    public Future(Action<T>? discard) => _discard = discard;

    private enum State
    {
        Pending,
        HasResult,
        Failed,
        Taken,
    }

    /// <summary>Whether there is a result or an error, or never will be (<c>aws_future_is_done</c>).</summary>
    public bool IsDone
    {
        get
        {
            lock (_gate)
            {
                return _state != State.Pending;
            }
        }
    }

    /// <summary>
    /// The error of a future that is done; no error when there is a result (<c>aws_future_get_error</c>). It is
    /// <see cref="IoErrorCode.OperationCancelled"/> where the future was disposed before it was done.
    /// </summary>
    /// <exception cref="InvalidOperationException">The future is not done.</exception>
    public IoError Error
    {
        get
        {
            lock (_gate)
            {
                return _state == State.Pending ? throw new InvalidOperationException("The future is not done yet.") : _error;
            }
        }
    }

    /// <summary>The result; the future keeps it (<c>aws_future_peek_result</c>, <c>aws_future_get_result</c>).</summary>
    /// <exception cref="InvalidOperationException">The future is not done, failed, or its result was taken.</exception>
    public T Result
    {
        get
        {
            lock (_gate)
            {
                ThrowIfNoResult();
                return _result!;
            }
        }
    }

    /// <summary>A future that is done.</summary>
    /// <param name="result">Its result.</param>
    /// <returns>The future.</returns>
    public static Future<T> FromResult(T result)
    {
        Future<T> future = new();
        future.TrySetResult(result);
        return future;
    }

    /// <summary>A future that has failed.</summary>
    /// <param name="error">Why.</param>
    /// <returns>The future.</returns>
    public static Future<T> FromError(IoError error)
    {
        Future<T> future = new();
        future.TrySetError(error);
        return future;
    }

    /// <summary>Gives the result away: the future keeps nothing (<c>aws_future_get_result_by_move</c>).</summary>
    /// <returns>The result, which is the caller's.</returns>
    /// <exception cref="InvalidOperationException">The future is not done, failed, or its result was taken.</exception>
    public T TakeResult()
    {
        lock (_gate)
        {
            ThrowIfNoResult();
            T result = _result!;
            _result = default;
            _state = State.Taken;
            return result;
        }
    }

    /// <summary>Completes the future (<c>aws_future_set_result</c>).</summary>
    /// <param name="result">The result; discarded when the future is done already.</param>
    /// <returns>Whether this completed it.</returns>
    public bool TrySetResult(T result)
    {
        if (TryComplete(State.HasResult, result, IoError.None))
        {
            return true;
        }

        Discard(result);
        return false;
    }

    /// <summary>Fails the future (<c>aws_future_set_error</c>).</summary>
    /// <param name="error">Why; no error counts as <see cref="IoErrorCode.Unknown"/>.</param>
    /// <returns>Whether this completed it.</returns>
    public bool TrySetError(IoError error) =>
        TryComplete(State.Failed, default, error.IsNone ? new IoError(IoErrorCode.Unknown) : error);

    /// <summary>
    /// Calls back once the future is done: at once on this thread when it is, otherwise on the thread that completes it
    /// (<c>aws_future_register_callback</c>).
    /// </summary>
    /// <param name="callback">Given this future.</param>
    /// <exception cref="InvalidOperationException">A callback is pending already.</exception>
    public void OnComplete(Action<Future<T>> callback)
    {
        if (!OnCompleteIfPending(callback))
        {
            callback(this);
        }
    }

    /// <summary>
    /// Calls back on the thread that completes the future; never, when it is done already
    /// (<c>aws_future_register_callback_if_not_done</c>).
    /// </summary>
    /// <param name="callback">Given this future.</param>
    /// <returns>Whether the callback will come.</returns>
    /// <exception cref="InvalidOperationException">A callback is pending already.</exception>
    public bool OnCompleteIfPending(Action<Future<T>> callback) => Register(callback, onDropped: null);

    /// <summary>Calls back as <see cref="OnComplete(Action{Future{T}})"/> does, or tells that it never will.</summary>
    /// <param name="callback">Given this future.</param>
    /// <param name="onDropped">Called in place of the callback when the future is disposed before it is done.</param>
    internal void OnComplete(Action<Future<T>> callback, Action onDropped)
    {
        if (!Register(callback, onDropped))
        {
            callback(this);
        }
    }

    /// <summary>Takes a pending callback back.</summary>
    /// <returns>Whether it was this future's, and so will not come.</returns>
    internal bool TryWithdraw(Action<Future<T>> callback)
    {
        lock (_gate)
        {
            if (!ReferenceEquals(_callback, callback))
            {
                return false;
            }

            _callback = null;
            _onDropped = null;
            return true;
        }
    }

    private bool Register(Action<Future<T>> callback, Action? onDropped)
    {
        ArgumentNullException.ThrowIfNull(callback);
        lock (_gate)
        {
            if (_state != State.Pending)
            {
                return false;
            }

            if (_callback is not null)
            {
                throw new InvalidOperationException("The future has a callback already.");
            }

            _callback = callback;
            _onDropped = onDropped;
            return true;
        }
    }

    /// <summary>
    /// Calls back on a loop's thread once the future is done, always by a task, even from that very thread; also when the loop ends
    /// (<c>aws_future_register_event_loop_callback</c>).
    /// </summary>
    /// <param name="loop">The loop.</param>
    /// <param name="callback">Given this future.</param>
    /// <exception cref="InvalidOperationException">A callback is pending already.</exception>
    public void OnComplete(EventLoop loop, Action<Future<T>> callback)
    {
        ArgumentNullException.ThrowIfNull(loop);
        ArgumentNullException.ThrowIfNull(callback);
        OnComplete(future => loop.Schedule(new LoopCallback(future, callback)));
    }

    /// <summary>Waits until the future is done (<c>aws_future_wait</c>).</summary>
    /// <param name="timeout">
    /// How long at most; zero only looks. <see cref="Timeout.InfiniteTimeSpan"/>, and anything longer than the clock can count such as
    /// <see cref="TimeSpan.MaxValue"/>, means without end.
    /// </param>
    /// <returns>Whether it is done.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative, and not the infinite one.</exception>
    /// <exception cref="InvalidOperationException">The caller is on a loop's thread, which must never block.</exception>
    public bool Wait(TimeSpan timeout)
    {
        EventLoop.Current?.ThrowIfOnLoop("wait for a future");
        if (timeout != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        }

        long deadline = IoClock.After(IoClock.Now, timeout);
        lock (_gate)
        {
            while (_state == State.Pending)
            {
                long left = deadline - IoClock.Now;
                if (left <= 0)
                {
                    return false;
                }

                _ = Monitor.Wait(_gate, IoClock.ToMillisecondsUp(left));
            }

            return true;
        }
    }

    /// <summary>
    /// Discards a result that nobody took, or that is still to come (<c>aws_future_release</c>). A pending callback never comes; a
    /// <see cref="Wait"/> ends.
    /// </summary>
    public void Dispose()
    {
        T? result = default;
        bool hasResult = false;
        Action? onDropped = null;
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            if (_state == State.Pending)
            {
                // Nothing will complete it any more: whoever waits must not wait on.
                _state = State.Failed;
                _error = new IoError(IoErrorCode.OperationCancelled, "The future was disposed before it was done.");
                _callback = null;
                onDropped = _onDropped;
                _onDropped = null;
                Monitor.PulseAll(_gate);
            }
            else if (_state == State.HasResult)
            {
                _state = State.Taken;
                result = _result;
                hasResult = true;
                _result = default;
            }
        }

        onDropped?.Invoke();

        // Of a type of values none is null, and without a result there is still one of them here.
        if (hasResult)
        {
            Discard(result);
        }
    }

    // Null is a result like any other, but there is nothing to discard in it.
    private void Discard(T? result)
    {
        if (result is not null)
        {
            _discard?.Invoke(result);
        }
    }

    private bool TryComplete(State state, T? result, IoError error)
    {
        Action<Future<T>>? callback;
        lock (_gate)
        {
            if (_state != State.Pending)
            {
                return false;
            }

            _state = state;
            _result = result;
            _error = error;
            callback = _callback;
            _callback = null;
            _onDropped = null;
            Monitor.PulseAll(_gate);
        }

        callback?.Invoke(this);
        return true;
    }

    private void ThrowIfNoResult()
    {
        if (_state != State.HasResult)
        {
            throw new InvalidOperationException(_state switch
            {
                State.Pending => "The future is not done yet.",
                State.Failed => $"The future has no result: {_error}.",
                _ => "The future's result was taken.",
            });
        }
    }

    /// <summary>A callback on a loop. Canceled or not: whoever waits for the future must learn of it.</summary>
    private sealed class LoopCallback(Future<T> future, Action<Future<T>> callback) : IoTask, ICallbackHolder
    {
        public Delegate? UserCallback => callback;

        protected override void Run(IoTaskStatus status) => callback(future);
    }
}

namespace AwsIO.Tasks;

/// <summary>Futures of Core as tasks.</summary>
public static class FutureExtensions
{
    /// <summary>
    /// A task that completes with a future. It never runs its continuations on the thread that completes the future. Any thread.
    /// </summary>
    /// <remarks>The future keeps its result, and whoever owns it disposes it.</remarks>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <param name="future">A future without a pending callback.</param>
    /// <param name="cancellationToken">Gives the wait up and leaves the future alone: it can be waited for again.</param>
    /// <returns>
    /// The task. It fails with an <see cref="IoException"/>, of <see cref="IoErrorCode.OperationCancelled"/> when the future is disposed
    /// before it is done; and with an <see cref="InvalidOperationException"/> when somebody has taken the result.
    /// </returns>
    /// <exception cref="InvalidOperationException">The future has a pending callback already.</exception>
    public static Task<T> AsTask<T>(this Future<T> future, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(future);
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        FutureSource<T> source = new(future);
        source.Start(cancellationToken);
        return source.Task;
    }

    /// <summary>
    /// A task that completes with a future. It never runs its continuations on the thread that completes the future. Any thread.
    /// </summary>
    /// <param name="future">A future without a pending callback.</param>
    /// <param name="cancellationToken">Gives the wait up and leaves the future alone: it can be waited for again.</param>
    /// <returns>
    /// The task. It fails with an <see cref="IoException"/>, of <see cref="IoErrorCode.OperationCancelled"/> when the future is disposed
    /// before it is done.
    /// </returns>
    /// <exception cref="InvalidOperationException">The future has a pending callback already.</exception>
    public static Task AsTask(this Future future, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(future);
        return future.Inner.AsTask(cancellationToken);
    }

    private sealed class FutureSource<T> : TaskCompletionSource<T>
    {
        private readonly Future<T> _future;
        private readonly Action<Future<T>> _onDone;
        private CancellationTokenRegistration _registration;

        internal FutureSource(Future<T> future)
            : base(TaskCreationOptions.RunContinuationsAsynchronously)
        {
            _future = future;
            _onDone = OnDone;
        }

        internal void Start(CancellationToken cancellationToken)
        {
            // First, so that whoever completes the future finds the registration whole.
            _registration = cancellationToken.UnsafeRegister(
                static (source, token) => ((FutureSource<T>)source!).OnCanceled(token), this);
            try
            {
                _future.OnComplete(_onDone, OnDropped);
            }
            catch
            {
                _ = _registration.Unregister();
                throw;
            }

            if (cancellationToken.IsCancellationRequested)
            {
                // Perhaps before there was anything to take back.
                OnCanceled(cancellationToken);
            }
        }

        private void OnDone(Future<T> future)
        {
            IoError error = future.Error;
            if (error.IsError)
            {
                _ = TrySetException(error.ToException());
            }
            else
            {
                SetResultOf(future);
            }

            _ = _registration.Unregister();
        }

        private void SetResultOf(Future<T> future)
        {
            try
            {
                _ = TrySetResult(future.Result);
            }
            catch (InvalidOperationException exception)
            {
                // Somebody was quicker to take it.
                _ = TrySetException(exception);
            }
        }

        private void OnDropped()
        {
            _ = TrySetException(_future.Error.ToException());
            _ = _registration.Unregister();
        }

        private void OnCanceled(CancellationToken token)
        {
            // Where the future is just done instead, its callback brings the result.
            if (_future.TryWithdraw(_onDone))
            {
                _ = TrySetCanceled(token);
            }
        }
    }
}

namespace AwsIO.Tasks;

/// <summary>Errors as exceptions, and what Core gives as values and tasks.</summary>
public static class IoErrorExtensions
{
    /// <summary>The exception that stands for an error.</summary>
    /// <param name="error">An error; not success.</param>
    /// <returns>An <see cref="IoException"/>.</returns>
    public static Exception ToException(this IoError error) => new IoException(error);

    /// <summary>The value of a success; throws the exception of a failure.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="result">The result.</param>
    /// <returns>The value.</returns>
    /// <exception cref="IoException">The result is a failure.</exception>
    public static T GetOrThrow<T>(this IoResult<T> result) => result.IsSuccess ? result.Value : throw result.Error.ToException();

    /// <summary>A task that completes with a future. It never runs its continuations on the thread that completes the future.</summary>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <param name="future">A future without a pending callback.</param>
    /// <returns>The task; it fails with an <see cref="IoException"/>.</returns>
    public static Task<T> AsTask<T>(this Future<T> future)
    {
        ArgumentNullException.ThrowIfNull(future);
        TaskCompletionSource<T> source = new(TaskCreationOptions.RunContinuationsAsynchronously);
        future.OnComplete(done =>
        {
            if (done.Error.IsError)
            {
                source.SetException(done.Error.ToException());
            }
            else
            {
                source.SetResult(done.Result);
            }
        });
        return source.Task;
    }

    internal static InvalidOperationException Overlapping(string operation) =>
        new($"A {operation} is under way on this connection: await it before the next one starts.");

    internal static InvalidOperationException NothingToTake(string operation) =>
        new($"This {operation} is not over yet, or its result was taken before: await it once.");
}

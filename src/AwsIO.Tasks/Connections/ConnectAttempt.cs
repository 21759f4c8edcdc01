namespace AwsIO.Tasks;

/// <summary>One attempt to connect: completes with the connection, a failure, the caller's cancellation or the overall timeout.</summary>
internal sealed class ConnectAttempt(ConnectOptions options, ContinuationMode mode, string target)
{
    private readonly TaskCompletionSource<IoConnection> _source = new(
        mode == ContinuationMode.Inline ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);

    internal void OnSetup(IoChannel? channel, IoError error)
    {
        if (channel is null)
        {
            _source.TrySetException(error.ToException());
            return;
        }

        // The handler stands before anything can come.
        IoConnection connection = new(channel, mode, options.ReadWindow);
        if (!_source.TrySetResult(connection))
        {
            connection.Abort();
        }
    }

    internal async Task<IoConnection> WaitAsync(ConnectOperation operation, CancellationToken cancellationToken)
    {
        using CancellationTokenSource? timeout = options.Timeout == Timeout.InfiniteTimeSpan ? null : new(options.Timeout);
        using CancellationTokenRegistration cancelled = cancellationToken.UnsafeRegister(
            static (state, token) =>
            {
                (ConnectAttempt attempt, ConnectOperation running) = ((ConnectAttempt, ConnectOperation))state!;
                attempt._source.TrySetCanceled(token);
                running.Cancel();
            },
            (this, operation));
        using CancellationTokenRegistration expired = (timeout?.Token ?? CancellationToken.None).UnsafeRegister(
            static state =>
            {
                (ConnectAttempt attempt, ConnectOperation running) = ((ConnectAttempt, ConnectOperation))state!;
                attempt._source.TrySetException(new IoException(new IoError(
                    IoErrorCode.SocketTimeout, $"Connecting to {attempt.Target} took longer than {attempt.OptionsTimeout.TotalMilliseconds} ms.")));
                running.Cancel();
            },
            (this, operation));
        return await _source.Task.ConfigureAwait(false);
    }

    private TimeSpan OptionsTimeout => options.Timeout;

    private string Target => target;
}

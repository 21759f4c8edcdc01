namespace AwsIO.Tasks;

/// <summary>One attempt to connect: completes with the connection, a failure, the caller's cancellation or the overall timeout.</summary>
/// <remarks>
/// Who gives up only notes why, and has the operation cancelled: the result comes from the loop in any case, once, and then nothing of the
/// attempt is left.
/// </remarks>
internal sealed class ConnectAttempt(ConnectOptions options, ContinuationMode mode, string target)
{
    private readonly TaskCompletionSource<IoConnection> _source = new(
        mode == ContinuationMode.Inline ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);

    private Exception? _givenUp;

    internal void OnSetup(IoChannel? channel, IoError error)
    {
        if (channel is not null)
        {
            // The handler stands before anything can come.
            _source.SetResult(new IoConnection(channel, mode, options.ReadWindow, options.CloseTimeout, options.ChannelTimeouts));
        }
        else if (Volatile.Read(ref _givenUp) is OperationCanceledException cancelled)
        {
            _source.SetCanceled(cancelled.CancellationToken);
        }
        else
        {
            _source.SetException(Volatile.Read(ref _givenUp) ?? error.ToException());
        }
    }

    internal async Task<IoConnection> WaitAsync(ConnectOperation operation, CancellationToken cancellationToken)
    {
        using CancellationTokenSource? timeout = options.Timeout == Timeout.InfiniteTimeSpan ? null : new(options.Timeout);
        using CancellationTokenRegistration cancelled = cancellationToken.UnsafeRegister(
            static (state, token) =>
            {
                (ConnectAttempt attempt, ConnectOperation running) = ((ConnectAttempt, ConnectOperation))state!;
                attempt.GiveUp(running, new OperationCanceledException(token));
            },
            (this, operation));
        using CancellationTokenRegistration expired = (timeout?.Token ?? CancellationToken.None).UnsafeRegister(
            static state =>
            {
                (ConnectAttempt attempt, ConnectOperation running) = ((ConnectAttempt, ConnectOperation))state!;
                attempt.GiveUp(running, new IoException(new IoError(
                    IoErrorCode.SocketTimeout, $"Connecting to {attempt.Target} took longer than {attempt.OptionsTimeout.TotalMilliseconds} ms.")));
            },
            (this, operation));
        return await _source.Task.ConfigureAwait(false);
    }

    private void GiveUp(ConnectOperation operation, Exception reason)
    {
        Interlocked.CompareExchange(ref _givenUp, reason, null);
        operation.Cancel();
    }

    private TimeSpan OptionsTimeout => options.Timeout;

    private string Target => target;
}

using System.Threading.Tasks.Sources;

namespace AwsIO.Tasks;

/// <summary>
/// The reading side of a connection: messages come from the loop, reads from anywhere, one at a time, and no lock is between them.
/// </summary>
/// <remarks>
/// States: Idle → Busy → (Idle | Waiting); Waiting → Busy → (Waiting | Completed); Completed → Idle, when the result is taken; Completed
/// → Dropping → Completed, when nobody reads any more. Who moves the state to Busy or Dropping, by a compare-and-swap, is the consumer
/// until it moves it on: the reader itself, the loop when something has come or the time is over, or who cancels or ends. What finds the
/// state Busy is told to nobody; so whoever moves it on looks, after a full fence, for what came meanwhile.
/// </remarks>
internal sealed partial class ConnectionReader : IValueTaskSource<int>, ITimedSide
{
    private const int Idle = 0;
    private const int Busy = 1;
    private const int Waiting = 2;
    private const int Completed = 3;
    private const int Dropping = 4;

    private readonly ConnectionHandler _handler;
    private readonly OperationTimeout _timeout;
    private readonly bool _isInline;
    private ManualResetValueTaskSourceCore<int> _source;
    private CancellationTokenRegistration _registration;
    private CancellationToken _token;
    private Memory<byte> _destination;
    private EndReason? _end;
    private int _state;

    internal ConnectionReader(ConnectionHandler handler, ContinuationMode mode)
    {
        _handler = handler;
        _timeout = new OperationTimeout(this, handler.Loop);
        _isInline = mode == ContinuationMode.Inline;
        _source.RunContinuationsAsynchronously = !_isInline;
    }

    /// <summary>How long a read may wait.</summary>
    internal TimeSpan Timeout
    {
        get => _timeout.Limit;
        set => _timeout.Limit = value;
    }

    /// <summary>Whether a timer of the loop knows the connection.</summary>
    internal bool HasTimer => _timeout.HasTimer;

    private bool HasSomething => Volatile.Read(ref _incoming) is not null || Volatile.Read(ref _end) is not null;

    public int GetResult(short token)
    {
        if (_source.GetStatus(token) == ValueTaskSourceStatus.Pending || Volatile.Read(ref _state) is not (Completed or Dropping))
        {
            throw IoErrorExtensions.NothingToTake("read");
        }

        // A cancellation that runs at this moment finds nothing to cancel; it is over when this returns.
        _registration.Dispose();
        _registration = default;
        try
        {
            return _source.GetResult(token);
        }
        finally
        {
            LeaveCompleted();
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    internal ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<int>(cancellationToken);
        }

        if (Interlocked.CompareExchange(ref _state, Busy, Idle) != Idle)
        {
            throw IoErrorExtensions.Overlapping("read");
        }

        bool isOver = false;
        int count;
        IoError error;
        try
        {
            isOver = TryTake(destination, out count, out error);
        }
        catch
        {
            // The caller's memory is gone.
            BecomeIdle();
            throw;
        }

        if (isOver)
        {
            BecomeIdle();
            return error.IsNone ? new ValueTask<int>(count) : ValueTask.FromException<int>(error.ToException());
        }

        _destination = destination;
        _token = cancellationToken;
        _source.Reset();
        short version = _source.Version;
        _timeout.Start();
        Interlocked.Exchange(ref _state, Waiting);
        if (cancellationToken.CanBeCanceled)
        {
            _registration = cancellationToken.UnsafeRegister(static state => ((ConnectionReader)state!).Cancel(), this);
        }

        // What came while the state was still Busy was told to nobody.
        if (HasSomething)
        {
            TryComplete(isCaller: true);
            if (Volatile.Read(ref _end) is not null)
            {
                // It came meanwhile, and so may have the last chance to cancel the timer.
                CancelTimer();
            }
        }

        return new ValueTask<int>(this, version);
    }

    /// <summary>Nothing more will come; the first reason counts.</summary>
    internal void End(IoError reason)
    {
        if (Interlocked.CompareExchange(ref _end, new EndReason(reason), null) is null)
        {
            TryComplete();
        }
    }

    /// <inheritdoc/>
    public bool Expire(long now)
    {
        if (Interlocked.CompareExchange(ref _state, Busy, Waiting) != Waiting)
        {
            return false;
        }

        if (_timeout.Deadline > now)
        {
            // A later read waits by now.
            WaitOn();
            return false;
        }

        Complete(0, _timeout.Expired($"Reading from {_handler.PeerName}"));
        return true;
    }

    /// <summary>The connection is over. Any thread.</summary>
    internal void CancelTimer() => _timeout.CancelTimer();

    private void BecomeIdle()
    {
        Interlocked.Exchange(ref _state, Idle);
        if (IsDiscarding)
        {
            DropReceived();
        }
    }

    /// <summary>The result has been taken.</summary>
    private void LeaveCompleted()
    {
        SpinWait spin = default;
        while (Interlocked.CompareExchange(ref _state, Idle, Completed) == Dropping)
        {
            // Another thread gives a few messages back, at the connection's end.
            spin.SpinOnce();
        }

        if (IsDiscarding)
        {
            DropReceived();
        }
    }

    private void TryComplete(bool isCaller = false)
    {
        if (Volatile.Read(ref _state) != Waiting || Interlocked.CompareExchange(ref _state, Busy, Waiting) != Waiting)
        {
            return;
        }

        int count = 0;
        Exception? exception;
        try
        {
            if (!TryTake(_destination, out count, out IoError error))
            {
                // An earlier wake-up has taken it already.
                WaitOn();
                return;
            }

            exception = error.IsNone ? null : error.ToException();
        }
        catch (Exception failure)
        {
            // The caller's memory is gone.
            exception = failure;
        }

        Complete(count, exception, isCaller);
    }

    private void Cancel()
    {
        if (Interlocked.CompareExchange(ref _state, Busy, Waiting) != Waiting)
        {
            return;
        }

        if (_token.IsCancellationRequested)
        {
            Complete(0, new OperationCanceledException(_token));
        }
        else
        {
            WaitOn();
        }
    }

    /// <summary>From Busy back to Waiting: what came meanwhile, or was cancelled, found nobody.</summary>
    private void WaitOn()
    {
        CancellationToken token = _token;
        Interlocked.Exchange(ref _state, Waiting);
        if (HasSomething)
        {
            TryComplete();
        }

        if (token.IsCancellationRequested)
        {
            Cancel();
        }
    }

    /// <summary>Ends the read that waits; only for who has made the state Busy.</summary>
    private void Complete(int count, Exception? exception, bool isCaller = false)
    {
        _destination = default;
        _token = default;
        _timeout.Stop();
        if (_isInline && !isCaller && !_handler.Loop.IsOnLoop)
        {
            // Who cancels or disposes must not run the reader's code, which goes on on the loop.
            _handler.Loop.Schedule(IoTask.Create(
                static (work, _) => work.Reader.SetResult(work.Count, work.Exception),
                (Reader: this, Count: count, Exception: exception)));
        }
        else
        {
            SetResult(count, exception);
        }
    }

    private void SetResult(int count, Exception? exception)
    {
        // Full fence: either who discards sees that the state is free, or is seen below.
        Interlocked.Exchange(ref _state, Completed);
        if (exception is null)
        {
            _source.SetResult(count);
        }
        else
        {
            _source.SetException(exception);
        }

        if (IsDiscarding)
        {
            DropReceived();
        }
    }

    private sealed class EndReason(IoError error)
    {
        internal IoError Error => error;
    }
}

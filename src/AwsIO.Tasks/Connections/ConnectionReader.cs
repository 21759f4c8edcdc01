using System.Threading.Tasks.Sources;

namespace AwsIO.Tasks;

/// <summary>
/// The reading side of a connection: messages come from the loop, reads from anywhere, one at a time, and no lock is between them.
/// </summary>
/// <remarks>
/// States: Idle → Busy → (Idle | Waiting); Waiting → Busy → (Waiting | Completed); Completed → Idle, when the result is taken; Completed →
/// Dropping → Completed, when nobody reads any more. Who moves the state to Busy or Dropping, by a compare-and-swap, is the consumer until it
/// moves it on: the reader itself, the loop when something has come or the time is over, or who cancels or ends. What finds the state Busy is told to nobody; so whoever moves it on looks, after a full fence, for what
/// came meanwhile.
/// </remarks>
internal sealed partial class ConnectionReader : IValueTaskSource<int>
{
    private const int Idle = 0;
    private const int Busy = 1;
    private const int Waiting = 2;
    private const int Completed = 3;
    private const int Dropping = 4;

    private readonly ConnectionHandler _handler;
    private readonly bool _isInline;
    private ManualResetValueTaskSourceCore<int> _source;
    private CancellationTokenRegistration _registration;
    private CancellationToken _token;
    private Memory<byte> _destination;
    private EndReason? _end;
    private ReadTimeoutTask? _timeoutTask;
    private long _deadline = long.MaxValue;
    private int _state;

    internal ConnectionReader(ConnectionHandler handler, ContinuationMode mode)
    {
        _handler = handler;
        _isInline = mode == ContinuationMode.Inline;
        _source.RunContinuationsAsynchronously = !_isInline;
    }

    internal TimeSpan Timeout { get; set; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>The moment at which the present read has waited for too long; the largest number for never.</summary>
    internal long Deadline => Volatile.Read(ref _deadline);

    /// <summary>Whether a timer of the loop knows the connection.</summary>
    internal bool HasTimer => Volatile.Read(ref _timeoutTask) is { IsScheduled: true };

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
        if (Timeout != System.Threading.Timeout.InfiniteTimeSpan)
        {
            StartTimeout();
        }

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

    /// <summary>Fails the read that waits if its time is over. Loop thread.</summary>
    /// <returns>Whether there was such a read.</returns>
    internal bool Expire(long now)
    {
        if (Interlocked.CompareExchange(ref _state, Busy, Waiting) != Waiting)
        {
            return false;
        }

        if (Deadline > now)
        {
            // A later read waits by now.
            WaitOn();
            return false;
        }

        Complete(0, new IoException(new IoError(
            IoErrorCode.SocketTimeout,
            $"Reading from {_handler.PeerName} took longer than {Timeout.TotalMilliseconds} ms.")));
        return true;
    }

    /// <summary>Whether a timer is the one that counts.</summary>
    internal bool IsCurrent(ReadTimeoutTask timer) => ReferenceEquals(Volatile.Read(ref _timeoutTask), timer);

    /// <summary>
    /// The connection is over: its timer, which would keep all of it until the time is up, goes. Any thread.
    /// </summary>
    internal void CancelTimer()
    {
        if (Volatile.Read(ref _timeoutTask) is { IsScheduled: true } timer)
        {
            _handler.Loop.Cancel(timer);
        }
    }

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
        Volatile.Write(ref _deadline, long.MaxValue);
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

    private void StartTimeout()
    {
        EventLoop loop = _handler.Loop;
        long deadline = IoClock.After(loop.CurrentTime, Timeout);
        Interlocked.Exchange(ref _deadline, deadline);
        ReadTimeoutTask timer = _timeoutTask ?? NewTimer();
        while (!timer.TrySchedule(deadline) && timer.IsLaterThan(deadline))
        {
            // The timeout was made shorter.
            ReadTimeoutTask late = timer;
            timer = NewTimer();
            loop.Cancel(late);
        }
    }

    private ReadTimeoutTask NewTimer()
    {
        ReadTimeoutTask timer = new(this, _handler.Loop);
        Volatile.Write(ref _timeoutTask, timer);
        return timer;
    }

    private sealed class EndReason(IoError error)
    {
        internal IoError Error => error;
    }
}

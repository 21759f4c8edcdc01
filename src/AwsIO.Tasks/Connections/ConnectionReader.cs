using System.Threading.Tasks.Sources;

namespace AwsIO.Tasks;

/// <summary>
/// The reading side of a connection: messages come from the loop, reads from anywhere, one at a time, and no lock is between them.
/// </summary>
/// <remarks>
/// States: Idle → Busy → (Idle | Waiting); Waiting → Busy → Idle. Who moves the state to Busy, by a compare-and-swap, is the consumer until
/// it moves it on: the reader itself, the loop when something has come, or who cancels.
/// </remarks>
internal sealed class ConnectionReader : IValueTaskSource<int>
{
    private const int Idle = 0;
    private const int Busy = 1;
    private const int Waiting = 2;

    private readonly ConnectionHandler _handler;
    private ManualResetValueTaskSourceCore<int> _source;
    private CancellationTokenRegistration _registration;
    private CancellationToken _token;
    private Memory<byte> _destination;
    private IoMessage? _incoming;
    private IoMessage? _first;
    private EndReason? _end;
    private TimeoutTask? _timeoutTask;
    private long _deadline = long.MaxValue;
    private int _state;

    internal ConnectionReader(ConnectionHandler handler, ContinuationMode mode)
    {
        _handler = handler;
        _source.RunContinuationsAsynchronously = mode != ContinuationMode.Inline;
    }

    internal TimeSpan Timeout { get; set; } = System.Threading.Timeout.InfiniteTimeSpan;

    private bool HasSomething => Volatile.Read(ref _incoming) is not null || Volatile.Read(ref _end) is not null;

    public int GetResult(short token)
    {
        // A cancellation that runs at this moment finds nothing to cancel; it is over when this returns.
        _registration.Dispose();
        _registration = default;
        return _source.GetResult(token);
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

        if (TryTake(destination, out int count, out IoError error))
        {
            Volatile.Write(ref _state, Idle);
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
            TryComplete();
        }

        return new ValueTask<int>(this, version);
    }

    /// <summary>Takes a message from the loop. The reader releases it.</summary>
    internal void Add(IoMessage message)
    {
        IoMessage? head = Volatile.Read(ref _incoming);
        while (true)
        {
            message.Next = head;
            IoMessage? seen = Interlocked.CompareExchange(ref _incoming, message, head);
            if (ReferenceEquals(seen, head))
            {
                break;
            }

            head = seen;
        }

        TryComplete();
    }

    /// <summary>Nothing more will come; the first reason counts.</summary>
    internal void End(IoError reason)
    {
        if (Interlocked.CompareExchange(ref _end, new EndReason(reason), null) is null)
        {
            TryComplete();
        }
    }

    /// <summary>Throws away what was received and not read; nobody may be reading any more.</summary>
    internal void Discard()
    {
        if (Interlocked.CompareExchange(ref _state, Busy, Idle) == Idle)
        {
            TakeIncoming();
            while (_first is { } message)
            {
                _first = message.Next;
                _handler.Grant(message.Length - message.CopyMark);
                message.Release();
            }

            Volatile.Write(ref _state, Idle);
        }
    }

    private void TryComplete()
    {
        if (Volatile.Read(ref _state) != Waiting || Interlocked.CompareExchange(ref _state, Busy, Waiting) != Waiting)
        {
            return;
        }

        if (!TryTake(_destination, out int count, out IoError error))
        {
            // An earlier wake-up has taken it already: wait on, unless more came just now.
            Interlocked.Exchange(ref _state, Waiting);
            if (HasSomething)
            {
                TryComplete();
            }

            return;
        }

        FinishWait();
        if (error.IsNone)
        {
            _source.SetResult(count);
        }
        else
        {
            _source.SetException(error.ToException());
        }
    }

    private void Cancel()
    {
        if (Interlocked.CompareExchange(ref _state, Busy, Waiting) == Waiting)
        {
            CancellationToken token = _token;
            FinishWait();
            _source.SetException(new OperationCanceledException(token));
        }
    }

    // The state is free again before the continuation runs: it may start the next read at once.
    private void FinishWait()
    {
        _destination = default;
        _token = default;
        Volatile.Write(ref _deadline, long.MaxValue);
        Volatile.Write(ref _state, Idle);
    }

    /// <summary>Takes what is there; only for who has made the state Busy.</summary>
    /// <returns>False when nothing is there, and the end has not come either.</returns>
    private bool TryTake(Memory<byte> destination, out int count, out IoError error)
    {
        error = IoError.None;
        count = 0;
        EndReason? end = Volatile.Read(ref _end);
        if (_first is null)
        {
            TakeIncoming();
        }

        if (_first is not null)
        {
            count = CopyTo(destination.Span);
            return true;
        }

        if (end is null)
        {
            return false;
        }

        error = end.Error;
        return true;
    }

    private void TakeIncoming()
    {
        IoMessage? message = Volatile.Read(ref _incoming) is null ? null : Interlocked.Exchange(ref _incoming, null);
        IoMessage? reversed = null;
        while (message is not null)
        {
            IoMessage? next = message.Next;
            message.Next = reversed;
            message.CopyMark = 0;
            reversed = message;
            message = next;
        }

        if (_first is null)
        {
            _first = reversed;
            return;
        }

        IoMessage last = _first;
        while (last.Next is not null)
        {
            last = last.Next;
        }

        last.Next = reversed;
    }

    private int CopyTo(Span<byte> destination)
    {
        int total = 0;
        while (_first is { } message && total < destination.Length)
        {
            ReadOnlySpan<byte> rest = message.Data[message.CopyMark..];
            int count = Math.Min(rest.Length, destination.Length - total);
            rest[..count].CopyTo(destination[total..]);
            total += count;
            message.CopyMark += count;
            if (message.CopyMark == message.Length)
            {
                _first = message.Next;
                message.Next = null;
                message.Release();
                if (_first is null)
                {
                    TakeIncoming();
                }
            }
        }

        _handler.Grant(total);
        return total;
    }

    private void StartTimeout()
    {
        EventLoop loop = _handler.Loop;
        Volatile.Write(ref _deadline, loop.CurrentTime + (Timeout.Ticks * 100));
        _timeoutTask ??= new TimeoutTask(this);
        _timeoutTask.EnsureScheduled(loop);
    }

    /// <summary>
    /// One timer for all reads of the connection: a read only notes its deadline, and the timer, when it fires, looks whether that has
    /// passed or sleeps on. So a read that is answered in time costs no timer.
    /// </summary>
    private sealed class TimeoutTask(ConnectionReader reader) : IoTask
    {
        private int _armed;

        internal void EnsureScheduled(EventLoop loop)
        {
            if (Interlocked.Exchange(ref _armed, 1) == 0)
            {
                loop.ScheduleAfter(this, reader.Timeout);
            }
        }

        protected override void Run(IoTaskStatus status)
        {
            Volatile.Write(ref _armed, 0);
            Interlocked.MemoryBarrier();
            long deadline = Volatile.Read(ref reader._deadline);
            if (status == IoTaskStatus.Canceled || deadline == long.MaxValue)
            {
                return;
            }

            EventLoop loop = reader._handler.Loop;
            if (loop.CurrentTime >= deadline)
            {
                reader.Expire();
            }
            else if (Interlocked.Exchange(ref _armed, 1) == 0)
            {
                loop.ScheduleAt(this, deadline);
            }
        }
    }

    private void Expire()
    {
        if (Interlocked.CompareExchange(ref _state, Busy, Waiting) == Waiting)
        {
            FinishWait();
            _source.SetException(new IoException(new IoError(
                IoErrorCode.SocketTimeout,
                $"Reading from {_handler.PeerName} took longer than {Timeout.TotalMilliseconds} ms.")));
        }
    }

    private sealed class EndReason(IoError error)
    {
        internal IoError Error => error;
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Threading.Tasks.Sources;

namespace AwsIO.Tasks;

/// <summary>
/// The writing side of a connection: copies bytes into messages and hands them to the channel, on the loop at once, from elsewhere by a
/// task. A write waits only while more than a high-water mark is under way.
/// </summary>
/// <remarks>
/// States: Idle → Busy → (Idle | Waiting); Waiting → Completed → Idle, when the result is taken. Off the loop, staged messages and the rest
/// of a waiting write are handed over by one task; what the loop finds there comes before what is written on the loop itself, so that order
/// is kept.
/// </remarks>
internal sealed partial class ConnectionWriter : IValueTaskSource, ITimedSide
{
    private const int Idle = 0;
    private const int Busy = 1;
    private const int Waiting = 2;
    private const int Completed = 3;

    private readonly ConnectionHandler _handler;
    private readonly HandOverTask _handOver;
    private readonly OperationTimeout _timeout;

    // Bytes under way above which a write waits.
    private readonly long _highWater;
    private ManualResetValueTaskSourceCore<bool> _source;
    private CancellationTokenRegistration _registration;
    private CancellationToken _token;
    private ReadOnlyMemory<byte> _rest;
    private Failure? _failure;
    private bool _cancelAsked;
    private bool _isLast;
    private bool _flush;
    private bool _ending;
    private int _handOverPosted;
    private int _state;

    internal ConnectionWriter(ConnectionHandler handler, ContinuationMode mode, long highWater)
    {
        _handler = handler;
        _highWater = highWater;
        _handOver = new HandOverTask(this);
        _timeout = new OperationTimeout(this, handler.Loop);
        _source.RunContinuationsAsynchronously = mode != ContinuationMode.Inline;
    }

    /// <summary>How long a write, a flush or the writing direction's end may wait.</summary>
    internal TimeSpan Timeout
    {
        get => _timeout.Limit;
        set => _timeout.Limit = value;
    }

    /// <summary>Whether a timer of the loop knows the connection.</summary>
    internal bool HasTimer => _timeout.HasTimer;

    public void GetResult(short token)
    {
        if (_source.GetStatus(token) == ValueTaskSourceStatus.Pending || Volatile.Read(ref _state) != Completed)
        {
            throw IoErrorExtensions.NothingToTake("write");
        }

        _registration.Dispose();
        _registration = default;
        try
        {
            _ = _source.GetResult(token);
        }
        finally
        {
            Volatile.Write(ref _state, Idle);
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    internal ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        Begin("write");
        if (EndsByFailure(out Exception? failure))
        {
            return ValueTask.FromException(failure);
        }

        if (_ending)
        {
            Volatile.Write(ref _state, Idle);
            throw new InvalidOperationException("The connection's writing direction was ended: nothing can be written behind its end.");
        }

        bool isOnLoop = _handler.Loop.IsOnLoop;
        bool isOver;
        try
        {
            isOver = isOnLoop ? TrySend(ref data) : TryStage(data);
        }
        catch
        {
            // The caller's memory is gone.
            Volatile.Write(ref _state, Idle);
            throw;
        }

        if (isOnLoop && EndsByFailure(out failure))
        {
            return ValueTask.FromException(failure);
        }

        if (!isOver)
        {
            return Wait(data, cancellationToken);
        }

        Volatile.Write(ref _state, Idle);
        if (!isOnLoop)
        {
            PostHandOver();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Waits until the kernel has taken everything that was written.</summary>
    internal ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        Begin("write");
        if (EndsByFailure(out Exception? failure))
        {
            return ValueTask.FromException(failure);
        }

        _flush = true;
        return Wait(default, cancellationToken);
    }

    /// <summary>Ends the writing direction behind everything that was written.</summary>
    internal ValueTask ShutdownAsync(CancellationToken cancellationToken)
    {
        Begin("write");
        if (EndsByFailure(out Exception? failure))
        {
            return ValueTask.FromException(failure);
        }

        _ending = true;
        _isLast = true;
        return Wait(default, cancellationToken);
    }

    /// <summary>The kernel has room again. Loop thread.</summary>
    internal void OnDrained()
    {
        if (Volatile.Read(ref _failure) is null && _handler.CanSend)
        {
            SendStaged();
        }

        Advance();
    }

    /// <summary>The channel has ended: what waits fails. Loop thread.</summary>
    internal void End(IoError reason)
    {
        Interlocked.CompareExchange(ref _failure, new Failure(reason), null);
        DropStaged();
        Advance();
    }

    /// <inheritdoc/>
    public bool Expire(long now)
    {
        // The task that hands the operation over may still be on its way: who gives up waiting for the end has asked for it all the same.
        Advance();
        if (Volatile.Read(ref _state) == Waiting && _timeout.Deadline <= now)
        {
            Complete(_timeout.Expired($"Writing to {_handler.PeerName}"));
        }

        return false;
    }

    /// <summary>The connection is over. Any thread.</summary>
    internal void CancelTimer() => _timeout.CancelTimer();

    private void Begin(string operation)
    {
        if (Interlocked.CompareExchange(ref _state, Busy, Idle) != Idle)
        {
            throw IoErrorExtensions.Overlapping(operation);
        }
    }

    /// <summary>Whether the connection's writing side has failed; the operation that has begun is then over.</summary>
    private bool EndsByFailure([NotNullWhen(true)] out Exception? exception)
    {
        exception = Volatile.Read(ref _failure)?.Error.ToException();
        if (exception is not null)
        {
            Volatile.Write(ref _state, Idle);
        }

        return exception is not null;
    }

    private ValueTask Wait(ReadOnlyMemory<byte> rest, CancellationToken cancellationToken)
    {
        _rest = rest;
        _token = cancellationToken;
        _cancelAsked = false;
        _source.Reset();
        short version = _source.Version;
        _timeout.Start();
        Interlocked.Exchange(ref _state, Waiting);
        if (cancellationToken.CanBeCanceled)
        {
            // What is left belongs to the loop from now on: a cancellation has to go there.
            _registration = cancellationToken.UnsafeRegister(
                static state =>
                {
                    ConnectionWriter writer = (ConnectionWriter)state!;
                    Volatile.Write(ref writer._cancelAsked, true);
                    writer.PostHandOver();
                },
                this);
        }

        if (_handler.Loop.IsOnLoop)
        {
            Advance();
        }
        else
        {
            PostHandOver();
        }

        return new ValueTask(this, version);
    }

    private void PostHandOver()
    {
        if (Interlocked.Exchange(ref _handOverPosted, 1) == 0)
        {
            _handler.Loop.Schedule(_handOver);
        }
    }

    private void OnHandOver()
    {
        Volatile.Write(ref _handOverPosted, 0);
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _failure) is null)
        {
            SendStagedUnlessFull();
        }
        else
        {
            DropStaged();
        }

        Advance();
    }

    /// <summary>Goes on with the write that waits, and completes it once it need not wait any more. Loop thread.</summary>
    private void Advance()
    {
        UpdateCongestion();
        if (Volatile.Read(ref _state) != Waiting)
        {
            return;
        }

        bool canSend = _handler.CanSend;
        if (Volatile.Read(ref _failure) is null)
        {
            if (!canSend)
            {
                // The channel's end may be far: a graceful one waits until the application has read, which may be waiting here.
                OnBroken();
            }
            else if (!TryGoOn(out Exception? exception))
            {
                Complete(exception);
                return;
            }
        }

        if (Volatile.Read(ref _failure) is { } failure)
        {
            // Nothing will wait any more, and the connection's end may have passed already.
            CancelTimer();
            Complete(failure.Error.ToException());
        }
        else if (canSend && _rest.IsEmpty && (_isLast ? _lastGone : _flush ? BytesUnderWay == 0 : !_congested))
        {
            Complete(null);
        }
        else if (Volatile.Read(ref _cancelAsked))
        {
            Complete(new OperationCanceledException(_token));
        }
    }

    private void OnBroken()
    {
        IoError error = _handler.FindWriteError();
        if (error.IsError)
        {
            Interlocked.CompareExchange(ref _failure, new Failure(error), null);
        }
    }

    private bool TryGoOn([NotNullWhen(false)] out Exception? exception)
    {
        exception = null;
        try
        {
            SendStagedUnlessFull();
            if (!Volatile.Read(ref _cancelAsked))
            {
                _rest = SendSome(_rest);
            }

            // Who gave up waiting for the end has asked for it all the same.
            if (_isLast && !_lastSent && Volatile.Read(ref _failure) is null)
            {
                SendStaged();
                SendLast();
            }
        }
        catch (Exception failure)
        {
            // The caller's memory is gone.
            exception = failure;
        }

        return exception is null;
    }

    private void Complete(Exception? exception)
    {
        // When the loop has ended, whoever comes late ends what waits, and there may be two.
        if (Interlocked.CompareExchange(ref _state, Busy, Waiting) != Waiting)
        {
            return;
        }

        _rest = default;
        _token = default;
        _flush = false;
        _isLast = false;
        _timeout.Stop();
        Volatile.Write(ref _state, Completed);
        if (exception is null)
        {
            _source.SetResult(true);
        }
        else
        {
            _source.SetException(exception);
        }
    }

    private sealed class HandOverTask(ConnectionWriter writer) : IoTask
    {
        protected override void Run(IoTaskStatus status)
        {
            if (status == IoTaskStatus.Canceled)
            {
                // A write that has not begun to wait yet will come here too.
                Interlocked.Exchange(ref writer._handOverPosted, 0);
                writer.End(new IoError(IoErrorCode.EventLoopShutdown, $"{writer._handler.Loop.Name} has ended."));
            }
            else
            {
                writer.OnHandOver();
            }
        }
    }

    private sealed class Failure(IoError error)
    {
        internal IoError Error => error;
    }
}

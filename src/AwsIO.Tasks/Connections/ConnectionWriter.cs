using System.Diagnostics.CodeAnalysis;
using System.Threading.Tasks.Sources;

namespace AwsIO.Tasks;

/// <summary>
/// The writing side of a connection: copies bytes into messages and hands them to the channel, on the loop at once, from elsewhere by a
/// task. A write waits only while more than a high-water mark is under way.
/// </summary>
/// <remarks>
/// States: Idle → Busy → (Idle | Waiting); Waiting → Idle. Off the loop, staged messages and the rest of a waiting write are handed over by
/// one task; what the loop finds there comes before what is written on the loop itself, so that order is kept.
/// </remarks>
internal sealed class ConnectionWriter : IValueTaskSource
{
    /// <summary>Bytes under way above which a write waits.</summary>
    internal const int HighWater = 64 * 1024;

    private const int Chunk = 64 * 1024;
    private const int Idle = 0;
    private const int Busy = 1;
    private const int Waiting = 2;

    private readonly ConnectionHandler _handler;
    private readonly HandOverTask _handOver;
    private ManualResetValueTaskSourceCore<bool> _source;
    private CancellationTokenRegistration _registration;
    private CancellationToken _token;
    private ReadOnlyMemory<byte> _rest;
    private IoMessage? _staged;
    private Failure? _failure;
    private bool _cancelAsked;
    private bool _isLast;
    private bool _flush;
    private bool _lastSent;
    private int _handOverPosted;
    private int _stagedBytes;
    private bool _congested;
    private int _state;

    internal ConnectionWriter(ConnectionHandler handler, ContinuationMode mode)
    {
        _handler = handler;
        _handOver = new HandOverTask(this);
        _source.RunContinuationsAsynchronously = mode != ContinuationMode.Inline;
    }

    public void GetResult(short token)
    {
        _registration.Dispose();
        _registration = default;
        _ = _source.GetResult(token);
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

        if (_handler.Loop.IsOnLoop)
        {
            SendStaged();
            data = SendSome(data);
            if (EndsByFailure(out failure))
            {
                return ValueTask.FromException(failure);
            }

            if (data.IsEmpty && !_congested)
            {
                Volatile.Write(ref _state, Idle);
                return ValueTask.CompletedTask;
            }
        }
        else if (!Volatile.Read(ref _congested) && data.Length <= Chunk && Volatile.Read(ref _stagedBytes) < HighWater)
        {
            Stage(data.Span);
            Volatile.Write(ref _state, Idle);
            PostHandOver();
            return ValueTask.CompletedTask;
        }

        return Wait(data, cancellationToken);
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

        _isLast = true;
        _flush = true;
        return Wait(default, cancellationToken);
    }

    /// <summary>The kernel has room again. Loop thread.</summary>
    internal void OnDrained() => Advance();

    /// <summary>The channel has ended: what waits fails. Loop thread.</summary>
    internal void End(IoError reason)
    {
        Interlocked.CompareExchange(ref _failure, new Failure(reason), null);
        DropStaged();
        Advance();
    }

    /// <summary>Hands what was staged to the channel before it shuts down. Loop thread.</summary>
    internal void SendStaged()
    {
        IoMessage? message = Volatile.Read(ref _staged) is null ? null : Interlocked.Exchange(ref _staged, null);
        IoMessage? reversed = null;
        while (message is not null)
        {
            IoMessage? next = message.Next;
            message.Next = reversed;
            reversed = message;
            message = next;
        }

        while (reversed is not null)
        {
            IoMessage? next = reversed.Next;
            reversed.Next = null;
            Interlocked.Add(ref _stagedBytes, -reversed.Length);
            Send(reversed);
            reversed = next;
        }
    }

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

    private void Stage(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
        {
            return;
        }

        IoMessage message = SharedMessagePool.Instance.Rent(IoMessageKind.ApplicationData, data.Length);
        message.Append(data);
        Interlocked.Add(ref _stagedBytes, data.Length);
        IoMessage? head = Volatile.Read(ref _staged);
        while (true)
        {
            message.Next = head;
            IoMessage? seen = Interlocked.CompareExchange(ref _staged, message, head);
            if (ReferenceEquals(seen, head))
            {
                return;
            }

            head = seen;
        }
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
            SendStaged();
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

        if (Volatile.Read(ref _failure) is null && !Volatile.Read(ref _cancelAsked))
        {
            SendStaged();
            _rest = SendSome(_rest);
            if (_rest.IsEmpty && _isLast && !_lastSent && Volatile.Read(ref _failure) is null)
            {
                SendLast();
            }
        }

        if (Volatile.Read(ref _failure) is { } failure)
        {
            Complete(failure.Error.ToException());
        }
        else if (_rest.IsEmpty && !(_flush ? _handler.QueuedBytes > 0 : _congested))
        {
            Complete(null);
        }
        else if (Volatile.Read(ref _cancelAsked))
        {
            Complete(new OperationCanceledException(_token));
        }
    }

    private void Complete(Exception? exception)
    {
        _rest = default;
        _token = default;
        _flush = false;
        _isLast = false;
        Volatile.Write(ref _state, Idle);
        if (exception is null)
        {
            _source.SetResult(true);
        }
        else
        {
            _source.SetException(exception);
        }
    }

    /// <summary>Sends until everything is sent or too much is under way; gives what is left. Loop thread.</summary>
    private ReadOnlyMemory<byte> SendSome(ReadOnlyMemory<byte> data)
    {
        UpdateCongestion();
        while (!data.IsEmpty && !_congested && Volatile.Read(ref _failure) is null)
        {
            IoMessage message = _handler.Rent(Math.Min(data.Length, Chunk));
            data = data[message.Append(data.Span)..];
            Send(message);
            UpdateCongestion();
        }

        return data;
    }

    private void SendLast()
    {
        _lastSent = true;
        IoMessage message = _handler.Rent(1);
        message.IsLast = true;
        Send(message);
    }

    private void Send(IoMessage message)
    {
        IoError error = _handler.SendLeft(message);
        if (error.IsError)
        {
            message.Release();
            Interlocked.CompareExchange(ref _failure, new Failure(error), null);
        }
    }

    private void UpdateCongestion() => Volatile.Write(ref _congested, _handler.QueuedBytes > HighWater);

    private void DropStaged()
    {
        for (IoMessage? message = Interlocked.Exchange(ref _staged, null); message is not null;)
        {
            IoMessage? next = message.Next;
            message.Next = null;
            message.Release();
            message = next;
        }
    }

    private sealed class HandOverTask(ConnectionWriter writer) : IoTask
    {
        protected override void Run(IoTaskStatus status)
        {
            if (status == IoTaskStatus.Canceled)
            {
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

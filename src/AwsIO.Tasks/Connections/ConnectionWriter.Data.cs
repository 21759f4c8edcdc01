namespace AwsIO.Tasks;

/// <summary>Copying into messages, and handing them to the channel.</summary>
internal sealed partial class ConnectionWriter
{
    private const int Chunk = 64 * 1024;
    private const int Fragment = MessagePool.FragmentSize;
    private const int SmallWrite = 256;

    // Stands in the place of the staged messages while a writer adds to them.
    private static readonly object s_taken = new();

    // The newest message, with the older ones behind it; or the mark above. Taken by who puts another value there.
    private object? _staged;
    private int _stagedBytes;
    private bool _congested;
    private bool _lastSent;
    private bool _lastGone;

    /// <summary>Bytes that the kernel has not taken yet, wherever they wait. Loop thread.</summary>
    private long BytesUnderWay => _handler.QueuedBytes + Volatile.Read(ref _stagedBytes);

    /// <summary>Hands all that was staged to the channel. Loop thread.</summary>
    /// <returns>False when a writer adds to it at this moment, so that there will be more.</returns>
    internal bool SendStaged()
    {
        if (!TryTakeStaged(out IoMessage? message))
        {
            return false;
        }

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

        return true;
    }

    /// <summary>
    /// Hands what was staged to the channel, unless the kernel is full: then small writes gather until they fill a message. A write that the
    /// kernel does not take keeps its whole message, so that many small ones would hold far more memory than they have bytes. Loop thread.
    /// </summary>
    private void SendStagedUnlessFull()
    {
        if (_handler.QueuedBytes == 0 || Volatile.Read(ref _stagedBytes) >= Fragment)
        {
            SendStaged();
        }
    }

    /// <summary>Sends what may be under way; on the loop.</summary>
    private bool TrySend(ref ReadOnlyMemory<byte> data)
    {
        if (_handler.QueuedBytes > 0 && data.Length < Fragment && BytesUnderWay < _highWater && Volatile.Read(ref _failure) is null)
        {
            Stage(data.Span);
            data = default;
            SendStagedUnlessFull();
        }
        else
        {
            SendStagedUnlessFull();
            data = SendSome(data);
        }

        UpdateCongestion();
        return data.IsEmpty && !_congested;
    }

    /// <summary>Puts the data where the loop finds it, unless too much is under way; off the loop.</summary>
    private bool TryStage(ReadOnlyMemory<byte> data)
    {
        if (Volatile.Read(ref _congested) || data.Length > Math.Min(Chunk, _highWater) || Volatile.Read(ref _stagedBytes) >= _highWater)
        {
            return false;
        }

        Stage(data.Span);
        return true;
    }

    private void Stage(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
        {
            return;
        }

        IoMessage? newest = (IoMessage?)Interlocked.Exchange(ref _staged, s_taken);
        try
        {
            int joined = newest?.Append(data) ?? 0;
            Interlocked.Add(ref _stagedBytes, joined);
            if (joined < data.Length)
            {
                ReadOnlySpan<byte> rest = data[joined..];
                IoMessage message = SharedMessagePool.Instance.Rent(
                    IoMessageKind.ApplicationData, newest is null ? RoomFor(rest.Length) : Math.Max(rest.Length, Fragment));
                message.Append(rest);
                message.Next = newest;
                newest = message;
                Interlocked.Add(ref _stagedBytes, rest.Length);
            }
        }
        finally
        {
            Interlocked.Exchange(ref _staged, newest);
        }
    }

    // As much as the buffer has that it takes in any case: more may come before the loop does.
    private static int RoomFor(int count) => count <= SmallWrite ? SmallWrite : Math.Max(count, Fragment);

    private bool TryTakeStaged(out IoMessage? newest)
    {
        object? staged = Volatile.Read(ref _staged);
        while (staged is not null && !ReferenceEquals(staged, s_taken))
        {
            object? seen = Interlocked.CompareExchange(ref _staged, null, staged);
            if (ReferenceEquals(seen, staged))
            {
                break;
            }

            staged = seen;
        }

        newest = staged as IoMessage;
        return !ReferenceEquals(staged, s_taken);
    }

    /// <summary>Sends until everything is sent or too much is under way; gives what is left. Loop thread.</summary>
    private ReadOnlyMemory<byte> SendSome(ReadOnlyMemory<byte> data)
    {
        UpdateCongestion();
        if (!data.IsEmpty && !_congested)
        {
            // It comes first.
            SendStaged();
            UpdateCongestion();
        }

        while (!data.IsEmpty && !_congested && Volatile.Read(ref _failure) is null)
        {
            // Before the message: the caller's memory may be gone.
            ReadOnlySpan<byte> rest = data.Span;
            IoMessage message = _handler.Rent(Math.Min(rest.Length, Chunk));
            data = data[message.Append(rest)..];
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
        message.OnCompleted(static (_, error, state) => ((ConnectionWriter)state!).OnLastGone(error), this);
        Send(message);
    }

    private void OnLastGone(IoError error)
    {
        if (error.IsNone)
        {
            _lastGone = true;
            Advance();
        }
    }

    private void Send(IoMessage message)
    {
        IoError error;
        try
        {
            error = _handler.SendLeft(message);
        }
        catch (Exception exception)
        {
            // A handler on the way has failed, and nobody knows who has the message.
            _handler.OnHandlerException(exception);
            error = new IoError(IoErrorCode.Unknown, $"A handler of the connection threw {exception.GetType().Name}: {exception.Message}");
            Interlocked.CompareExchange(ref _failure, new Failure(error), null);
            return;
        }

        if (error.IsError)
        {
            message.Release();
            Interlocked.CompareExchange(ref _failure, new Failure(error), null);
        }
    }

    private void UpdateCongestion() => Volatile.Write(ref _congested, BytesUnderWay > _highWater);

    private void DropStaged()
    {
        // A writer that adds at this moment has the loop look again.
        _ = TryTakeStaged(out IoMessage? message);
        while (message is not null)
        {
            IoMessage? next = message.Next;
            message.Next = null;
            Interlocked.Add(ref _stagedBytes, -message.Length);
            message.Release();
            message = next;
        }
    }
}

namespace AwsIO.Tasks;

/// <summary>Copying into messages, and handing them to the channel.</summary>
internal sealed partial class ConnectionWriter
{
    private const int Chunk = 64 * 1024;

    private IoMessage? _staged;
    private int _stagedBytes;
    private bool _congested;
    private bool _lastSent;
    private bool _lastGone;

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

    /// <summary>Sends what may be under way; on the loop.</summary>
    private bool TrySend(ref ReadOnlyMemory<byte> data)
    {
        SendStaged();
        data = SendSome(data);
        return data.IsEmpty && !_congested;
    }

    /// <summary>Puts the data where the loop finds it, unless too much is under way; off the loop.</summary>
    private bool TryStage(ReadOnlyMemory<byte> data)
    {
        if (Volatile.Read(ref _congested) || data.Length > Chunk || Volatile.Read(ref _stagedBytes) >= HighWater)
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

    /// <summary>Sends until everything is sent or too much is under way; gives what is left. Loop thread.</summary>
    private ReadOnlyMemory<byte> SendSome(ReadOnlyMemory<byte> data)
    {
        UpdateCongestion();
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

    private void UpdateCongestion() => Volatile.Write(ref _congested, _handler.QueuedBytes > HighWater);

    private void DropStaged()
    {
        for (IoMessage? message = Interlocked.Exchange(ref _staged, null); message is not null;)
        {
            IoMessage? next = message.Next;
            message.Next = null;
            Interlocked.Add(ref _stagedBytes, -message.Length);
            message.Release();
            message = next;
        }
    }
}

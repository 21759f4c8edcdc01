namespace AwsIO.Tasks;

/// <summary>What was received and not read yet.</summary>
internal sealed partial class ConnectionReader
{
    private IoMessage? _incoming;
    private IoMessage? _first;
    private int _discarding;

    /// <summary>Whether what comes is thrown away.</summary>
    internal bool IsDiscarding => Volatile.Read(ref _discarding) != 0;

    /// <summary>Takes a message from the loop. The reader releases it.</summary>
    internal void Add(IoMessage message)
    {
        if (message.Length == 0)
        {
            // Nothing in it: a read that took it would look like the end.
            message.Release();
            return;
        }

        // Nobody else puts anything there. A reader that looks while the chain is away finds nothing, begins to wait, and is woken below.
        IoMessage? newest = Volatile.Read(ref _incoming) is null ? null : Interlocked.Exchange(ref _incoming, null);
        Interlocked.Exchange(ref _incoming, newest is null ? message : Join(newest, message));
        TryComplete();
        if (IsDiscarding)
        {
            DropReceived();
        }
    }

    /// <summary>
    /// Puts a message behind those that wait. The window counts bytes, while each message, however few it brings, has a buffer of its own:
    /// small ones are joined, so that what is held is never much more than what the window says. Loop thread.
    /// </summary>
    /// <returns>The newest message, which is the chain's head.</returns>
    private IoMessage Join(IoMessage newest, IoMessage message)
    {
        const int most = MessagePool.FragmentSize;
        if (message.Length > most || (message.Length > newest.FreeSpace.Length && newest.Length + message.Length > most))
        {
            message.Next = newest;
            return message;
        }

        IoMessage target = newest;
        if (message.Length > newest.FreeSpace.Length)
        {
            // Both were cut to a small window: from here on there is room.
            target = LoopMessagePool.Of(_handler.Loop).Rent(IoMessageKind.ApplicationData, most);
            target.Next = newest.Next;
            target.Append(newest.Data);
            newest.Next = null;
            newest.Release();
        }

        target.Append(message.Data);
        message.Release();
        return target;
    }

    /// <summary>From now on nobody reads: throws away what was received, and what still comes.</summary>
    internal void Discard()
    {
        Interlocked.Exchange(ref _discarding, 1);
        DropReceived();
    }

    private void DropReceived()
    {
        // Whoever holds the state looks here again when it lets go.
        while ((Volatile.Read(ref _incoming) ?? Volatile.Read(ref _first)) is not null && TryBeginDropping(out int before))
        {
            TakeIncoming();
            while (_first is { } message)
            {
                _first = message.Next;
                message.Next = null;
                _handler.Grant(message.Length - message.CopyMark);
                message.Release();
            }

            Interlocked.Exchange(ref _state, before);
        }
    }

    /// <summary>Makes the calling thread the consumer, between reads or beside a result that nobody has taken, and may never take.</summary>
    private bool TryBeginDropping(out int before)
    {
        before = Idle;
        if (Interlocked.CompareExchange(ref _state, Busy, Idle) == Idle)
        {
            return true;
        }

        before = Completed;
        return Interlocked.CompareExchange(ref _state, Dropping, Completed) == Completed;
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
}

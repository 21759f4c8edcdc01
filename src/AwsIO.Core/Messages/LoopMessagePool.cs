namespace AwsIO;

/// <summary>The pool of one event loop: rented on its thread only, without a lock; released there, or from any thread.</summary>
internal sealed class LoopMessagePool : MessagePool
{
    private const int LocalKey = 0;

    private readonly EventLoop _loop;
    private readonly FreeMessages _free = new();
    private IoMessage? _releasedElsewhere;

    private LoopMessagePool(EventLoop loop) => _loop = loop;

    /// <summary>The pool of a loop, made when it is first asked for. Loop thread only.</summary>
    internal static LoopMessagePool Of(EventLoop loop) =>
        loop.GetOrAddLocal(LocalKey, static owner => new LoopMessagePool(owner));

    private protected override void CountOutstanding(ref int outstanding, int change)
    {
        if (_loop.IsOnLoop)
        {
            // The loop's own share needs no lock prefix; releases elsewhere are counted when the loop takes them back.
            outstanding += change;
        }
    }

    private protected override IoMessage? TakeFree(int sizeClass)
    {
        _loop.AssertOnLoop();
        if (_free.Take(sizeClass) is { } message)
        {
            return message;
        }

        TakeBackReleased();
        return _free.Take(sizeClass);
    }

    private protected override void KeepFree(IoMessage message)
    {
        if (_loop.IsOnLoop)
        {
            _free.Keep(message);
            return;
        }

        IoMessage? head = Volatile.Read(ref _releasedElsewhere);
        while (true)
        {
            message.Next = head;
            IoMessage? seen = Interlocked.CompareExchange(ref _releasedElsewhere, message, head);
            if (ReferenceEquals(seen, head))
            {
                return;
            }

            head = seen;
        }
    }

    /// <summary>Takes back, and counts, what was released on other threads. Loop thread only.</summary>
    internal void TakeBackReleased()
    {
        IoMessage? message = Interlocked.Exchange(ref _releasedElsewhere, null);
        while (message is not null)
        {
            IoMessage? next = message.Next;
            Return(message);
            message = next;
        }
    }
}

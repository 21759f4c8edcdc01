namespace AwsIO;

/// <summary>The pool of one event loop: rented on its thread only, without a lock; released there, or from any thread.</summary>
internal sealed class LoopMessagePool : MessagePool
{
    private const int LocalKey = 0;
    private const int MaxElsewhere = 256;

    private readonly EventLoop _loop;
    private readonly FreeMessages _free = new();
    private readonly IoTask _takeBackTask;
    private IoMessage? _releasedElsewhere;
    private int _countElsewhere;

    private LoopMessagePool(EventLoop loop)
    {
        _loop = loop;
        _takeBackTask = IoTask.Create(static (pool, status) => pool.OnTakeBackTask(status), this);
    }

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
                break;
            }

            head = seen;
        }

        if (Interlocked.Increment(ref _countElsewhere) == MaxElsewhere)
        {
            // Left to itself the loop takes them back when it runs out of its own, which after a burst may be never. The count starts
            // anew in that task only, so that it is scheduled once.
            _loop.Schedule(_takeBackTask);
        }
    }

    private void OnTakeBackTask(IoTaskStatus status)
    {
        if (status == IoTaskStatus.Run)
        {
            Volatile.Write(ref _countElsewhere, 0);
            TakeBackReleased();
        }
    }

    /// <summary>Takes back, and counts, what was released on other threads. Loop thread only.</summary>
    internal void TakeBackReleased()
    {
        int count = Volatile.Read(ref _countElsewhere);
        if (count < MaxElsewhere)
        {
            // Not exact, and need not be: it bounds what is kept. But a count that has scheduled the task is the task's to end.
            _ = Interlocked.CompareExchange(ref _countElsewhere, 0, count);
        }

        IoMessage? message = Interlocked.Exchange(ref _releasedElsewhere, null);
        while (message is not null)
        {
            IoMessage? next = message.Next;
            Return(message);
            message = next;
        }
    }
}

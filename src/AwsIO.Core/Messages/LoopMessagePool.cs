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
    private int _takeBackAsked;

    private LoopMessagePool(EventLoop loop)
    {
        _loop = loop;
        _takeBackTask = IoTask.Create(static (pool, status) => pool.OnTakeBackTask(status), this);
        Made?.Invoke(this);
    }

    /// <summary>Tells of each pool that is made, on its loop's thread: for tests, which count what was not given back.</summary>
    internal static event Action<LoopMessagePool>? Made;

    /// <summary>Whose pool it is.</summary>
    internal EventLoop Loop => _loop;

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
        int depth;
        while (true)
        {
            // How many there are is kept in the newest. One that was taken back in between may say something else: a bound needs no more.
            depth = (head?.CopyMark ?? 0) + 1;
            message.Next = head;
            message.CopyMark = depth;
            IoMessage? seen = Interlocked.CompareExchange(ref _releasedElsewhere, message, head);
            if (ReferenceEquals(seen, head))
            {
                break;
            }

            head = seen;
        }

        if (depth >= MaxElsewhere && Interlocked.Exchange(ref _takeBackAsked, 1) == 0)
        {
            // Left to itself the loop takes them back when it runs out of its own, which after a burst may be never.
            _loop.Schedule(_takeBackTask);
        }
    }

    private void OnTakeBackTask(IoTaskStatus status)
    {
        if (status == IoTaskStatus.Run)
        {
            Volatile.Write(ref _takeBackAsked, 0);
            TakeBackReleased();
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

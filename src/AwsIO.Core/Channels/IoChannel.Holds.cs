using System.Diagnostics.CodeAnalysis;

namespace AwsIO;

/// <summary>Who keeps a channel, and who waits for its end.</summary>
public sealed partial class IoChannel
{
    // Stands where those stood who waited for the end, once it was told.
    private static readonly Waiter s_nobody = new(null, null);

    // The last who has come to wait for the end; no lock is needed, and none is kept.
    private Waiter? _waitingForEnd;

    // The channel counts itself as one until its shutdown callback has been called.
    private int _holds = 1;

    /// <summary>
    /// Keeps the channel's handlers from being destroyed, after its shutdown too, until the hold is disposed of. Any thread.
    /// </summary>
    /// <returns>The hold; each is counted.</returns>
    /// <exception cref="InvalidOperationException">The handlers are destroyed already, or are just being destroyed.</exception>
    public ChannelHold AcquireHold() => TryAddHold()
        ? new ChannelHold(this)
        : throw new InvalidOperationException("The channel has ended: there is nothing left to hold.");

    /// <summary>Counts a hold, which <see cref="ReleaseHold"/> ends, unless the handlers are destroyed. Any thread.</summary>
    internal bool TryAddHold()
    {
        int holds = Volatile.Read(ref _holds);
        while (holds > 0)
        {
            int seen = Interlocked.CompareExchange(ref _holds, holds + 1, holds);
            if (seen == holds)
            {
                return true;
            }

            holds = seen;
        }

        return false;
    }

    /// <summary>Gives a future of the channel's end. Any thread, any number of times; each call gives one of its own.</summary>
    /// <returns>Done after the shutdown callback; its result is the reason that was given to that one. Dispose of it when it is not needed.</returns>
    [SuppressMessage("Reliability", "CA2000", Justification = "It is the caller's.")]
    public Future<IoError> WhenShutDown()
    {
        Future<IoError> future = new();
        Waiter? last = Volatile.Read(ref _waitingForEnd);
        while (!ReferenceEquals(last, s_nobody))
        {
            // Who asks and gives up again and again leaves nothing behind.
            Waiter? before = last;
            while (before is { Future.IsDone: true })
            {
                before = before.Before;
            }

            Waiter? seen = Interlocked.CompareExchange(ref _waitingForEnd, new Waiter(future, before), last);
            if (ReferenceEquals(seen, last))
            {
                return future;
            }

            last = seen;
        }

        _ = future.TrySetResult(_shutdown!.Reason);
        return future;
    }

    internal void ReleaseHold()
    {
        if (Interlocked.Decrement(ref _holds) == 0)
        {
            EventLoop.Schedule(IoTask.Create(static (channel, _) => channel.Destroy(), this));
        }
    }

    /// <summary>Tells who waits for the end, and lets go of the handlers if nobody else holds them. Loop thread.</summary>
    private void TellEnd()
    {
        TellInOrder(Interlocked.Exchange(ref _waitingForEnd, s_nobody));

        if (Interlocked.Decrement(ref _holds) == 0)
        {
            Destroy();
        }
    }

    private void TellInOrder(Waiter? last)
    {
        Waiter? first = null;
        while (last is not null)
        {
            Waiter? before = last.Before;
            last.Before = first;
            first = last;
            last = before;
        }

        for (; first is not null; first = first.Before)
        {
            try
            {
                _ = first.Future!.TrySetResult(_shutdown!.Reason);
            }
            catch (Exception exception)
            {
                IoLog.HandlerFailed(Logger, exception, Id);
            }
        }
    }

    private void Destroy()
    {
        ChannelSlot? slot = First;
        while (slot is not null)
        {
            ChannelSlot? next = slot.Right;
            slot.DestroyHandler();

            // A handler may take slots out at its end; nobody is destroyed twice.
            slot = next is null || IsLinked(next) ? next : First;
        }

        _isDestroyed = true;
        SetStatisticsHandler(null);
        _heldGroup?.RemoveHolder();
    }

    private sealed class Waiter(Future<IoError>? future, Waiter? before)
    {
        internal Waiter? Before = before;

        internal Future<IoError>? Future => future;
    }
}

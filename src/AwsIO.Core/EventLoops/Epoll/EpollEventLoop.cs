using System.Diagnostics.CodeAnalysis;
using AwsIO.Native.Linux;
using AwsIO.Native.Unix;

namespace AwsIO;

/// <summary>The event loop of Linux: edge-triggered epoll, woken by an eventfd.</summary>
[SuppressMessage("Design", "CA1001", Justification = "CloseBackend disposes it, on the loop's thread.")]
internal sealed class EpollEventLoop : EventLoop
{
    // A batch starts small and doubles whenever it comes back full.
    private const int InitialBatch = 128;
    private const int MaxBatch = 1024;
    private const ulong WakeUpData = ulong.MaxValue;

    private readonly SubscriptionTable _subscriptions = new();
    private readonly object _closeGate = new();
    private readonly int _epoll;
    private readonly int _wakeUp;
    private EpollEventBuffer _batch = new(InitialBatch);
    private bool _closed;

    private EpollEventLoop(EventLoopSettings settings, int epoll, int wakeUp)
        : base(settings)
    {
        _epoll = epoll;
        _wakeUp = wakeUp;
    }

    internal static IoResult<EventLoop> Create(EventLoopSettings settings)
    {
        int epoll = LibcEpoll.Create();
        if (epoll < 0)
        {
            return new(Errno.ToSystemError(-epoll, "Making an epoll descriptor"));
        }

        int wakeUp = Libc.EventFd();
        int added = wakeUp < 0 ? wakeUp : LibcEpoll.Add(epoll, wakeUp, LibcEpoll.In | LibcEpoll.EdgeTriggered, WakeUpData);
        if (added < 0)
        {
            _ = Libc.Close(epoll);
            if (wakeUp >= 0)
            {
                _ = Libc.Close(wakeUp);
            }

            return new(Errno.ToSystemError(-added, "Making an event loop's wake-up descriptor"));
        }

        try
        {
            return new(new EpollEventLoop(settings, epoll, wakeUp));
        }
        catch
        {
            _ = Libc.Close(epoll);
            _ = Libc.Close(wakeUp);
            throw;
        }
    }

    /// <inheritdoc/>
    public override IoError Subscribe(IoHandle handle, IoEvents events, IIoEventHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handle);
        ArgumentNullException.ThrowIfNull(handler);
        int result;

        // An ending loop closes the table under this lock, and its descriptor later: nothing is added to what is somebody else's.
        lock (_closeGate)
        {
            // The table knows the handler before the kernel can report anything.
            IoErrorCode refused = _subscriptions.TryAdd(handle, handler, out ulong data);
            if (refused != IoErrorCode.Success)
            {
                return Refusal(refused, handle);
            }

            result = LibcEpoll.Add(_epoll, handle.Descriptor, ToMask(events), data);
            if (result < 0)
            {
                _ = _subscriptions.Remove(handle);
            }
        }

        return result < 0
            ? Errno.ToSystemError(-result, $"Subscribing descriptor {handle.Descriptor}")
            : IoError.None;
    }

    /// <inheritdoc/>
    public override IoError Unsubscribe(IoHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        if (!IsOnLoop)
        {
            return IoErrorCode.EventLoopThreadOnly;
        }

        int result;

        // A subscription that another thread is just making is in the table first, and in the kernel when the lock is free.
        lock (_closeGate)
        {
            // The handler is silenced first: whatever the kernel answers, it is told no more.
            if (!_subscriptions.Remove(handle))
            {
                return IoErrorCode.NotSubscribed;
            }

            result = LibcEpoll.Delete(_epoll, handle.Descriptor);
        }

        return result < 0
            ? Errno.ToSystemError(-result, $"Unsubscribing descriptor {handle.Descriptor}")
            : IoError.None;
    }

    private protected override int Poll(long timeoutNanoseconds)
    {
        EpollEventBuffer batch = _batch;
        int count = batch.Wait(_epoll, timeoutNanoseconds);
        NoteAwake();
        if (count < 0)
        {
            throw new InvalidOperationException(Errno.ToSystemError(-count, "epoll_wait").ToString());
        }

        for (int i = 0; i < count; i++)
        {
            ulong data = batch.Data(i);

            // The wake-up descriptor is never read: an edge comes with every write, whatever its counter.
            if (data != WakeUpData && _subscriptions.TryFind(data, out IoHandle handle, out IIoEventHandler handler))
            {
                Report(handler, handle, ToEvents(batch.Events(i)));
            }
        }

        _subscriptions.ReleaseRetired();
        if (count == batch.Capacity && count < MaxBatch)
        {
            batch.Dispose();
            _batch = new EpollEventBuffer(count * 2);
        }

        return count;
    }

    private protected override void WakeUp()
    {
        lock (_closeGate)
        {
            // A wake-up that comes late must not write to a descriptor that is somebody else's by now.
            if (!_closed)
            {
                Libc.SignalEventFd(_wakeUp);
            }
        }
    }

    private protected override List<(IoHandle Handle, IIoEventHandler Handler)> CloseSubscriptions()
    {
        lock (_closeGate)
        {
            return _subscriptions.Close();
        }
    }

    private protected override void CloseBackend()
    {
        lock (_closeGate)
        {
            _closed = true;
            _ = Libc.Close(_wakeUp);
            _ = Libc.Close(_epoll);
        }

        _batch.Dispose();
    }

    private static uint ToMask(IoEvents events)
    {
        uint mask = LibcEpoll.EdgeTriggered | LibcEpoll.ReadHangUp | LibcEpoll.HangUp | LibcEpoll.Error;
        mask |= (events & IoEvents.Readable) != 0 ? LibcEpoll.In : 0;
        mask |= (events & IoEvents.Writable) != 0 ? LibcEpoll.Out : 0;
        mask |= (events & InternalEvents.Urgent) != 0 ? LibcEpoll.Priority : 0;
        return mask;
    }

    private static IoEvents ToEvents(uint mask)
    {
        IoEvents events = IoEvents.None;
        events |= (mask & LibcEpoll.In) != 0 ? IoEvents.Readable : 0;
        events |= (mask & LibcEpoll.Out) != 0 ? IoEvents.Writable : 0;
        if ((mask & ~(LibcEpoll.In | LibcEpoll.Out)) != 0)
        {
            events |= (mask & LibcEpoll.ReadHangUp) != 0 ? IoEvents.RemoteHangUp : 0;
            events |= (mask & LibcEpoll.HangUp) != 0 ? IoEvents.Closed : 0;
            events |= (mask & LibcEpoll.Error) != 0 ? IoEvents.Error : 0;
            events |= (mask & LibcEpoll.Priority) != 0 ? InternalEvents.Urgent : 0;
        }

        return events;
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using AwsIO.Native.Linux;
using AwsIO.Native.Unix;

namespace AwsIO;

/// <summary>The event loop of Linux: edge-triggered epoll, woken by an eventfd.</summary>
[SuppressMessage("Design", "CA1001", Justification = "CloseKernel disposes it, on the loop's thread.")]
internal sealed class EpollEventLoop : KernelEventLoop
{
    // A batch starts small and doubles whenever it comes back full.
    private const int InitialBatch = 128;
    private const int MaxBatch = 1024;
    private const ulong WakeUpData = ulong.MaxValue;

    // Until Linux 6.4, closing what is still in a set takes a lock that all sets of the system share.
    private static readonly bool s_closesCheaply = Environment.OSVersion.Version >= new Version(6, 4);

    // Who has subscribed each descriptor.
    private readonly Dictionary<int, IoHandle> _owners = [];
    private readonly int _epoll;
    private readonly int _wakeUp;
    private EpollEventBuffer _batch = new(InitialBatch);

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

    private protected override int AddToKernel(IoHandle handle, IoEvents events, ulong data)
    {
        int result = LibcEpoll.Add(_epoll, handle.Descriptor, ToMask(events), data);
        if (result < 0)
        {
            return result;
        }

        ref IoHandle? owner = ref CollectionsMarshal.GetValueRefOrAddDefault(_owners, handle.Descriptor, out _);
        if (owner is not null)
        {
            // The kernel refuses what is there already. So that one was closed without being unsubscribed, and its number is somebody
            // else's now, whom it must not silence when it is unsubscribed after all.
            _ = Subscriptions.Remove(owner);
        }

        owner = handle;
        return 0;
    }

    private protected override int RemoveFromKernel(int descriptor)
    {
        _ = _owners.Remove(descriptor);
        return LibcEpoll.Delete(_epoll, descriptor);
    }

    /// <inheritdoc/>
    internal override void UnsubscribeClosing(IoHandle handle)
    {
        if (!s_closesCheaply)
        {
            base.UnsubscribeClosing(handle);
            return;
        }

        // The close takes it out of the kernel's set. A child that is just being started has the descriptor until it runs its program:
        // what the kernel may tell of it so long bears the number of a subscription that is over.
        lock (CloseGate)
        {
            if (IsOnLoop && Subscriptions.Remove(handle))
            {
                _ = _owners.Remove(handle.Descriptor);
            }
        }
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
            if (data != WakeUpData && Subscriptions.TryFind(data, out IoHandle handle, out IIoEventHandler handler))
            {
                Report(handler, handle, ToEvents(batch.Events(i)));
            }
        }

        Subscriptions.ReleaseRetired();
        if (count == batch.Capacity && count < MaxBatch)
        {
            batch.Dispose();
            _batch = new EpollEventBuffer(count * 2);
        }

        return count;
    }

    private protected override void SignalWakeUp() => Libc.SignalEventFd(_wakeUp);

    private protected override void CloseKernel()
    {
        _ = Libc.Close(_wakeUp);
        _ = Libc.Close(_epoll);
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

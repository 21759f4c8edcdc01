using System.Diagnostics.CodeAnalysis;
using AwsIO.Native.Bsd;
using AwsIO.Native.Platform;
using AwsIO.Native.Unix;

namespace AwsIO;

/// <summary>The event loop of macOS and FreeBSD: edge-triggered kqueue, woken by an event of its own.</summary>
/// <remarks>
/// Each subscription has a filter for reading and one for writing, whichever it asks for, since each tells of the end of its own
/// direction only. What one wait brings of both is reported by one call. The kernel hands back the subscription's slot and its
/// generation, with what the subscription asks for in the four bits between.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "CloseKernel disposes it, on the loop's thread.")]
internal sealed partial class KqueueEventLoop : KernelEventLoop
{
    // A batch starts small and doubles whenever it comes back full. A subscription may take two places of it.
    private const int InitialBatch = 256;
    private const int MaxBatch = 2048;
    private const ulong WakeUpData = ulong.MaxValue;
    private const int WakeUpIdent = 1;
    private const int AskedShift = 28;
    private const ulong AskedMask = 0xFul << AskedShift;

    private readonly Dictionary<int, Owner> _owners = [];
    private readonly KqueueCalls _calls;
    private readonly int _kqueue;
    private KeventList _batch;
    private ulong[] _told = new ulong[InitialBatch];
    private Progress[] _progress = new Progress[64];

    private KqueueEventLoop(EventLoopSettings settings, KqueueCalls calls, int kqueue)
        : base(settings)
    {
        _calls = calls;
        _kqueue = kqueue;
        _batch = new KeventList(calls.Numbers, InitialBatch);
    }

    // An event is a hint that spares no look: only the socket itself knows whether a connection stands.
    internal override bool WritableMeansConnected => false;

    // On macOS EVFILT_EXCEPT could, but it fires for plain data as well, so that each read would be told twice; FreeBSD has nothing of
    // the kind. What is lost on both is one more receive after a read that has emptied the socket.
    internal override bool ReportsUrgentData => false;

    internal static IoResult<EventLoop> Create(EventLoopSettings settings) => Create(settings, KqueueCalls.OfSystem());

    internal static IoResult<EventLoop> Create(EventLoopSettings settings, KqueueCalls calls)
    {
        int kqueue = calls.Create();
        if (kqueue < 0)
        {
            return new(Errno.ToSystemError(-kqueue, "Making a kqueue"));
        }

        int added = ChangeWakeUp(calls, kqueue, KqueueNumbers.Add | KqueueNumbers.Clear, 0);
        if (added < 0)
        {
            _ = calls.Close(kqueue);
            return new(Errno.ToSystemError(-added, "Making an event loop's wake-up event"));
        }

        try
        {
            return new(new KqueueEventLoop(settings, calls, kqueue));
        }
        catch
        {
            _ = calls.Close(kqueue);
            throw;
        }
    }

    private protected override int Poll(long timeoutNanoseconds)
    {
        KeventList batch = _batch;
        int count = _calls.Wait(_kqueue, batch, timeoutNanoseconds);
        NoteAwake();
        if (count < 0)
        {
            throw new InvalidOperationException(Errno.ToSystemError(-count, "kevent").ToString());
        }

        int told = Collect(batch, count);
        for (int i = 0; i < told; i++)
        {
            // A handler that was called before may have ended this one's subscription.
            ulong data = _told[i];
            if (Subscriptions.TryFind(data, out IoHandle handle, out IIoEventHandler handler))
            {
                ref Progress progress = ref ProgressOf(data);
                IoEvents events = progress.Collected;
                progress.Collected = IoEvents.None;
                Report(handler, handle, events);
            }
        }

        Subscriptions.ReleaseRetired();
        if (count == batch.Capacity && count < MaxBatch)
        {
            batch.Dispose();
            _batch = new KeventList(_calls.Numbers, count * 2);
            _told = new ulong[count * 2];
        }

        return count;
    }

    private protected override void SignalWakeUp() => _ = ChangeWakeUp(_calls, _kqueue, 0, KqueueNumbers.NoteTrigger);

    private protected override void CloseKernel()
    {
        _ = _calls.Close(_kqueue);
        _batch.Dispose();
    }

    private static unsafe int ChangeWakeUp(KqueueCalls calls, int kqueue, ushort flags, uint filterFlags)
    {
        byte* change = stackalloc byte[KeventList.MaxEventSize];
        new Span<byte>(change, KeventList.MaxEventSize).Clear();

        // The kernel takes the user's data from each change, also from one that only triggers.
        KeventList.Write(change, WakeUpIdent, calls.Numbers.FilterUser, flags, filterFlags, WakeUpData);
        return calls.Apply(kqueue, change);
    }

    /// <summary>Joins what each subscription's filters have told.</summary>
    /// <returns>How many subscriptions there is something to report to; <see cref="_told"/> has their data, first come first.</returns>
    private int Collect(KeventList batch, int count)
    {
        int told = 0;
        for (int i = 0; i < count; i++)
        {
            ulong data = batch.UserData(i);
            ulong key = data & ~AskedMask;
            if (data == WakeUpData || !Subscriptions.TryFind(key, out _, out _))
            {
                continue;
            }

            ref Progress progress = ref ProgressOf(key);
            if (!progress.IsSettled && !Settle(key))
            {
                continue;
            }

            progress.IsSettled = true;
            IoEvents asked = (IoEvents)((data & AskedMask) >> AskedShift);
            IoEvents events = KqueueEvents.Translate(
                batch.Filter(i), batch.Flags(i), batch.FilterFlags(i), asked, ref progress.Ended);
            if (events != IoEvents.None && progress.Collected == IoEvents.None)
            {
                _told[told++] = key;
            }

            progress.Collected |= events;
        }

        return told;
    }

    /// <summary>
    /// Waits, at a subscription's first event, until it has been made. The event may come while another thread is still adding the second
    /// filter; when that is refused, nobody is to hear of the first.
    /// </summary>
    /// <returns>Whether there is a subscription.</returns>
    private bool Settle(ulong key)
    {
        lock (CloseGate)
        {
            return Subscriptions.TryFind(key, out _, out _);
        }
    }

    private ref Progress ProgressOf(ulong key)
    {
        uint index = (uint)key;
        if (index >= (uint)_progress.Length)
        {
            Array.Resize(ref _progress, Math.Max((int)index + 1, _progress.Length * 2));
        }

        ref Progress progress = ref _progress[index];
        uint generation = (uint)(key >> 32);
        if (progress.Generation != generation)
        {
            progress = new Progress { Generation = generation };
        }

        return ref progress;
    }

    /// <summary>What has come of a subscription's events. Loop thread only.</summary>
    private struct Progress
    {
        internal uint Generation;
        internal bool IsSettled;
        internal IoEvents Collected;
        internal IoEvents Ended;
    }
}

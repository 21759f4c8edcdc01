using AwsIO.Native.Bsd;
using AwsIO.Native.Platform;

namespace AwsIO.SelfCheck;

/// <summary>An event as the kernel gave it, every field of it.</summary>
internal readonly record struct KernelEvent(ulong Ident, short Filter, ushort Flags, uint FilterFlags, long Data, ulong UserData)
{
    internal bool IsEnd => (Flags & KqueueNumbers.EndOfFile) != 0;
}

/// <summary>A kqueue to ask. Not thread-safe, but for <see cref="Trigger"/>.</summary>
internal sealed unsafe class KqueueProbe : IDisposable
{
    private const long PatienceNanoseconds = 5_000_000_000;

    private readonly KqueueCalls _calls;
    private readonly int _kqueue;
    private readonly KeventList _events;

    internal KqueueProbe(KqueueCalls calls)
    {
        _calls = calls;
        _kqueue = calls.Create();
        Expect.True(_kqueue >= 0, $"kqueue() answered errno {-_kqueue} (by Linux's numbers)");
        _events = new KeventList(calls.Numbers, 16);
    }

    internal KqueueNumbers Numbers => _calls.Numbers;

    /// <summary>Changes a filter.</summary>
    /// <returns>0, or a positive errno value by Linux's numbers.</returns>
    internal int Change(int ident, short filter, ushort flags, ulong userData = 0)
    {
        byte* change = stackalloc byte[KeventList.MaxEventSize];
        new Span<byte>(change, KeventList.MaxEventSize).Clear();
        KeventList.Write(change, ident, filter, (ushort)(flags | KqueueNumbers.Receipt), 0, userData);
        Span<int> errors = stackalloc int[1];
        int result = _calls.Apply(_kqueue, change, 1, errors);
        return result < 0 ? -result : errors[0];
    }

    /// <summary>Adds a filter, edge-triggered, which must succeed.</summary>
    internal void Add(int ident, short filter, ulong userData = 0) =>
        Expect.Equal(0, Change(ident, filter, KqueueNumbers.Add | KqueueNumbers.Clear, userData), "errno of adding a filter");

    /// <summary>Adds both filters by one call, each with its receipt.</summary>
    internal (int Read, int Write) AddBoth(int ident)
    {
        const ushort flags = KqueueNumbers.Add | KqueueNumbers.Clear | KqueueNumbers.Receipt;
        byte* changes = stackalloc byte[2 * KeventList.MaxEventSize];
        new Span<byte>(changes, 2 * KeventList.MaxEventSize).Clear();
        KeventList.Write(changes, ident, KqueueNumbers.FilterRead, flags, 0, 1);
        KeventList.Write(changes + Numbers.EventSize, ident, KqueueNumbers.FilterWrite, flags, 0, 2);
        Span<int> errors = stackalloc int[2];
        Expect.Equal(0, _calls.Apply(_kqueue, changes, 2, errors), "the result of adding two filters at once");
        return (errors[0], errors[1]);
    }

    /// <summary>Triggers a user event. Any thread.</summary>
    internal void Trigger(int ident, ulong userData)
    {
        byte* change = stackalloc byte[KeventList.MaxEventSize];
        new Span<byte>(change, KeventList.MaxEventSize).Clear();
        KeventList.Write(change, ident, Numbers.FilterUser, 0, KqueueNumbers.NoteTrigger, userData);
        Expect.Equal(0, _calls.Apply(_kqueue, change), "the result of a trigger");
    }

    /// <summary>What is there now.</summary>
    internal List<KernelEvent> Poll() => Wait(0);

    /// <summary>Waits for one event of a filter, and gives that one: others that come are dropped.</summary>
    internal KernelEvent Next(short filter)
    {
        long end = IoClock.Now + PatienceNanoseconds;
        while (true)
        {
            long left = end - IoClock.Now;
            Expect.True(left > 0, $"no event of filter {filter} came within 5 s");
            foreach (KernelEvent found in Wait(left))
            {
                if (found.Filter == filter)
                {
                    return found;
                }
            }
        }
    }

    /// <summary>Waits as long as that, or until an event comes.</summary>
    internal List<KernelEvent> Wait(long nanoseconds)
    {
        int count = _calls.Wait(_kqueue, _events, nanoseconds);
        Expect.True(count >= 0, $"kevent() answered errno {-count} (by Linux's numbers)");
        List<KernelEvent> events = [];
        for (int i = 0; i < count; i++)
        {
            byte* at = _events.Memory + (i * Numbers.EventSize);
            events.Add(new KernelEvent(
                *(ulong*)(at + KqueueNumbers.IdentOffset),
                _events.Filter(i),
                _events.Flags(i),
                _events.FilterFlags(i),
                *(long*)(at + KqueueNumbers.DataOffset),
                _events.UserData(i)));
        }

        return events;
    }

    public void Dispose()
    {
        _ = _calls.Close(_kqueue);
        _events.Dispose();
    }
}

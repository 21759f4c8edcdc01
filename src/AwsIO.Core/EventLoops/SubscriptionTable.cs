namespace AwsIO;

/// <summary>
/// Who is told of which descriptor's events. A subscription is known to the kernel by its slot and the slot's generation, so that
/// an event which was collected for an earlier owner of the slot, or of the same descriptor, reaches nobody.
/// </summary>
/// <remarks>
/// Adding may happen on any thread, once a connection, and takes a lock; looking up is the loop's and takes none. A slot that was
/// given up is free for others only after the batch in which that happened.
/// </remarks>
internal sealed class SubscriptionTable
{
    private readonly object _gate = new();
    private readonly Stack<int> _free = new();
    private readonly List<int> _retired = [];
    private Slot[] _slots = new Slot[64];
    private int _used;
    private bool _closed;

    internal int Count { get; private set; }

    /// <summary>Adds a subscription. Any thread.</summary>
    /// <param name="handle">What is subscribed.</param>
    /// <param name="handler">Who is to be told.</param>
    /// <param name="data">What the kernel is to hand back with each event.</param>
    /// <returns>
    /// <see cref="IoErrorCode.AlreadySubscribed"/>, <see cref="IoErrorCode.EventLoopShutdown"/> once the table is closed, or success.
    /// </returns>
    internal IoErrorCode TryAdd(IoHandle handle, IIoEventHandler handler, out ulong data)
    {
        data = 0;
        lock (_gate)
        {
            if (_closed)
            {
                return IoErrorCode.EventLoopShutdown;
            }

            if (!handle.TryClaim(this))
            {
                return IoErrorCode.AlreadySubscribed;
            }

            if (!_free.TryPop(out int index))
            {
                index = _used++;
                if (index == _slots.Length)
                {
                    Slot[] larger = new Slot[index * 2];
                    Array.Copy(_slots, larger, index);
                    Volatile.Write(ref _slots, larger);
                }
            }

            ref Slot slot = ref _slots[index];
            slot.Handle = handle;
            slot.Handler = handler;
            handle.SubscriptionSlot = index;
            Count++;
            data = ((ulong)slot.Generation << 32) | (uint)index;
            return IoErrorCode.Success;
        }
    }

    /// <summary>Finds who is to be told. Loop thread only.</summary>
    internal bool TryFind(ulong data, out IoHandle handle, out IIoEventHandler handler)
    {
        Slot[] slots = Volatile.Read(ref _slots);
        uint index = (uint)data;
        if (index < (uint)slots.Length)
        {
            ref Slot slot = ref slots[index];
            // Whoever fails to subscribe takes itself out on its own thread, at any moment of this; and whoever takes over a number that was
            // closed while subscribed, the one that had it.
            if (slot.Generation == (uint)(data >> 32) && slot.Handle is { } subscribed && slot.Handler is { } found)
            {
                handle = subscribed;
                handler = found;
                return true;
            }
        }

        handle = null!;
        handler = null!;
        return false;
    }

    /// <summary>
    /// Ends a subscription: nobody is told any more, from now on. On the loop's thread; elsewhere only of one that the kernel has no events
    /// for, as it was refused or its descriptor is somebody else's.
    /// </summary>
    /// <returns>Whether the handle was subscribed in this table.</returns>
    internal bool Remove(IoHandle handle)
    {
        lock (_gate)
        {
            // The slot of a handle that another loop has is none of this one's, and may be changing.
            if (!handle.IsOf(this))
            {
                return false;
            }

            ref Slot slot = ref _slots[handle.SubscriptionSlot];
            slot.Handle = null;
            slot.Handler = null;
            slot.Generation++;
            _retired.Add(handle.SubscriptionSlot);
            handle.SubscriptionSlot = -1;
            handle.Release();
            Count--;
            return true;
        }
    }

    /// <summary>Frees the slots that were given up during the batch that has just ended. Loop thread only.</summary>
    internal void ReleaseRetired()
    {
        if (_retired.Count == 0)
        {
            return;
        }

        lock (_gate)
        {
            foreach (int index in _retired)
            {
                _free.Push(index);
            }

            _retired.Clear();
        }
    }

    /// <summary>Refuses every later subscription, and gives those that stand. Loop thread only.</summary>
    internal List<(IoHandle Handle, IIoEventHandler Handler)> Close()
    {
        lock (_gate)
        {
            _closed = true;
            List<(IoHandle, IIoEventHandler)> standing = new(Count);
            foreach (Slot slot in _slots.AsSpan(0, _used))
            {
                if (slot.Handler is not null)
                {
                    standing.Add((slot.Handle!, slot.Handler));
                }
            }

            return standing;
        }
    }

    private struct Slot
    {
        internal IoHandle? Handle;
        internal IIoEventHandler? Handler;
        internal uint Generation;
    }
}

using AwsIO.Native.Unix;

namespace AwsIO;

/// <summary>
/// What the loops on epoll and on kqueue have in common: who is subscribed, and what other threads may do to the kernel's descriptors.
/// </summary>
/// <remarks>
/// A subscription is made and ended under a lock, in the table and in the kernel. Waking the loop takes none. Either way nothing is done
/// to a descriptor that has been closed, and may be somebody else's by then.
/// </remarks>
internal abstract class KernelEventLoop : EventLoop
{
    // Threads that are just waking the loop; negative once the kernel's descriptors are to be closed.
    private int _wakers;

    private protected KernelEventLoop(EventLoopSettings settings)
        : base(settings)
    {
    }

    private protected SubscriptionTable Subscriptions { get; } = new();

    /// <summary>Held while the kernel is told of a subscription by whatever thread.</summary>
    private protected object CloseGate { get; } = new();

    /// <inheritdoc/>
    public sealed override IoError Subscribe(IoHandle handle, IoEvents events, IIoEventHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handle);
        ArgumentNullException.ThrowIfNull(handler);
        int result;
        lock (CloseGate)
        {
            // The table knows the handler before the kernel can report anything.
            IoErrorCode refused = Subscriptions.TryAdd(handle, handler, out ulong data);
            if (refused != IoErrorCode.Success)
            {
                return Refusal(refused, handle);
            }

            result = AddToKernel(handle, events, data);
            if (result < 0)
            {
                _ = Subscriptions.Remove(handle);
            }
        }

        return result < 0
            ? Errno.ToSystemError(-result, $"Subscribing descriptor {handle.Descriptor}")
            : IoError.None;
    }

    /// <inheritdoc/>
    public sealed override IoError Unsubscribe(IoHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        if (!IsOnLoop)
        {
            return IoErrorCode.EventLoopThreadOnly;
        }

        int result;

        // A subscription that another thread is just making is in the table first, and in the kernel when the lock is free.
        lock (CloseGate)
        {
            // The handler is silenced first: whatever the kernel answers, it is told no more.
            if (!Subscriptions.Remove(handle))
            {
                return IoErrorCode.NotSubscribed;
            }

            result = RemoveFromKernel(handle.Descriptor);
        }

        return result < 0
            ? Errno.ToSystemError(-result, $"Unsubscribing descriptor {handle.Descriptor}")
            : IoError.None;
    }

    /// <summary>Has the kernel report a descriptor's events from now on. The lock is held.</summary>
    /// <param name="handle">What is subscribed.</param>
    /// <param name="events">What it is subscribed for.</param>
    /// <param name="data">What the kernel is to hand back with each event.</param>
    /// <returns>0, or a negative errno value.</returns>
    private protected abstract int AddToKernel(IoHandle handle, IoEvents events, ulong data);

    /// <summary>Has the kernel report a descriptor's events no more. The lock is held.</summary>
    /// <returns>0, or a negative errno value.</returns>
    private protected abstract int RemoveFromKernel(int descriptor);

    /// <summary>Ends a wait. The descriptor stays open meanwhile.</summary>
    private protected abstract void SignalWakeUp();

    /// <summary>Closes the kernel's descriptors. The lock is held, and nobody waits.</summary>
    private protected abstract void CloseKernel();

    private protected sealed override void WakeUp()
    {
        if (Interlocked.Increment(ref _wakers) > 0)
        {
            SignalWakeUp();
        }

        Interlocked.Decrement(ref _wakers);
    }

    private protected sealed override List<(IoHandle Handle, IIoEventHandler Handler)> CloseSubscriptions()
    {
        lock (CloseGate)
        {
            return Subscriptions.Close();
        }
    }

    private protected sealed override void CloseBackend()
    {
        // Nobody begins to wake the loop from here on; who has begun makes one system call.
        Interlocked.Add(ref _wakers, int.MinValue);
        SpinWait spin = default;
        while (Volatile.Read(ref _wakers) != int.MinValue)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }

        lock (CloseGate)
        {
            CloseKernel();
        }
    }
}

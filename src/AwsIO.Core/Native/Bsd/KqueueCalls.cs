using System.Runtime.InteropServices;
using AwsIO.Native.Faults;
using AwsIO.Native.Platform;
using AwsIO.Native.Unix;

namespace AwsIO.Native.Bsd;

/// <summary><c>struct timespec</c>, the same on macOS and FreeBSD.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KqueueTimeout
{
    internal nint Seconds;
    internal nint Nanoseconds;
}

/// <summary>
/// The calls of <c>sys/event.h</c>, by the kernel's convention: a negative result is <c>-errno</c>, by AwsIO's numbers. They are function
/// pointers, so that the loop runs the same code on the system's functions and on others that stand for them.
/// </summary>
internal sealed unsafe class KqueueCalls
{
    // Longer waits are cut: some kernels refuse more than 10^8 seconds, and the loop works out the rest anew.
    private const long LongestWaitSeconds = 24 * 60 * 60;

    private readonly Abi _abi;
    private readonly delegate* unmanaged<int> _kqueue;
    private readonly delegate* unmanaged<int, byte*, int, byte*, int, KqueueTimeout*, int> _kevent;
    private readonly delegate* unmanaged<int, int> _close;

    /// <summary>Takes the functions of a platform; all give errno as that platform numbers it.</summary>
    internal KqueueCalls(
        Abi abi,
        delegate* unmanaged<int> kqueue,
        delegate* unmanaged<int, byte*, int, byte*, int, KqueueTimeout*, int> kevent,
        delegate* unmanaged<int, int> close)
    {
        _abi = abi;
        Numbers = abi.Kqueue ?? throw new PlatformNotSupportedException($"There is no kqueue on {abi.Kind}.");
        _kqueue = kqueue;
        _kevent = kevent;
        _close = close;
    }

    internal KqueueNumbers Numbers { get; }

    /// <summary>Makes the calls of the system that this process runs on.</summary>
    /// <exception cref="PlatformNotSupportedException">It has no kqueue.</exception>
    internal static KqueueCalls OfSystem()
    {
        nint libc = Abi.Current.Kqueue is null ? 0 : NativeLibrary.Load("libc", typeof(KqueueCalls).Assembly, null);
        return libc == 0
            ? throw new PlatformNotSupportedException("There is no kqueue on this system.")
            : new KqueueCalls(
                Abi.Current,
                (delegate* unmanaged<int>)NativeLibrary.GetExport(libc, "kqueue"),
                (delegate* unmanaged<int, byte*, int, byte*, int, KqueueTimeout*, int>)NativeLibrary.GetExport(libc, "kevent"),
                (delegate* unmanaged<int, int>)NativeLibrary.GetExport(libc, "close"));
    }

    /// <summary>Makes a kqueue. Children do not inherit it: the system leaves it out when it forks.</summary>
    internal int Create()
    {
        int fault = NativeFaults.IsOn ? NativeFaults.Take(NativeCall.Kqueue, -1) : 0;
        if (fault != 0)
        {
            return -fault;
        }

        Marshal.SetLastSystemError(0);
        int result = _kqueue();
        return result >= 0 ? result : -TakeErrno();
    }

    /// <summary>Closes a kqueue, in whose <see cref="Wait"/> no thread may be.</summary>
    internal int Close(int kqueue)
    {
        int fault = NativeFaults.IsOn ? NativeFaults.TakeClose(kqueue) : 0;
        Marshal.SetLastSystemError(0);
        return _close(kqueue) == 0 ? -fault : -TakeErrno();
    }

    /// <summary>Makes one change that has no receipt, and waits for nothing.</summary>
    internal int Apply(int kqueue, byte* change)
    {
        while (true)
        {
            int errno = NativeFaults.IsOn ? NativeFaults.Take(NativeCall.KeventTrigger, kqueue) : 0;
            if (errno == 0)
            {
                Marshal.SetLastSystemError(0);
                if (_kevent(kqueue, change, 1, null, 0, null) >= 0)
                {
                    return 0;
                }

                errno = TakeErrno();
            }

            if (errno != Errno.EINTR)
            {
                return -errno;
            }
        }
    }

    /// <summary>
    /// Makes changes that each carry EV_RECEIPT, and waits for nothing: there is room for their receipts, and for no event.
    /// </summary>
    /// <param name="kqueue">The kqueue.</param>
    /// <param name="changes">The changes.</param>
    /// <param name="count">How many.</param>
    /// <param name="errors">What each was answered: 0, or a positive errno value.</param>
    /// <param name="canFail">Whether a test may have the call fail.</param>
    /// <returns>0, or a negative errno value where the call itself failed and it is unknown how far it came.</returns>
    internal int Apply(int kqueue, byte* changes, int count, Span<int> errors, bool canFail = true)
    {
        byte* receipts = stackalloc byte[count * KeventList.MaxEventSize];
        KqueueTimeout none = default;
        bool isRepeated = false;
        while (true)
        {
            int errno = NativeFaults.IsOn && canFail ? NativeFaults.Take(NativeCall.Kevent, kqueue) : 0;
            Marshal.SetLastSystemError(0);
            int result = errno != 0 ? -1 : _kevent(kqueue, changes, count, receipts, count, &none);
            if (result >= 0)
            {
                for (int i = 0; i < count; i++)
                {
                    int error = i < result ? ReadReceipt(receipts + (i * Numbers.EventSize)) : Errno.EINVAL;

                    // What was deleted before the signal came cannot be found the second time. Adding twice harms nothing.
                    bool isDone = isRepeated && error == Errno.ENOENT
                        && (KeventList.Flags(changes + (i * Numbers.EventSize)) & KqueueNumbers.Delete) != 0;
                    errors[i] = isDone ? 0 : error;
                }

                return 0;
            }

            errno = errno != 0 ? errno : TakeErrno();
            if (errno != Errno.EINTR)
            {
                return -errno;
            }

            isRepeated = true;
        }
    }

    /// <summary>
    /// Waits for events, at most <paramref name="timeoutNanoseconds"/> (negative: without end). A signal ends the wait with 0 events, so
    /// that the caller works out the rest anew.
    /// </summary>
    internal int Wait(int kqueue, KeventList events, long timeoutNanoseconds)
    {
        KqueueTimeout timeout;
        long seconds = timeoutNanoseconds / 1_000_000_000;
        bool isCut = seconds >= LongestWaitSeconds;
        timeout.Seconds = (nint)(isCut ? LongestWaitSeconds : seconds);
        timeout.Nanoseconds = isCut ? 0 : (nint)(timeoutNanoseconds % 1_000_000_000);
        int capacity = events.Capacity;
        if (NativeFaults.IsOn && NativeFaults.Fails(NativeCall.KeventWait, kqueue, ref capacity) && timeoutNanoseconds != 0)
        {
            // A signal is the one thing that a wait may be told. A look that does not wait is made all the same.
            return 0;
        }

        Marshal.SetLastSystemError(0);
        int count = _kevent(kqueue, null, 0, events.Memory, capacity, timeoutNanoseconds < 0 ? null : &timeout);
        if (count >= 0)
        {
            return count;
        }

        int errno = TakeErrno();
        return errno == Errno.EINTR ? 0 : -errno;
    }

    private int ReadReceipt(byte* receipt) =>
        (KeventList.Flags(receipt) & KqueueNumbers.Error) != 0 ? _abi.ToCanonicalErrno((int)KeventList.Data(receipt)) : Errno.EINVAL;

    private int TakeErrno() => _abi.ToCanonicalErrno(Marshal.GetLastSystemError());
}

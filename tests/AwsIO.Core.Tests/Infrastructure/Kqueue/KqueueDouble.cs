using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AwsIO.Native.Bsd;
using AwsIO.Native.Platform;

namespace AwsIO.Tests.Infrastructure.Kqueue;

/// <summary>
/// A kqueue on Linux, for tests of what runs on one: the layouts, numbers and errno of a BSD in front, epoll behind.
/// </summary>
/// <remarks>
/// <para>
/// Each filter has an epoll of its own, both stand below a third one, and so a descriptor's two filters know nothing of each other, as
/// knotes do. A change makes an entry anew where there is one (which arms it once more) and adds it where there is none; what a
/// descriptor's close forgets, the kernel forgets by itself.
/// </para>
/// <para>
/// It knows what the loop uses and refuses the rest with EINVAL. It is no kernel: nothing here says how macOS or FreeBSD time things,
/// pass arguments, or treat a regular file, which epoll refuses.
/// </para>
/// </remarks>
internal sealed unsafe partial class KqueueDouble
{
    private const uint ReadMask = LinuxCalls.In | LinuxCalls.ReadHangUp | LinuxCalls.EdgeTriggered;
    private const uint WriteMask = LinuxCalls.Out | LinuxCalls.EdgeTriggered;

    private static readonly ConcurrentDictionary<int, KqueueDouble> s_open = new();

    [ThreadStatic]
    private static KqueueFaults? s_faults;

    private readonly Abi _abi;
    private readonly KqueueNumbers _numbers;
    private readonly KqueueFaults _faults;
    private readonly object _gate = new();
    private readonly int _all;
    private readonly int _read;
    private readonly int _write;
    private readonly int _user;
    private readonly Dictionary<int, Knote> _readers = [];
    private readonly Dictionary<int, Knote> _writers = [];
    private readonly Dictionary<int, UserKnote> _users = [];

    private KqueueDouble(Abi abi, KqueueFaults faults)
    {
        _abi = abi;
        _numbers = abi.Kqueue!;
        _faults = faults;
        _all = LinuxCalls.NewEpoll();
        _read = LinuxCalls.NewEpoll();
        _write = LinuxCalls.NewEpoll();
        _user = LinuxCalls.NewEvent();
    }

    /// <summary>How many kqueues are open now.</summary>
    internal static int Count => s_open.Count;

    /// <summary>The functions of a BSD as calls for the loop.</summary>
    /// <param name="abi">macOS or FreeBSD.</param>
    internal static KqueueCalls Calls(Abi abi) => new(
        abi, abi.Kind == AbiKind.FreeBsd ? &KqueueOfFreeBsd : &KqueueOfDarwin, &Kevent, &Close);

    /// <summary>Runs something that makes kqueues; they have these faults.</summary>
    internal static T With<T>(KqueueFaults faults, Func<T> make)
    {
        s_faults = faults;
        try
        {
            return make();
        }
        finally
        {
            s_faults = null;
        }
    }

    [UnmanagedCallersOnly]
    private static int KqueueOfDarwin() => New(Abi.Darwin);

    [UnmanagedCallersOnly]
    private static int KqueueOfFreeBsd() => New(Abi.FreeBsd);

    [UnmanagedCallersOnly]
    private static int Kevent(int kqueue, byte* changes, int changeCount, byte* events, int eventCount, KqueueTimeout* timeout)
    {
        if (!s_open.TryGetValue(kqueue, out KqueueDouble? found))
        {
            // Its number is of no importance to the caller: EBADF is 9 everywhere.
            Marshal.SetLastSystemError(LinuxCalls.EBADF);
            return -1;
        }

        int result = found.Call(changes, changeCount, events, eventCount, timeout);
        if (result >= 0)
        {
            return result;
        }

        Marshal.SetLastSystemError(found._abi.ToNativeErrno(-result));
        return -1;
    }

    [UnmanagedCallersOnly]
    private static int Close(int descriptor)
    {
        if (!s_open.TryRemove(descriptor, out KqueueDouble? found))
        {
            Marshal.SetLastSystemError(LinuxCalls.EBADF);
            return -1;
        }

        found.CloseAll();
        return 0;
    }

    private static int New(Abi abi)
    {
        KqueueFaults faults = s_faults ?? new KqueueFaults();
        int refusal = faults.TakeRefusal(0);
        KqueueDouble? made = refusal == 0 ? new(abi, faults) : null;
        int error = made is null ? -refusal : made.Connect();
        if (error < 0)
        {
            made?.CloseAll();
            Marshal.SetLastSystemError(abi.ToNativeErrno(-error));
            return -1;
        }

        s_open[made!._all] = made;
        return made._all;
    }

    private int Connect()
    {
        Span<int> parts = [_all, _read, _write, _user];
        foreach (int part in parts)
        {
            if (part < 0)
            {
                return part;
            }
        }

        foreach (int part in parts[1..])
        {
            int result = LinuxCalls.Control(_all, LinuxCalls.Add, part, LinuxCalls.In);
            if (result < 0)
            {
                return result;
            }
        }

        return 0;
    }

    private void CloseAll()
    {
        foreach (int part in (ReadOnlySpan<int>)[_user, _write, _read, _all])
        {
            if (part >= 0)
            {
                _ = LinuxCalls.Close(part);
            }
        }
    }

    private int Call(byte* changes, int changeCount, byte* events, int eventCount, KqueueTimeout* timeout)
    {
        if (_numbers.AddsBothFiltersAtOnce || changeCount <= 1)
        {
            int receipts = Change(changes, changeCount, events, eventCount);
            if (receipts != 0 || eventCount == 0)
            {
                return receipts;
            }

            return Wait(events, eventCount, timeout is null ? -1 : (timeout->Seconds * 1_000_000_000) + timeout->Nanoseconds);
        }

        // FreeBSD is to be given one change at a time.
        return -LinuxCalls.EINVAL;
    }

    private byte* At(byte* events, int index) => events + (index * _numbers.EventSize);

    private static T Get<T>(byte* kevent, int offset)
        where T : unmanaged => Unsafe.ReadUnaligned<T>(kevent + offset);

    private void Put(byte* kevent, in Event value)
    {
        new Span<byte>(kevent, _numbers.EventSize).Clear();
        KeventList.Write(kevent, value.Ident, value.Filter, value.Flags, value.FilterFlags, value.UserData);
        Unsafe.WriteUnaligned(kevent + KqueueNumbers.DataOffset, value.Data);
    }

    /// <summary>One filter of one descriptor.</summary>
    private sealed class Knote
    {
        /// <summary>Tells this one from an earlier one of the same number, of which a copy may still be open.</summary>
        internal int Serial;
        internal ulong UserData;
        internal ushort Flags;

        /// <summary>AF_UNIX or AF_INET and so on; null for what is no socket.</summary>
        internal int? Domain;

        /// <summary>Whether the connection has been seen under way, and not yet standing.</summary>
        internal bool IsConnecting;
    }

    private sealed class UserKnote
    {
        internal ulong UserData;
        internal bool IsTriggered;
    }

    private struct Event
    {
        internal int Ident;
        internal short Filter;
        internal ushort Flags;
        internal uint FilterFlags;
        internal long Data;
        internal ulong UserData;
    }
}

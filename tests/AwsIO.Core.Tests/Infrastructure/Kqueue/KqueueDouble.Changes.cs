using AwsIO.Native.Platform;

namespace AwsIO.Tests.Infrastructure.Kqueue;

/// <summary>Adding, deleting, enabling, triggering.</summary>
internal sealed unsafe partial class KqueueDouble
{
    private const ushort Known =
        KqueueNumbers.Add | KqueueNumbers.Delete | KqueueNumbers.Enable | KqueueNumbers.Clear | KqueueNumbers.Receipt;

    // User's data of filters that are gone, the last few.
    private readonly ulong[] _stale = new ulong[16];
    private int _staleCount;
    private int _serial;

    /// <summary>Makes the changes in their order.</summary>
    /// <returns>
    /// How many receipts and errors were written to the events; a negative errno value when one had no room. With any of them no event is
    /// looked for.
    /// </returns>
    private int Change(byte* changes, int changeCount, byte* events, int eventCount)
    {
        int receipts = 0;
        for (int i = 0; i < changeCount; i++)
        {
            byte* change = At(changes, i);
            ushort flags = Get<ushort>(change, KqueueNumbers.FlagsOffset);
            int error = Change(change, flags);
            if (error == 0 && (flags & KqueueNumbers.Receipt) == 0)
            {
                continue;
            }

            if (receipts == eventCount)
            {
                return error == 0 ? receipts : -error;
            }

            Put(At(events, receipts++), new Event
            {
                Ident = Get<int>(change, KqueueNumbers.IdentOffset),
                Filter = Get<short>(change, KqueueNumbers.FilterOffset),
                Flags = (ushort)(flags | KqueueNumbers.Error),
                FilterFlags = Get<uint>(change, KqueueNumbers.FilterFlagsOffset),
                Data = _abi.ToNativeErrno(error),
                UserData = Get<ulong>(change, KqueueNumbers.UserDataOffset),
            });
        }

        return receipts;
    }

    /// <returns>0, or a positive errno value of Linux.</returns>
    private int Change(byte* change, ushort flags)
    {
        int ident = Get<int>(change, KqueueNumbers.IdentOffset);
        short filter = Get<short>(change, KqueueNumbers.FilterOffset);
        ulong data = Get<ulong>(change, KqueueNumbers.UserDataOffset);
        int refusal = _faults.TakeRefusal(filter);
        if (refusal != 0)
        {
            return refusal;
        }

        // What lies behind the first 32 bytes on FreeBSD belongs to the kernel: garbage there would mean something.
        ReadOnlySpan<byte> rest = new(change + 32, _numbers.EventSize - 32);
        if ((flags & ~Known) != 0 || rest.IndexOfAnyExcept((byte)0) >= 0)
        {
            return LinuxCalls.EINVAL;
        }

        lock (_gate)
        {
            return filter == _numbers.FilterUser
                ? ChangeUser(ident, flags, Get<uint>(change, KqueueNumbers.FilterFlagsOffset), data)
                : filter switch
                {
                    KqueueNumbers.FilterRead => ChangeFilter(_read, ReadMask, _readers, ident, flags, data),
                    KqueueNumbers.FilterWrite => ChangeFilter(_write, WriteMask, _writers, ident, flags, data),
                    _ => LinuxCalls.EINVAL,
                };
        }
    }

    private int ChangeUser(int ident, ushort flags, uint filterFlags, ulong data)
    {
        if (!_users.TryGetValue(ident, out UserKnote? knote))
        {
            if ((flags & KqueueNumbers.Add) == 0)
            {
                return LinuxCalls.ENOENT;
            }

            _users[ident] = knote = new UserKnote();
        }

        // Any change sets the user's data.
        knote.UserData = data;
        if ((filterFlags & KqueueNumbers.NoteTrigger) != 0)
        {
            knote.IsTriggered = true;
            LinuxCalls.Signal(_user);
        }

        return 0;
    }

    private int ChangeFilter(int epoll, uint mask, Dictionary<int, Knote> knotes, int ident, ushort flags, ulong data)
    {
        if ((flags & KqueueNumbers.Delete) != 0)
        {
            return DeleteFilter(epoll, knotes, ident);
        }

        int serial = knotes.TryGetValue(ident, out Knote? known) ? known.Serial : 0;
        int result = LinuxCalls.Control(epoll, LinuxCalls.Modify, ident, mask, serial);
        if (result is -LinuxCalls.ENOENT && (flags & KqueueNumbers.Add) != 0)
        {
            // There is none, or there was one of a descriptor that has been closed since.
            Forget(knotes, ident, data);
            serial = ++_serial;
            result = LinuxCalls.Control(epoll, LinuxCalls.Add, ident, mask, serial);
        }

        if (result < 0)
        {
            return (flags & KqueueNumbers.Add) == 0 ? LinuxCalls.ENOENT : -result;
        }

        if (!knotes.TryGetValue(ident, out Knote? knote))
        {
            knotes[ident] = knote = new Knote();
            knote.Domain = LinuxCalls.Option(ident, LinuxCalls.SocketDomain);

            // One that is closed already was refused before anybody looked, as far as can be known.
            knote.IsConnecting = LinuxCalls.Tcp(ident).State is TcpState.SynSent or TcpState.Closed;
        }

        knote.Serial = serial;
        knote.UserData = data;
        knote.Flags = (ushort)(flags & (KqueueNumbers.Clear | KqueueNumbers.Receipt));
        return 0;
    }

    private int DeleteFilter(int epoll, Dictionary<int, Knote> knotes, int ident)
    {
        bool isKnown = knotes.ContainsKey(ident);
        Forget(knotes, ident, 0);
        int result = LinuxCalls.Control(epoll, LinuxCalls.Delete, ident, 0);
        if (result == 0 && isKnown)
        {
            return 0;
        }

        // macOS looks for the filter first, FreeBSD for the descriptor.
        return _abi.Kind == AbiKind.FreeBsd && result == -LinuxCalls.EBADF ? LinuxCalls.EBADF : LinuxCalls.ENOENT;
    }

    private void Forget(Dictionary<int, Knote> knotes, int ident, ulong successor)
    {
        if (knotes.Remove(ident, out Knote? gone) && gone.UserData != successor)
        {
            _stale[_staleCount++ % _stale.Length] = gone.UserData;
        }
    }
}

using AwsIO.Native.Platform;

namespace AwsIO.Tests.Infrastructure.Kqueue;

/// <summary>Waiting, and what epoll's events mean to the filters.</summary>
internal sealed unsafe partial class KqueueDouble
{
    private const int AddressFamilyUnix = 1;
    private const int ConnectionReset = 104;
    private const int ConnectionRefused = 111;

    // Held events, those of the last wait that come with the next one.
    private readonly Event[] _held = new Event[64];
    private int _heldCount;
    private byte[] _ready = [];

    private int Wait(byte* events, int capacity, long timeout)
    {
        if (_faults.Take(KqueueFault.Interrupt))
        {
            return -LinuxCalls.EINTR;
        }

        int room = _faults.Take(KqueueFault.OneSlot) ? 1 : capacity;
        long start = IoClock.Now;
        byte* parts = stackalloc byte[3 * 16];
        while (true)
        {
            long left = timeout < 0 ? -1 : Math.Max(timeout - (IoClock.Now - start), 0);
            int result = LinuxCalls.Wait(_all, parts, 3, _heldCount > 0 ? 0 : left);
            if (result < 0)
            {
                return result;
            }

            int count = 0;
            lock (_gate)
            {
                TakeHeld(events, room, ref count);
                for (int i = 0; i < result; i++)
                {
                    Collect(LinuxCalls.EventDescriptor(parts, i), events, room, ref count);
                }

                // A look that waits for nothing finds what there is: events invented there would keep a loop that spins from ever sleeping.
                AddFaults(events, room, byChance: left != 0 || result > 0, ref count);
            }

            // What was held back or meant nothing leaves an empty batch: time goes on.
            if (count > 0 || left == 0 || _heldCount > 0)
            {
                return count;
            }
        }
    }

    private void TakeHeld(byte* events, int room, ref int count)
    {
        int taken = Math.Min(room, _heldCount);
        for (int i = 0; i < taken; i++)
        {
            Put(At(events, count++), _held[i]);
        }

        Array.Copy(_held, taken, _held, 0, _heldCount - taken);
        _heldCount -= taken;
    }

    private void Collect(int part, byte* events, int room, ref int count)
    {
        if (part == _user)
        {
            CollectUser(events, room, ref count);
            return;
        }

        int free = room - count;
        if (free <= 0)
        {
            return;
        }

        if (_ready.Length < free * LinuxCalls.EventSize)
        {
            _ready = GC.AllocateUninitializedArray<byte>(free * LinuxCalls.EventSize, pinned: true);
        }

        bool isRead = part == _read;
        Dictionary<int, Knote> knotes = isRead ? _readers : _writers;
        fixed (byte* ready = _ready)
        {
            int found = LinuxCalls.Wait(part, ready, free, 0);
            for (int i = 0; i < found; i++)
            {
                int ident = LinuxCalls.EventDescriptor(ready, i);
                if (knotes.TryGetValue(ident, out Knote? knote) && knote.Serial == LinuxCalls.EventSerial(ready, i))
                {
                    uint mask = LinuxCalls.EventMask(ready, i);
                    Event value = isRead ? ReadEvent(ident, knote, mask) : WriteEvent(ident, knote, mask);
                    Deliver(value, mask, events, ref count);
                }
            }
        }
    }

    private void CollectUser(byte* events, int room, ref int count)
    {
        bool isAnyLeft = false;
        foreach ((int ident, UserKnote knote) in _users)
        {
            if (knote.IsTriggered && count < room)
            {
                knote.IsTriggered = false;
                Put(At(events, count++), new Event
                {
                    Ident = ident,
                    Filter = _numbers.FilterUser,
                    Flags = KqueueNumbers.Clear,
                    UserData = knote.UserData,
                });
            }

            isAnyLeft |= knote.IsTriggered;
        }

        if (!isAnyLeft)
        {
            LinuxCalls.Drain(_user);
        }
    }

    private Event ReadEvent(int ident, Knote knote, uint mask)
    {
        bool isListener = knote.Domain is not null && LinuxCalls.Option(ident, LinuxCalls.AcceptConnections) == 1;
        Event value = new()
        {
            Ident = ident,
            Filter = KqueueNumbers.FilterRead,
            Flags = knote.Flags,
            UserData = knote.UserData,
            Data = isListener ? LinuxCalls.Tcp(ident).Backlog : LinuxCalls.Count(ident, LinuxCalls.BytesToRead),
        };
        if ((mask & (LinuxCalls.ReadHangUp | LinuxCalls.HangUp)) != 0 || (knote.Domain is null && (mask & LinuxCalls.Error) != 0))
        {
            value.Flags |= KqueueNumbers.EndOfFile;
            value.FilterFlags = ErrorOf(ident, knote, mask);
        }

        NoteConnection(ident, knote);
        return value;
    }

    private Event WriteEvent(int ident, Knote knote, uint mask)
    {
        Event value = new()
        {
            Ident = ident,
            Filter = KqueueNumbers.FilterWrite,
            Flags = knote.Flags,
            UserData = knote.UserData,
            Data = knote.Domain is null
                ? 4096
                : Math.Max(
                    (LinuxCalls.Option(ident, LinuxCalls.SendBuffer) / 2 ?? 0) - LinuxCalls.Count(ident, LinuxCalls.BytesToSend), 0),
        };
        if ((mask & LinuxCalls.HangUp) != 0 || (knote.Domain is null && (mask & LinuxCalls.Error) != 0) || HasEndedWriting(ident, knote))
        {
            value.Flags |= KqueueNumbers.EndOfFile;
            value.FilterFlags = ErrorOf(ident, knote, mask);
        }

        NoteConnection(ident, knote);
        return value;
    }

    private static bool HasEndedWriting(int ident, Knote knote) => knote.Domain == AddressFamilyUnix
        ? LinuxCalls.HasEndedWriting(ident)
        : LinuxCalls.Tcp(ident).State
            is TcpState.FinWait1 or TcpState.FinWait2 or TcpState.Closing or TcpState.TimeWait or TcpState.LastAck;

    /// <summary>
    /// The error that a socket holds, which nobody can look at without taking it away: so it is known that there is one, and which
    /// is worked out. The socket keeps it for who reads SO_ERROR.
    /// </summary>
    private uint ErrorOf(int ident, Knote knote, uint mask)
    {
        if (knote.Domain is null || (mask & LinuxCalls.Error) == 0)
        {
            return 0;
        }

        bool isRefused = knote.IsConnecting && LinuxCalls.Tcp(ident).State == TcpState.Closed;
        return (uint)_abi.ToNativeErrno(isRefused ? ConnectionRefused : ConnectionReset);
    }

    private static void NoteConnection(int ident, Knote knote) =>
        knote.IsConnecting = knote.IsConnecting && LinuxCalls.Tcp(ident).State is TcpState.SynSent or TcpState.Closed;

    /// <summary>Puts an event into the batch, or something like it.</summary>
    private void Deliver(Event value, uint mask, byte* events, ref int count)
    {
        bool isReadEnd = value.Filter == KqueueNumbers.FilterRead && (value.Flags & KqueueNumbers.EndOfFile) != 0;
        if (isReadEnd && value.Data > 0 && HasRoomToHold && _faults.Take(KqueueFault.EndSplit))
        {
            Hold(value);
            value.Flags &= unchecked((ushort)~KqueueNumbers.EndOfFile);
            value.FilterFlags = 0;
        }
        else if (isReadEnd && (mask & LinuxCalls.HangUp) != 0 && _writers.TryGetValue(value.Ident, out Knote? writer)
            && HasRoomToHold && _faults.Take(KqueueFault.EndOnWriteFirst))
        {
            Hold(value);
            value.Filter = KqueueNumbers.FilterWrite;
            value.UserData = writer.UserData;
        }
        else if (isReadEnd && _faults.Take(KqueueFault.EndWithoutCount))
        {
            value.Data = 0;
        }
        else if (HasRoomToHold && _faults.Take(KqueueFault.HoldBack))
        {
            Hold(value);
            return;
        }

        Put(At(events, count++), value);
    }

    private bool HasRoomToHold => _heldCount < _held.Length;

    private void Hold(in Event value) => _held[_heldCount++] = value;

    private void AddFaults(byte* events, int room, bool byChance, ref int count)
    {
        if (count < room && _staleCount > 0 && _faults.Take(KqueueFault.StaleData, byChance))
        {
            Put(At(events, count++), new Event
            {
                Filter = KqueueNumbers.FilterRead,
                Flags = KqueueNumbers.Clear | KqueueNumbers.EndOfFile,
                UserData = _stale[_faults.Choose(Math.Min(_staleCount, _stale.Length))],
            });
        }

        if (count < room && _users.Count > 0 && _faults.Take(KqueueFault.SpuriousWakeUp, byChance))
        {
            foreach ((int ident, UserKnote knote) in _users)
            {
                Put(At(events, count++), new Event { Ident = ident, Filter = _numbers.FilterUser, UserData = knote.UserData });
                break;
            }
        }

        AddSpurious(KqueueFault.SpuriousWrite, KqueueNumbers.FilterWrite, _writers, events, room, byChance, ref count);
        AddSpurious(KqueueFault.SpuriousRead, KqueueNumbers.FilterRead, _readers, events, room, byChance, ref count);
        if (count > 1 && _faults.Take(KqueueFault.Reorder, byChance))
        {
            Shuffle(events, count);
        }
    }

    private void AddSpurious(
        KqueueFault fault, short filter, Dictionary<int, Knote> knotes, byte* events, int room, bool byChance, ref int count)
    {
        if (count == room || knotes.Count == 0 || !_faults.Take(fault, byChance))
        {
            return;
        }

        int place = _faults.Choose(knotes.Count);
        foreach ((int ident, Knote knote) in knotes)
        {
            if (place-- == 0)
            {
                Put(At(events, count++), new Event { Ident = ident, Filter = filter, Flags = knote.Flags, UserData = knote.UserData });
                return;
            }
        }
    }

    private void Shuffle(byte* events, int count)
    {
        byte* spare = stackalloc byte[_numbers.EventSize];
        for (int i = count - 1; i > 0; i--)
        {
            int other = _faults.Choose(i + 1);
            Copy(At(events, i), spare);
            Copy(At(events, other), At(events, i));
            Copy(spare, At(events, other));
        }
    }

    private void Copy(byte* from, byte* to) => Buffer.MemoryCopy(from, to, _numbers.EventSize, _numbers.EventSize);
}

using System.Buffers;

namespace AwsIO.Tests.Infrastructure.Connections;

/// <summary>
/// The leftmost handler of a channel that has no socket: hands its bytes to another's. It can split, join, corrupt and cut what it
/// delivers, at exact bytes.
/// </summary>
internal sealed class MemoryWire : ChannelHandler
{
    private readonly ArrayBufferWriter<byte> _received = new();
    private MemoryWire _peer = null!;
    private IoTask? _pump;
    private long _delivered;
    private bool _peerEnded;
    private bool _peerReset;
    private bool _readDown;
    private bool _writeDown;
    private bool _ended;
    private int _lastLength;

    private MemoryWire()
    {
    }

    /// <summary>The most bytes delivered in one message, and then the loop has its turn.</summary>
    internal int MaxChunk { get; set; } = int.MaxValue;

    /// <summary>Whether bytes are joined: delivered only after a while in which no more came.</summary>
    internal bool Joins { get; set; }

    /// <summary>After how many bytes the peer seems to have gone.</summary>
    internal long CutAfter { get; set; } = long.MaxValue;

    /// <summary>Whether a peer that has gone is told of as a reset rather than as an end.</summary>
    internal bool CutsWithReset { get; set; }

    /// <summary>Nothing is delivered while this is set.</summary>
    internal bool IsHeld { get; set; }

    /// <summary>Changes bytes on their way; given their position in the stream.</summary>
    internal Func<long, byte, byte>? Corrupt { get; set; }

    /// <summary>Everything that came from the peer's side, delivered or not.</summary>
    internal byte[] Received => _received.WrittenSpan.ToArray();

    internal long Delivered => _delivered;

    /// <summary>How many of this side's messages have been written.</summary>
    internal int Written { get; private set; }

    private IoChannel Channel => Slot!.Channel;

    internal static (MemoryWire Client, MemoryWire Server) CreatePair()
    {
        MemoryWire client = new();
        MemoryWire server = new() { _peer = client };
        client._peer = server;
        return (client, server);
    }

    /// <summary>Goes on delivering, after <see cref="IsHeld"/> or a limit was changed.</summary>
    internal void Pump()
    {
        if (_pump is { IsScheduled: true } || _ended)
        {
            return;
        }

        _pump ??= IoTask.Create(static (wire, status) => wire.OnPump(status), this);
        Channel.EventLoop.Schedule(_pump);
    }

    protected internal override IoError OnRead(ChannelSlot slot, IoMessage message) => IoErrorCode.ChannelCantAcceptInput;

    protected internal override IoError OnWrite(ChannelSlot slot, IoMessage message)
    {
        if (_writeDown)
        {
            return new IoError(IoErrorCode.SocketClosed, "The wire's writing direction is over.");
        }

        Written++;
        Hand(message.Data.ToArray());
        if (message.IsLast)
        {
            EndWriting(reset: false);
        }

        Channel.EventLoop.Schedule(IoTask.Create(static (done, _) => done.Complete(IoError.None), message));
        return IoError.None;
    }

    protected internal override void OnWindowIncrement(ChannelSlot slot, long size) => Pump();

    protected internal override void OnShutdown(ChannelSlot slot, ChannelDirection direction, IoError reason, ShutdownMode mode)
    {
        if (direction == ChannelDirection.Read)
        {
            _readDown = true;
        }
        else
        {
            EndWriting(mode == ShutdownMode.Immediate);
        }

        slot.CompleteShutdown(direction, reason, mode);
    }

    private void Hand(byte[] data) => _peer.Channel.EventLoop.Schedule(IoTask.Create(
        static (work, _) =>
        {
            work.peer._received.Write(work.data);
            work.peer.Pump();
        },
        (peer: _peer, data)));

    private void EndWriting(bool reset)
    {
        if (_writeDown)
        {
            return;
        }

        _writeDown = true;
        _peer.Channel.EventLoop.Schedule(IoTask.Create(
            static (work, _) =>
            {
                work.peer._peerEnded = true;
                work.peer._peerReset = work.reset;
                work.peer.Pump();
            },
            (peer: _peer, reset)));
    }

    private void OnPump(IoTaskStatus status)
    {
        if (status != IoTaskStatus.Run || IsHeld || _readDown || _ended)
        {
            return;
        }

        if (Joins && _received.WrittenCount != _lastLength && !_peerEnded)
        {
            // More came since the last look: perhaps still more will.
            _lastLength = _received.WrittenCount;
            Wait(8);
            return;
        }

        Deliver();
    }

    private void Wait(int ticks) => _ = Channel.EventLoop.AfterTicks(ticks, Pump);

    private void Deliver()
    {
        ChannelSlot slot = Slot!;
        while (!_readDown)
        {
            long left = Math.Min(_received.WrittenCount, CutAfter) - _delivered;
            if (left <= 0)
            {
                break;
            }

            long window = slot.DownstreamWindow;
            if (window <= 0)
            {
                return;
            }

            IoMessage message = Channel.RentMessage((int)Math.Min(Math.Min(window, left), MaxChunk));
            Fill(message, left);
            IoError error = slot.Send(message, ChannelDirection.Read);
            if (error.IsError)
            {
                message.Release();
                Channel.Shutdown(error);
                return;
            }

            if (MaxChunk != int.MaxValue)
            {
                Pump();
                return;
            }
        }

        if (!_readDown && (_delivered >= CutAfter || (_peerEnded && _delivered == _received.WrittenCount)))
        {
            End(slot);
        }
    }

    private void Fill(IoMessage message, long left)
    {
        int count = (int)Math.Min(message.Capacity, left);
        ReadOnlySpan<byte> source = _received.WrittenSpan.Slice((int)_delivered, count);
        for (int i = 0; i < count; i++)
        {
            message.FreeSpace[0] = Corrupt?.Invoke(_delivered + i, source[i]) ?? source[i];
            message.Advance(1);
        }

        _delivered += count;
    }

    private void End(ChannelSlot slot)
    {
        _ended = true;
        if (_peerReset || CutsWithReset)
        {
            Channel.Shutdown(new IoError(IoErrorCode.SocketClosed, 104, "Reading over the wire failed: connection reset"));
        }
        else
        {
            slot.SendReadEnd(new IoError(IoErrorCode.SocketClosed, "The peer has ended the connection over the wire"));
        }
    }
}

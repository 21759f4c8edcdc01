using System.Buffers.Binary;

namespace AwsIO.Samples;

// <snippet frames>
/// <summary>
/// Makes messages out of a stream and back: each is sent behind its length, four bytes, the highest first. To its right, a message is a
/// frame.
/// </summary>
/// <remarks>
/// The right neighbour's window has to grow to the length of a frame some time. Frames that wait for it when the channel is shut down are lost.
/// </remarks>
internal sealed class LengthPrefixHandler(int longestFrame) : ChannelHandler
{
    private const int HeaderSize = 4;
    private const int Most = 256 * 1024;

    // A frame has to fit one message.
    private readonly int _longestFrame = longestFrame is >= 0 and <= Most
        ? longestFrame
        : throw new ArgumentOutOfRangeException(nameof(longestFrame), longestFrame, $"A frame has 0 to {Most} bytes at the most.");

    // What came and is not cut yet: a message's mark says how far it is.
    private readonly Queue<IoMessage> _input = new();
    private IoMessage? _frame;
    private uint _length;
    private int _headerBytes;
    private IoError? _readEnd;
    private bool _isOver;

    /// <summary>One frame that waits for room to the right, and the next that comes meanwhile.</summary>
    protected override long InitialWindow => 2L * (HeaderSize + _longestFrame);

    protected override int MessageOverhead => HeaderSize;

    protected override IoError OnRead(ChannelSlot slot, IoMessage message)
    {
        message.CopyMark = 0;
        _input.Enqueue(message);
        Deliver(slot);
        return IoError.None;
    }

    /// <summary>The right one takes more: perhaps the frame that waits.</summary>
    protected override void OnWindowIncrement(ChannelSlot slot, long size) => Deliver(slot);

    protected override void OnReadEnd(ChannelSlot slot, IoError reason)
    {
        // Behind the frames that wait.
        _readEnd = reason;
        Deliver(slot);
    }

    protected override IoError OnWrite(ChannelSlot slot, IoMessage message)
    {
        if (message is { Length: 0, IsLast: true })
        {
            // The end of the writing direction is no frame.
            return base.OnWrite(slot, message);
        }

        if (message.Length > _longestFrame)
        {
            return new IoError(IoErrorCode.InvalidArgument, $"A frame has at most {_longestFrame} bytes, and this one {message.Length}.");
        }

        IoMessage framed = slot.Channel.RentMessage(HeaderSize + message.Length);
        BinaryPrimitives.WriteInt32BigEndian(framed.FreeSpace, message.Length);
        framed.Advance(HeaderSize);
        framed.Append(message.Data);
        framed.IsLast = message.IsLast;
        message.MoveCompletionTo(framed);
        IoError error = slot.Send(framed, ChannelDirection.Write);
        if (error.IsError)
        {
            // The message stays with who sent it, and so does its completion.
            framed.MoveCompletionTo(message);
            framed.Release();
            return error;
        }

        message.Release();
        return IoError.None;
    }

    protected override void OnShutdown(ChannelSlot slot, ChannelDirection direction, IoError reason, ShutdownMode mode)
    {
        _isOver |= direction == ChannelDirection.Read;
        base.OnShutdown(slot, direction, reason, mode);
    }

    protected override void OnDestroyed() => Drop();

    private void Deliver(ChannelSlot slot)
    {
        while (!_isOver && TryFill(slot) && slot.DownstreamWindow >= _frame!.Length)
        {
            IoMessage frame = _frame;
            _frame = null;
            _headerBytes = 0;

            // Only now, so that a receiver that takes nothing stops the peer.
            slot.IncrementReadWindow(HeaderSize + frame.Length);
            IoError error = slot.Send(frame, ChannelDirection.Read);
            if (error.IsError)
            {
                frame.Release();
                End(slot, error);
            }
        }

        if (_isOver)
        {
            slot.IncrementReadWindow(Drop());
        }
        else if (_readEnd is { } reason && _input.Count == 0 && !IsWhole)
        {
            _readEnd = null;
            bool isWhole = _headerBytes == 0;
            slot.SendReadEnd(isWhole ? reason : new IoError(IoErrorCode.SocketClosed, "The peer has finished in the middle of a frame."));
        }
    }

    private bool IsWhole => _frame is not null && _frame.Length == _length;

    /// <summary>Goes on with the frame that has been begun, or begins one.</summary>
    /// <returns>Whether it is whole.</returns>
    private bool TryFill(ChannelSlot slot)
    {
        while (!_isOver && !IsWhole && _input.TryPeek(out IoMessage? message))
        {
            ReadOnlySpan<byte> rest = message.Data[message.CopyMark..];
            int taken = _frame is null ? TakeHeader(slot, rest) : _frame.Append(rest);
            message.CopyMark += taken;
            if (taken == rest.Length)
            {
                _input.Dequeue().Release();
            }
        }

        return IsWhole;
    }

    private int TakeHeader(ChannelSlot slot, ReadOnlySpan<byte> data)
    {
        int taken = 0;
        for (; taken < data.Length && _headerBytes < HeaderSize; taken++, _headerBytes++)
        {
            _length = (_length << 8) | data[taken];
        }

        if (_headerBytes < HeaderSize)
        {
            return taken;
        }

        if (_length > _longestFrame)
        {
            End(slot, new IoError(IoErrorCode.InvalidArgument, $"The peer's frame has {_length} bytes; {_longestFrame} are allowed."));
        }
        else
        {
            _frame = slot.Channel.RentMessage((int)_length);
        }

        return taken;
    }

    private void End(ChannelSlot slot, IoError reason)
    {
        _isOver = true;
        slot.Channel.Shutdown(reason);
    }

    /// <summary>Lets go of what nobody will be given.</summary>
    /// <returns>How many bytes that came it was.</returns>
    private int Drop()
    {
        int count = _headerBytes + (_frame?.Length ?? 0);
        _frame?.Release();
        _frame = null;
        _headerBytes = 0;
        while (_input.TryDequeue(out IoMessage? message))
        {
            count += message.Length - message.CopyMark;
            message.Release();
        }

        return count;
    }
}
// </snippet>

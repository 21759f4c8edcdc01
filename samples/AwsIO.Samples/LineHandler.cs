namespace AwsIO.Samples;

/// <summary>Told of each line that came, on the channel's loop's thread.</summary>
/// <param name="handler">Whose peer has sent it: answers go to its <see cref="LineHandler.WriteLine"/>.</param>
/// <param name="line">The line's bytes without its end; good during this call only.</param>
internal delegate void LineCallback(LineHandler handler, ReadOnlySpan<byte> line);

// <snippet lines>
/// <summary>The last handler of a protocol of lines, which end with LF or CR LF and have a bounded length.</summary>
internal sealed class LineHandler(int longestLine, LineCallback onLine) : ChannelHandler
{
    // The beginning of a line whose end is still to come; with room for a CR.
    private readonly byte[] _begun = new byte[longestLine + 1];
    private int _count;
    private long _owed;
    private bool _isOver;

    protected override long InitialWindow => 16 * 1024;

    /// <summary>Writes a line and LF, in as many messages as that takes. Loop thread.</summary>
    internal IoError WriteLine(ReadOnlySpan<byte> line)
    {
        bool isEnded = false;
        while (!isEnded)
        {
            int room = Slot!.Channel.FragmentSize - Slot.UpstreamMessageOverhead;
            IoMessage message = Slot.Channel.RentMessage(Math.Min(line.Length + 1, room));
            line = line[message.Append(line)..];
            isEnded = line.IsEmpty && message.Append("\n"u8) == 1;
            IoError error = Slot.Send(message, ChannelDirection.Write);
            if (error.IsError)
            {
                // Nobody has taken it.
                message.Release();
                return error;
            }
        }

        return IoError.None;
    }

    /// <summary>Takes no more lines, and ends the channel once what was written has been sent. Loop thread.</summary>
    internal void Close(IoError reason)
    {
        _isOver = true;
        Slot!.Channel.Shutdown(reason);
    }

    protected override IoError OnRead(ChannelSlot slot, IoMessage message)
    {
        _owed += message.Length;
        try
        {
            Cut(message.Data);
        }
        finally
        {
            message.Release();
        }

        if (slot.Channel.IsWritable || _isOver)
        {
            Grant(slot);
        }

        return IoError.None;
    }

    /// <summary>A peer that does not take its answers is not read from either.</summary>
    protected override void OnWritabilityChanged(ChannelSlot slot, bool isWritable)
    {
        if (isWritable)
        {
            Grant(slot);
        }
    }

    protected override void OnReadEnd(ChannelSlot slot, IoError reason)
    {
        if (_count > 0 && !_isOver)
        {
            reason = new IoError(IoErrorCode.SocketClosed, $"The peer has finished in the middle of a line, after {_count} bytes of it.");
        }

        base.OnReadEnd(slot, reason);
    }

    private void Grant(ChannelSlot slot)
    {
        slot.IncrementReadWindow(_owed);
        _owed = 0;
    }

    private void Cut(ReadOnlySpan<byte> data)
    {
        while (!_isOver && !data.IsEmpty)
        {
            int end = data.IndexOf((byte)'\n');
            ReadOnlySpan<byte> part = end < 0 ? data : data[..end];
            data = data[(end < 0 ? data.Length : end + 1)..];
            if (_count + part.Length > _begun.Length)
            {
                RefuseLine();
            }
            else if (end >= 0 && _count == 0)
            {
                // The whole line is in the message: it is not copied.
                TakeLine(part);
            }
            else
            {
                part.CopyTo(_begun.AsSpan(_count));
                _count += part.Length;
                TakeBegun(isEnded: end >= 0);
            }
        }
    }

    private void TakeBegun(bool isEnded)
    {
        ReadOnlySpan<byte> line = _begun.AsSpan(0, _count);
        if (isEnded)
        {
            _count = 0;
            TakeLine(line);
        }
        else if (line.Length > longestLine && line[^1] != '\r')
        {
            RefuseLine();
        }
    }

    private void TakeLine(ReadOnlySpan<byte> line)
    {
        line = line is [.., (byte)'\r'] ? line[..^1] : line;
        if (line.Length > longestLine)
        {
            RefuseLine();
        }
        else
        {
            onLine(this, line);
        }
    }

    private void RefuseLine() => Close(new IoError(IoErrorCode.InvalidArgument, $"The peer's line has more than {longestLine} bytes."));
}
// </snippet>

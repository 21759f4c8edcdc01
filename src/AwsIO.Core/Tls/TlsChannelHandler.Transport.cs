namespace AwsIO;

/// <summary>The queues between the channel's messages and the session.</summary>
public sealed partial class TlsChannelHandler
{
    /// <summary>Sends the ciphertext that has gathered to the left.</summary>
    /// <param name="source">The message of which it is, if any: gets its completion back where sending fails.</param>
    private IoError Flush(IoMessage? source = null)
    {
        IoMessage? message = _transport.TakeOutput();
        IoError error = IoError.None;
        while (message is not null)
        {
            IoMessage? next = message.Next;
            message.Next = null;
            if (error.IsNone)
            {
                error = Slot!.Send(message, ChannelDirection.Write);
            }

            if (error.IsError)
            {
                if (source is not null)
                {
                    message.MoveCompletionTo(source);
                }

                message.Release();
            }

            message = next;
        }

        return error;
    }

    /// <summary>
    /// Asks for as much ciphertext as the application's window needs: never less than a record's share, so that nothing stalls, and
    /// never more than its plaintext has room for, so that memory stays bounded.
    /// </summary>
    private void TopUpWindow()
    {
        ChannelSlot slot = Slot!;
        long downstream = slot.DownstreamWindow;
        long records = (downstream / RecordSize) + 1;
        long want = downstream > long.MaxValue / 2 ? long.MaxValue : downstream + (records * RecordOverhead) + HandshakeWindow;
        long have = slot.Window > long.MaxValue / 2 ? long.MaxValue : slot.Window + slot.PendingIncrement + _transport.InputBytes;
        if (have < want)
        {
            slot.IncrementReadWindow(want - have);
        }
    }

    /// <summary>
    /// Drops what came and will not be looked at, and makes room for more of it: where the left neighbour is another TLS connection, it ends
    /// only when it is rid of all that it has decrypted.
    /// </summary>
    private void DropInput()
    {
        _transport.ReleaseInput();
        if (!_isDestroyed)
        {
            TopUpWindow();
        }
    }

    private sealed class Transport(TlsChannelHandler handler) : ITlsTransport
    {
        private MessageQueue _input;
        private MessageQueue _output;

        /// <summary>Ciphertext that was received and not yet given to the session.</summary>
        internal long InputBytes { get; private set; }

        /// <summary>How much more output is expected soon: decides the size of the next message.</summary>
        internal int OutputHint { get; set; }

        /// <summary>The message that the ciphertext so far ends in; null when there is none.</summary>
        internal IoMessage? LastOutput => _output.Last;

        public int ReadCiphertext(Span<byte> destination)
        {
            int total = 0;
            while (_input.First is { } message && total < destination.Length)
            {
                ReadOnlySpan<byte> rest = message.Data[message.CopyMark..];
                int count = Math.Min(rest.Length, destination.Length - total);
                rest[..count].CopyTo(destination[total..]);
                total += count;
                message.CopyMark += count;
                if (message.CopyMark == message.Length)
                {
                    _input.Dequeue().Release();
                }
            }

            InputBytes -= total;
            return total;
        }

        public void WriteCiphertext(ReadOnlySpan<byte> ciphertext)
        {
            while (!ciphertext.IsEmpty)
            {
                if (_output.Last is not { } last || last.Length == last.Capacity)
                {
                    last = handler.Channel.RentMessage(Math.Max(ciphertext.Length, OutputHint));
                    _output.Enqueue(last);
                }

                ciphertext = ciphertext[last.Append(ciphertext)..];
            }
        }

        internal void AddInput(IoMessage message)
        {
            message.CopyMark = 0;
            InputBytes += message.Length;
            _input.Enqueue(message);
        }

        internal IoMessage? TakeOutput() => _output.TakeAll();

        internal void ReleaseInput()
        {
            while (_input.First is not null)
            {
                _input.Dequeue().Release();
            }

            InputBytes = 0;
        }

        internal void ReleaseAll()
        {
            ReleaseInput();
            for (IoMessage? message = TakeOutput(); message is not null;)
            {
                IoMessage? next = message.Next;
                message.Release();
                message = next;
            }
        }
    }
}

namespace AwsIO;

/// <summary>A source of bytes whose reads complete later (<c>aws_async_input_stream</c>). One read at a time.</summary>
public abstract class AsyncInputStream
{
    /// <summary>Reads some bytes behind those in the buffer (<c>aws_async_input_stream_read</c>).</summary>
    /// <param name="buffer">Belongs to the stream until the read is done; must have room.</param>
    /// <returns>
    /// Done on any thread, with true when the end was reached; no bytes and no end is legal. Fails with
    /// <see cref="IoErrorCode.ShortBuffer"/> when the buffer is full.
    /// </returns>
    public Future<bool> Read(IoBuffer buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        return buffer.IsFull ? Future<bool>.FromError(IoErrorCode.ShortBuffer) : ReadSomeOrFail(buffer);
    }

    /// <summary>
    /// Reads until the buffer is full, the end is reached or a read fails (<c>aws_async_input_stream_read_to_fill</c>).
    /// </summary>
    /// <param name="buffer">Belongs to the stream until the read is done; must have room.</param>
    /// <returns>
    /// Done on any thread, with true when the end was reached: a buffer that is filled exactly may leave that to the next read. A
    /// failure leaves what was read before in the buffer.
    /// </returns>
    public Future<bool> ReadToFill(IoBuffer buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        if (buffer.IsFull)
        {
            return Future<bool>.FromError(IoErrorCode.ShortBuffer);
        }

        FillOperation fill = new(this, buffer);
        fill.Go();
        return fill.Done;
    }

    /// <summary>Reads some bytes into a buffer that has room.</summary>
    /// <param name="buffer">Belongs to the stream until the read is done.</param>
    /// <returns>Done on any thread, with true when the end was reached.</returns>
    /// <remarks>An exception fails the read with <see cref="IoErrorCode.StreamReadFailed"/>.</remarks>
    protected abstract Future<bool> ReadSome(IoBuffer buffer);

    // A later read of a fill is begun by whoever completed the one before: an exception would reach a stranger there, and the
    // fill would stay pending for ever.
    private Future<bool> ReadSomeOrFail(IoBuffer buffer)
    {
        try
        {
            return ReadSome(buffer);
        }
        catch (Exception exception)
        {
            return Future<bool>.FromError(
                new IoError(IoErrorCode.StreamReadFailed, $"Reading the stream failed: {exception.Message}"));
        }
    }

    private sealed class FillOperation(AsyncInputStream stream, IoBuffer buffer)
    {
        internal Future<bool> Done { get; } = new();

        /// <summary>Reads on; a loop, so that a hundred thousand reads that complete at once do not fill the stack.</summary>
        internal void Go()
        {
            while (true)
            {
                Future<bool> read = stream.ReadSomeOrFail(buffer);
                if (read.OnCompleteIfPending(OnRead))
                {
                    return;
                }

                if (!GoesOnAfter(read))
                {
                    return;
                }
            }
        }

        private void OnRead(Future<bool> read)
        {
            if (GoesOnAfter(read))
            {
                Go();
            }
        }

        private bool GoesOnAfter(Future<bool> read)
        {
            if (read.Error.IsError)
            {
                Done.TrySetError(read.Error);
                return false;
            }

            if (read.Result || buffer.IsFull)
            {
                Done.TrySetResult(read.Result);
                return false;
            }

            return true;
        }
    }
}

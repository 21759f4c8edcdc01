using System.Runtime.InteropServices;

namespace AwsIO;

/// <summary>Told when a written message has left, or could not (<c>aws_channel_on_message_write_completed_fn</c>).</summary>
/// <param name="message">The message, about to be released.</param>
/// <param name="error">Why it could not be written; no error when the kernel, or the last handler, has taken all of it.</param>
/// <param name="state">What was given with the callback.</param>
public delegate void MessageCompletion(IoMessage message, IoError error, object? state);

/// <summary>A run of bytes on its way through a channel, with the buffer that holds it (<c>aws_io_message</c>).</summary>
/// <remarks>
/// Who holds a message owns it: whoever accepts it from <c>Send</c> releases it, and after a refused <c>Send</c> the sender still
/// has it. Used on one thread at a time, as a rule the loop's. The buffer is neither cleared nor ever moved by the collector. A message
/// may also stand for memory that is somebody else's: see <see cref="IsReadOnly"/>.
/// </remarks>
public sealed class IoMessage
{
    // The kernel copies into a buffer that starts off a cache line up to 2.5 times slower.
    private const int Alignment = 64;

    private readonly MessagePool _pool;
    private Memory<byte> _memory;

    // What the memory is a part of; null where that is no array.
    private byte[]? _buffer;
    private int _start;
    private MessageCompletion? _completion;
    private object? _completionState;
    private bool _released;

    internal IoMessage(MessagePool pool, int sizeClass, int blockSize)
    {
        _pool = pool;
        SizeClass = sizeClass;
        _buffer = GC.AllocateUninitializedArray<byte>(blockSize + Alignment, pinned: true);
        _start = OffsetToAlignment(_buffer);
        _memory = _buffer.AsMemory(_start, blockSize);
    }

    /// <summary>Makes a message without a buffer, for <see cref="Wrap"/>.</summary>
    internal IoMessage(MessagePool pool)
    {
        _pool = pool;
        SizeClass = MessagePool.WrapperClass;
    }

    /// <summary>What the message holds.</summary>
    public IoMessageKind Kind { get; private set; }

    /// <summary>The number of bytes in it.</summary>
    public int Length { get; private set; }

    /// <summary>The most bytes that it may hold.</summary>
    public int Capacity { get; private set; }

    /// <summary>
    /// Whether the bytes are not the message's own (<see cref="IoChannel.WrapMessage"/>): a handler that changes bytes in place copies
    /// them to another message first. There is no room behind them.
    /// </summary>
    public bool IsReadOnly => SizeClass == MessagePool.WrapperClass;

    /// <summary>For the free use of handlers that tell messages apart; 0 at first.</summary>
    public int Tag { get; set; }

    /// <summary>For the free use of a handler that takes the data in parts: how much it has taken; 0 at first.</summary>
    public int CopyMark { get; set; }

    /// <summary>
    /// Whether this written message ends the writing direction: nothing is written behind it, and the peer is told of the end once
    /// it has gone out. It may be empty.
    /// </summary>
    public bool IsLast { get; set; }

    /// <summary>The bytes in it.</summary>
    public Span<byte> Data => _buffer is { } buffer ? buffer.AsSpan(_start, Length) : _memory.Span[..Length];

    /// <summary>The bytes in it, as memory.</summary>
    public Memory<byte> Memory => _memory[..Length];

    /// <summary>The room behind <see cref="Data"/>: write to it, then <see cref="Advance"/>.</summary>
    public Span<byte> FreeSpace => Capacity == Length ? default : _buffer.AsSpan(_start + Length, Capacity - Length);

    /// <summary>Whether somebody waits for the message's completion.</summary>
    public bool HasCompletion => _completion is not null;

    internal IoMessage? Next { get; set; }

    /// <summary>The channel that rented the message. Channels are a layer above: <c>ChannelMessageExtensions.Owner</c> names its type.</summary>
    internal object? Owner { get; set; }

    /// <summary>Who carries the message on while a write of it is queued.</summary>
    internal object? Carrier { get; set; }

    internal int SizeClass { get; }

    /// <summary>Counts bytes that were written to <see cref="FreeSpace"/>.</summary>
    /// <param name="count">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is not that much room.</exception>
    public void Advance(int count)
    {
        if ((uint)count > (uint)(Capacity - Length))
        {
            throw new ArgumentOutOfRangeException(
                nameof(count), count, $"The message has room for {Capacity - Length} more bytes.");
        }

        Length += count;
    }

    /// <summary>Copies as many bytes as there is room for behind the data.</summary>
    /// <param name="source">The bytes.</param>
    /// <returns>How many were copied.</returns>
    public int Append(ReadOnlySpan<byte> source)
    {
        int count = Math.Min(source.Length, Capacity - Length);
        source[..count].CopyTo(FreeSpace);
        Length += count;
        return count;
    }

    /// <summary>Drops the data, so that the buffer can be filled again; somebody else's memory is not to be filled.</summary>
    public void Clear()
    {
        Length = 0;
        CopyMark = 0;
        if (IsReadOnly)
        {
            Capacity = 0;
        }
    }

    /// <summary>Sets who is told when the written message has left; one callback a message.</summary>
    /// <param name="completion">Called on the loop's thread, never inside the write.</param>
    /// <param name="state">Handed to the callback.</param>
    /// <exception cref="InvalidOperationException">The message has a callback already.</exception>
    public void OnCompleted(MessageCompletion completion, object? state)
    {
        ArgumentNullException.ThrowIfNull(completion);
        if (_completion is not null)
        {
            throw new InvalidOperationException("The message has a completion callback already.");
        }

        _completion = completion;
        _completionState = state;
    }

    /// <summary>
    /// Hands this message's completion callback over to another message, which carries the same data on in another form.
    /// </summary>
    /// <param name="target">A message without a callback.</param>
    public void MoveCompletionTo(IoMessage target)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (_completion is { } completion)
        {
            target.OnCompleted(completion, _completionState);
            _completion = null;
            _completionState = null;
        }
    }

    /// <summary>Tells whoever waits that the message has left, or could not, and releases it. To be called by who took it last.</summary>
    /// <param name="error">Why it could not be written, or no error.</param>
    public void Complete(IoError error)
    {
        if (_completion is { } completion)
        {
            object? state = _completionState;
            _completion = null;
            _completionState = null;
            try
            {
                completion(this, error, state);
            }
            finally
            {
                Release();
            }
        }
        else
        {
            Release();
        }
    }

    /// <summary>Gives the message back to its pool; any thread, once.</summary>
    /// <exception cref="InvalidOperationException">The message was released before.</exception>
    public void Release()
    {
        if (_released)
        {
            throw new InvalidOperationException("The message was released twice: after a send that succeeded it belongs to its receiver.");
        }

        _released = true;
        _completion = null;
        _completionState = null;
        Carrier = null;
        Owner = null;
        if (IsReadOnly)
        {
            _memory = default;
            _buffer = null;
        }

        _pool.Return(this);
    }

    // Pinned arrays never move: what is aligned once stays so.
    private static unsafe int OffsetToAlignment(byte[] buffer)
    {
        fixed (byte* start = buffer)
        {
            return (int)(-(nint)start & (Alignment - 1));
        }
    }

    /// <summary>Has a message without a buffer stand for memory.</summary>
    internal void Wrap(ReadOnlyMemory<byte> data)
    {
        Prepare(IoMessageKind.ApplicationData, data.Length);
        Length = data.Length;
        _memory = MemoryMarshal.AsMemory(data);
        (_buffer, _start) = MemoryMarshal.TryGetArray(data, out ArraySegment<byte> array) ? (array.Array, array.Offset) : (null, 0);
    }

    internal void Prepare(IoMessageKind kind, int capacity)
    {
        Kind = kind;
        Capacity = capacity;
        Length = 0;
        CopyMark = 0;
        Tag = 0;
        IsLast = false;
        Next = null;
        _released = false;
    }
}

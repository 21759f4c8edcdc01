namespace AwsIO;

/// <summary>Where messages come from and go back to (<c>aws_message_pool</c>).</summary>
internal abstract class MessagePool
{
    /// <summary>The data of one fragment: what a handler reads or writes at a time, unless it has reason for more.</summary>
    internal const int FragmentSize = 16 * 1024;

    /// <summary>The most bytes that one message can be asked to hold.</summary>
    internal const int MaxMessageSize = 272 * 1024;

    /// <summary>The class of messages without a buffer, behind those with one.</summary>
    internal const int WrapperClass = 4;

    // Each class has a sixteenth more than a power of two, so that a full TLS record, which is a little longer than its
    // plaintext, still fits the class of its plaintext.
    private static readonly int[] s_blockSizes = [256, 17 * 1024, 68 * 1024, MaxMessageSize];

    private int _outstanding;

    internal static int SizeClasses => WrapperClass + 1;

    /// <summary>Messages that were rented and not yet released; a test that ends with more than it began has a leak.</summary>
    internal int Outstanding => Volatile.Read(ref _outstanding);

    /// <summary>
    /// Gives an empty message. Its capacity is the hint, or <see cref="MaxMessageSize"/> where the hint is larger: who needs more
    /// uses several.
    /// </summary>
    internal IoMessage Rent(IoMessageKind kind, int sizeHint)
    {
        if (kind != IoMessageKind.ApplicationData)
        {
            throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such kind of message.");
        }

        int capacity = Math.Clamp(sizeHint, 1, MaxMessageSize);
        int sizeClass = 0;
        while (s_blockSizes[sizeClass] < capacity)
        {
            sizeClass++;
        }

        IoMessage message = TakeFree(sizeClass) ?? new IoMessage(this, sizeClass, s_blockSizes[sizeClass]);
        message.Prepare(kind, capacity);
        CountOutstanding(ref _outstanding, 1);
        return message;
    }

    /// <summary>Gives a message that stands for memory.</summary>
    internal IoMessage Wrap(ReadOnlyMemory<byte> data)
    {
        IoMessage message = TakeFree(WrapperClass) ?? new IoMessage(this);
        message.Wrap(data);
        CountOutstanding(ref _outstanding, 1);
        return message;
    }

    internal void Return(IoMessage message)
    {
        CountOutstanding(ref _outstanding, -1);
        KeepFree(message);
    }

    private protected abstract void CountOutstanding(ref int outstanding, int change);

    private protected abstract IoMessage? TakeFree(int sizeClass);

    private protected abstract void KeepFree(IoMessage message);
}

/// <summary>Free messages of one pool, by size class, up to a bound.</summary>
internal struct FreeMessages()
{
    // Messages kept free in each class: what a busy loop has in flight within one tick; more goes to the collector.
    private static readonly int[] s_limits = [1024, 128, 32, 8, 1024];

    private readonly IoMessage?[] _first = new IoMessage?[MessagePool.SizeClasses];
    private readonly int[] _count = new int[MessagePool.SizeClasses];

    internal readonly IoMessage? Take(int sizeClass)
    {
        IoMessage? message = _first[sizeClass];
        if (message is not null)
        {
            _first[sizeClass] = message.Next;
            _count[sizeClass]--;
        }

        return message;
    }

    internal readonly void Keep(IoMessage message)
    {
        int sizeClass = message.SizeClass;
        if (_count[sizeClass] < s_limits[sizeClass])
        {
            message.Next = _first[sizeClass];
            _first[sizeClass] = message;
            _count[sizeClass]++;
        }
    }
}

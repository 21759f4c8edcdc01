namespace AwsIO;

/// <summary>
/// Unsorted timers in numbered buckets: each a chain of chunks of one array, filled up but for the last. Nothing is allocated but when
/// more timers are pending than ever before. Loop thread only.
/// </summary>
/// <remarks>
/// Chunks, because a bucket is read from end to end when its time comes: one entry after the other in memory is many times as fast as a
/// chain of single ones, each of which is waited for.
/// </remarks>
internal sealed class TimerBuckets
{
    private const int ChunkBits = 5;
    private const int ChunkSize = 1 << ChunkBits;
    private const int None = -1;

    private readonly int[] _lastChunks;
    private readonly int[] _counts;
    private TimerEntry[] _entries = [];

    // By chunk: the one before it in its bucket, or the next free one.
    private int[] _links = [];
    private int _freeChunk = None;

    internal TimerBuckets(int count)
    {
        _counts = new int[count];
        _lastChunks = new int[count];
        Array.Fill(_lastChunks, None);
    }

    internal int Count(int bucket) => _counts[bucket];

    internal void Add(int bucket, in TimerEntry entry)
    {
        int offset = _counts[bucket]++ & (ChunkSize - 1);
        if (offset == 0)
        {
            int chunk = TakeChunk();
            _links[chunk] = _lastChunks[bucket];
            _lastChunks[bucket] = chunk;
        }

        _entries[(_lastChunks[bucket] << ChunkBits) + offset] = entry;
    }

    /// <summary>Has the processor fetch the tasks of a bucket that is about to be emptied.</summary>
    internal void Touch(int bucket, TimerTable table)
    {
        int count = ((_counts[bucket] - 1) & (ChunkSize - 1)) + 1;
        for (int chunk = _lastChunks[bucket]; chunk != None; chunk = _links[chunk])
        {
            table.Touch(_entries.AsSpan(chunk << ChunkBits, count));
            count = ChunkSize;
        }
    }

    /// <summary>Takes an entry out of a bucket that is not empty.</summary>
    internal TimerEntry TakeLast(int bucket) => _entries[TakeLastIndex(bucket)];

    /// <summary>Drops the entries of a bucket whose timers were cancelled.</summary>
    /// <returns>The earliest deadline of the others.</returns>
    internal long Sweep(int bucket, TimerTable table)
    {
        long earliest = long.MaxValue;
        int chunk = _lastChunks[bucket];
        int offset = (_counts[bucket] - 1) & (ChunkSize - 1);
        while (chunk != None)
        {
            int before = _links[chunk];
            for (; offset >= 0; offset--)
            {
                int index = (chunk << ChunkBits) + offset;
                TimerEntry entry = _entries[index];
                if (!table.IsEmpty(entry.Slot))
                {
                    earliest = Math.Min(earliest, entry.Deadline);
                    continue;
                }

                // The last one takes its place; it was looked at already, or is this very one.
                table.Drop(entry.Slot);
                _entries[index] = _entries[TakeLastIndex(bucket)];
            }

            chunk = before;
            offset = ChunkSize - 1;
        }

        return earliest;
    }

    private int TakeLastIndex(int bucket)
    {
        int offset = --_counts[bucket] & (ChunkSize - 1);
        int chunk = _lastChunks[bucket];
        if (offset == 0)
        {
            // Its content stays until the chunk is taken again.
            _lastChunks[bucket] = _links[chunk];
            _links[chunk] = _freeChunk;
            _freeChunk = chunk;
        }

        return (chunk << ChunkBits) + offset;
    }

    private int TakeChunk()
    {
        if (_freeChunk == None)
        {
            int used = _links.Length;
            int wanted = Math.Max(8, used * 2);
            Array.Resize(ref _entries, wanted << ChunkBits);
            Array.Resize(ref _links, wanted);
            for (int chunk = wanted - 1; chunk >= used; chunk--)
            {
                _links[chunk] = _freeChunk;
                _freeChunk = chunk;
            }
        }

        int taken = _freeChunk;
        _freeChunk = _links[taken];
        return taken;
    }
}

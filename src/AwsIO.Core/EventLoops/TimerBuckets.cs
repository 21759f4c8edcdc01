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

    private readonly TimerTable _table;
    private readonly int[] _lastChunks;
    private readonly int[] _counts;
    private TimerEntry[] _entries = [];

    // By chunk: the one before it in its bucket, or the next free one.
    private int[] _links = [];
    private int _freeChunk = None;

    internal TimerBuckets(int count, TimerTable table)
    {
        _table = table;
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

        int index = (_lastChunks[bucket] << ChunkBits) + offset;
        _entries[index] = entry;
        _table.Put(entry.Slot, (short)bucket, index);
    }

    /// <summary>The entry at an index, valid until one is added.</summary>
    internal ref readonly TimerEntry At(int index) => ref _entries[index];

    /// <summary>Takes an entry out; the bucket's last one takes its place.</summary>
    internal void RemoveAt(int bucket, int index)
    {
        TimerEntry last = TakeLast(bucket, out int lastIndex);
        if (index != lastIndex)
        {
            _entries[index] = last;
            _table.Move(last.Slot, index);
        }
    }

    /// <summary>Takes an entry out of a bucket that is not empty.</summary>
    internal TimerEntry TakeLast(int bucket) => TakeLast(bucket, out _);

    /// <summary>The earliest deadline in a bucket.</summary>
    internal long Earliest(int bucket)
    {
        long earliest = long.MaxValue;
        int inChunk = ((_counts[bucket] - 1) & (ChunkSize - 1)) + 1;
        for (int chunk = _lastChunks[bucket]; chunk != None; chunk = _links[chunk])
        {
            foreach (ref readonly TimerEntry entry in _entries.AsSpan(chunk << ChunkBits, inChunk))
            {
                earliest = Math.Min(earliest, entry.Deadline);
            }

            inChunk = ChunkSize;
        }

        return earliest;
    }

    private TimerEntry TakeLast(int bucket, out int index)
    {
        int offset = --_counts[bucket] & (ChunkSize - 1);
        int chunk = _lastChunks[bucket];
        index = (chunk << ChunkBits) + offset;
        TimerEntry entry = _entries[index];
        if (offset == 0)
        {
            _lastChunks[bucket] = _links[chunk];
            _links[chunk] = _freeChunk;
            _freeChunk = chunk;
        }

        return entry;
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

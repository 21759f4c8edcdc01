using System.Numerics;

namespace AwsIO;

/// <summary>
/// The timers that are not due soon, unsorted in buckets of time: each level's buckets are 64 times as long as those of the level below.
/// Loop thread only.
/// </summary>
/// <remarks>
/// A timer stands at the level of the highest digit, to the base 64, in which its tick differs from the wheel's: so all that stand at a
/// level are earlier than all that stand above it, and within a level the buckets' order is the digits'. Adding and taking out touch one
/// entry or two. As the wheel turns, a bucket of a higher level is dealt out to lower ones, each timer a few times at the most.
/// </remarks>
internal sealed class TimerWheel(TimerTable table)
{
    // A tick of about a millisecond: what the heap sorts at once is what falls into one.
    private const int TickShift = 20;
    private const int DigitBits = 6;
    private const int Digits = 1 << DigitBits;
    private const int Levels = (63 - TickShift + DigitBits) / DigitBits;

    // Of so many timers the earliest is looked for; of more, the start of their bucket is as good.
    private const int FewTimers = 16;

    private readonly TimerBuckets _buckets = new(Levels * Digits, table);
    private readonly ulong[] _occupied = new ulong[Levels];
    private long _tick;
    private long _bound;
    private bool _isBoundKnown;

    internal int Count { get; private set; }

    /// <summary>Adds a timer that is not due in the wheel's tick or before.</summary>
    /// <returns>Whether the wheel has it; the heap's otherwise.</returns>
    internal bool TryAdd(in TimerEntry entry)
    {
        long tick = entry.Deadline >> TickShift;
        if (tick <= _tick)
        {
            return false;
        }

        int level = (63 - BitOperations.LeadingZeroCount((ulong)(tick ^ _tick))) / DigitBits;
        int digit = (int)(tick >> (level * DigitBits)) & (Digits - 1);
        _buckets.Add((level * Digits) + digit, in entry);
        _occupied[level] |= 1UL << digit;
        _bound = Math.Min(_bound, entry.Deadline);
        Count++;
        return true;
    }

    /// <summary>Takes out the timer at a place.</summary>
    internal void RemoveAt(int bucket, int index)
    {
        _isBoundKnown &= _buckets.At(index).Deadline != _bound;
        _buckets.RemoveAt(bucket, index);
        NoteTaken(bucket);
    }

    /// <summary>
    /// A moment before which no timer of the wheel is due: the earliest one's own where there are few, so that a loop with few timers
    /// never wakes up for nothing. The wheel must not be empty.
    /// </summary>
    internal long EarliestPossible()
    {
        if (!_isBoundKnown)
        {
            (int bucket, _, long tick) = FirstBucket();
            _bound = _buckets.Count(bucket) <= FewTimers ? _buckets.Earliest(bucket) : tick << TickShift;
            _isBoundKnown = true;
        }

        return _bound;
    }

    /// <summary>
    /// Turns to the earliest timers and hands those of their tick to the heap: while the heap has none, and as far as a moment. What is
    /// nearer than the lowest level is long is handed over early, so that the heap says exactly when it is due.
    /// </summary>
    internal void Turn(long moment, TimerHeap heap)
    {
        while (heap.Count == 0 && Count > 0)
        {
            (int bucket, int level, long tick) = FirstBucket();
            if (level > 0 && tick << TickShift > moment)
            {
                return;
            }

            _tick = tick;
            _isBoundKnown = false;
            for (int left = _buckets.Count(bucket); left > 0; left--)
            {
                // It goes to a lower level or to the heap, never back to the bucket that it comes from.
                TimerEntry entry = _buckets.TakeLast(bucket);
                NoteTaken(bucket);
                if (!TryAdd(in entry))
                {
                    heap.Add(in entry);
                }
            }
        }
    }

    private void NoteTaken(int bucket)
    {
        Count--;
        if (_buckets.Count(bucket) == 0)
        {
            _occupied[bucket / Digits] &= ~(1UL << (bucket % Digits));
        }
    }

    /// <summary>The bucket that has the earliest timers, its level and its first tick.</summary>
    private (int Bucket, int Level, long Tick) FirstBucket()
    {
        int level = 0;
        while (_occupied[level] == 0)
        {
            level++;
        }

        int digit = BitOperations.TrailingZeroCount(_occupied[level]);
        int shift = level * DigitBits;
        return ((level * Digits) + digit, level, (((_tick >> shift) & ~(Digits - 1L)) | (uint)digit) << shift);
    }
}

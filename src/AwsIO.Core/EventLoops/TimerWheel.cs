using System.Numerics;

namespace AwsIO;

/// <summary>
/// The timers that are not due soon, unsorted in buckets of time: each level's buckets are 64 times as long as those of the level below.
/// Loop thread only.
/// </summary>
/// <remarks>
/// A timer stands at the level of the highest digit, to the base 64, in which its tick differs from the wheel's: so all that stand at a
/// level are earlier than all that stand above it, and within a level the buckets' order is the digits'. Adding touches one
/// entry. As the wheel turns, a bucket of a higher level is dealt out to lower ones, each timer a few times at the most.
/// </remarks>
internal sealed class TimerWheel(TimerTable table)
{
    // A tick of about a millisecond: what the heap sorts at once is what falls into one.
    private const int TickShift = 20;
    private const int DigitBits = 6;
    private const int Digits = 1 << DigitBits;
    private const int Levels = (63 - TickShift + DigitBits) / DigitBits;

    // Of so many timers the earliest is looked for; of more, the start of their bucket is as good.
    private const int FewTimers = 64;

    // The tasks of so many timers are still in the processor's cache when they are run.
    private const int FittingTimers = 4096;

    private readonly TimerBuckets _buckets = new(Levels * Digits);
    private readonly ulong[] _occupied = new ulong[Levels];
    private long _tick;
    private long _bound;
    private bool _isBoundKnown;

    /// <summary>Entries, cancelled ones included.</summary>
    internal int Count { get; private set; }

    /// <summary>Turns to a moment if there is no timer: where it lags behind, each timer goes through one level after the other.</summary>
    internal void TurnEmpty(long moment)
    {
        if (Count == 0)
        {
            _tick = Math.Max(_tick, moment >> TickShift);
        }
    }

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

    /// <summary>One of the timers was cancelled, and its slot is empty.</summary>
    internal void NoteCancelled(long deadline) => _isBoundKnown &= deadline != _bound;

    /// <summary>Drops the entries whose timers were cancelled.</summary>
    internal void Sweep()
    {
        for (int bucket = 0; bucket < Levels * Digits; bucket++)
        {
            if (_buckets.Count(bucket) > 0)
            {
                _ = Sweep(bucket);
            }
        }

        _isBoundKnown = false;
    }

    /// <summary>
    /// A moment before which no timer of the wheel is due, <see cref="long.MaxValue"/> where none is left: the earliest one's own where
    /// there are few, so that a loop with few timers never wakes up for nothing.
    /// </summary>
    internal long EarliestPossible()
    {
        while (!_isBoundKnown)
        {
            if (Count == 0)
            {
                _bound = long.MaxValue;
                _isBoundKnown = true;
                break;
            }

            (int bucket, _, long tick) = FirstBucket();
            _bound = _buckets.Count(bucket) <= FewTimers ? Sweep(bucket) : tick << TickShift;
            _isBoundKnown = _buckets.Count(bucket) > 0;
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
                // The bound may be the start of a bucket that was emptied since: a loop must not go on waking up for it.
                _isBoundKnown &= _bound > moment;
                return;
            }

            _tick = tick;
            _isBoundKnown = false;
            if (level == 0 && _buckets.Count(bucket) <= FittingTimers)
            {
                _buckets.Touch(bucket, table);
            }

            for (int left = _buckets.Count(bucket); left > 0; left--)
            {
                // It goes to a lower level or to the heap, never back to the bucket that it comes from. Whether it was cancelled is not
                // looked up on the way: each look misses the cache.
                TimerEntry entry = _buckets.TakeLast(bucket);
                Count--;
                if (!TryAdd(in entry))
                {
                    heap.Add(in entry);
                }
            }

            NoteTaken(bucket);
        }
    }

    private long Sweep(int bucket)
    {
        Count -= _buckets.Count(bucket);
        long earliest = _buckets.Sweep(bucket, table);
        Count += _buckets.Count(bucket);
        NoteTaken(bucket);
        return earliest;
    }

    private void NoteTaken(int bucket)
    {
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

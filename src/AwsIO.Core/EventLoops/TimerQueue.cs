namespace AwsIO;

/// <summary>A loop's timers, by deadline and then by insertion. Loop thread only.</summary>
/// <remarks>
/// A wheel in front of a heap. What is far away lies unsorted in the wheel, where adding costs the same however many there are: most
/// timers are limits that never fire. What is due within about a millisecond is sorted in the heap, so that each fires at its own moment.
/// Cancelling only empties a slot; once more entries are empty than not, all of them are swept out at once. A heap alone had a million
/// timers ten levels deep, and missed the cache at most of them; so did looking for the entry of each that was cancelled.
/// </remarks>
internal sealed class TimerQueue
{
    // So many cancelled timers may always be left where they are.
    private const int MinSweep = 64;

    private readonly TimerTable _table = new();
    private readonly TimerHeap _heap = new();
    private readonly TimerWheel _wheel;
    private uint _nextSequence;

    internal TimerQueue() => _wheel = new TimerWheel(_table);

    internal int Count => _heap.Count + _wheel.Count - _table.Empty;

    /// <summary>
    /// A moment before which no timer is due, and not long before the earliest one is; <see cref="long.MaxValue"/> when there is none.
    /// </summary>
    internal long EarliestDeadline =>
        Count == 0 ? long.MaxValue : TryTurn(0) ? _heap.First.Deadline : _wheel.EarliestPossible();

    /// <summary>Adds a task, to be called at its <see cref="IoTask.Deadline"/>, which is not negative.</summary>
    /// <param name="task">The task.</param>
    /// <param name="recent">A moment not long ago; how far an empty wheel has turned.</param>
    internal void Add(IoTask task, long recent)
    {
        _wheel.TurnEmpty(recent);
        TimerEntry entry = new(task.Deadline, _nextSequence++, _table.Add(task));
        if (!_wheel.TryAdd(in entry))
        {
            _heap.Add(in entry);
        }
    }

    internal void Remove(IoTask task)
    {
        _table.Clear(task);
        _wheel.NoteCancelled(task.Deadline);
        if (_table.Empty >= MinSweep && _table.Empty > Count)
        {
            _heap.Sweep(_table);
            _wheel.Sweep();
        }
    }

    /// <summary>Takes the earliest task; there must be one.</summary>
    internal IoTask RemoveEarliest()
    {
        _ = TryTurn(long.MaxValue);
        return TakeFirst();
    }

    /// <summary>Takes the earliest task if it is due; null if none is.</summary>
    internal IoTask? TakeDue(long now) => TryTurn(now) && _heap.First.Deadline <= now ? TakeFirst() : null;

    private IoTask TakeFirst()
    {
        int slot = _heap.First.Slot;
        _heap.RemoveFirst();
        return _table.Take(slot);
    }

    /// <summary>Sees to it that the earliest timer stands first in the heap, unless it is due after a moment.</summary>
    /// <returns>Whether one stands there.</returns>
    private bool TryTurn(long moment)
    {
        while (true)
        {
            if (_heap.Count == 0)
            {
                _wheel.Turn(moment, _heap);
                if (_heap.Count == 0)
                {
                    return false;
                }
            }

            int slot = _heap.First.Slot;
            if (!_table.IsEmpty(slot))
            {
                return true;
            }

            _heap.RemoveFirst();
            _table.Drop(slot);
        }
    }
}

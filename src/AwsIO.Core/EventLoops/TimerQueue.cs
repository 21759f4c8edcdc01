namespace AwsIO;

/// <summary>A loop's timers, by deadline and then by insertion. Loop thread only.</summary>
/// <remarks>
/// A wheel in front of a heap. What is far away lies unsorted in the wheel, where adding and cancelling cost the same however many there
/// are: most timers are limits that never fire. What is due within about a millisecond is sorted in the heap, so that each fires at its
/// own moment. A heap alone had a million timers ten levels deep, and missed the cache at most of them.
/// </remarks>
internal sealed class TimerQueue
{
    private readonly TimerTable _table = new();
    private readonly TimerHeap _heap;
    private readonly TimerWheel _wheel;
    private uint _nextSequence;

    internal TimerQueue()
    {
        _heap = new TimerHeap(_table);
        _wheel = new TimerWheel(_table);
    }

    internal int Count => _heap.Count + _wheel.Count;

    /// <summary>What the next task that is added will be told from those before it by.</summary>
    internal uint NextSequence => _nextSequence;

    /// <summary>
    /// A moment before which no timer is due, and not long before the earliest one is; <see cref="long.MaxValue"/> when there is none.
    /// </summary>
    internal long EarliestDeadline
    {
        get
        {
            if (_heap.Count == 0)
            {
                _wheel.Turn(0, _heap);
            }

            return _heap.Count > 0 ? _heap.First.Deadline : _wheel.Count > 0 ? _wheel.EarliestPossible() : long.MaxValue;
        }
    }

    /// <summary>Adds a task, to be called at its <see cref="IoTask.Deadline"/>, which is not negative.</summary>
    internal void Add(IoTask task)
    {
        task.Place = IoTaskPlace.Timers;
        TimerEntry entry = new(task.Deadline, _nextSequence++, _table.Add(task));
        if (!_wheel.TryAdd(in entry))
        {
            _heap.Add(in entry);
        }
    }

    internal void Remove(IoTask task)
    {
        int slot = task.TimerSlot;
        short bucket = _table.Bucket(slot);
        int index = _table.Index(slot);
        if (bucket == TimerTable.InHeap)
        {
            _heap.RemoveAt(index);
        }
        else
        {
            _wheel.RemoveAt(bucket, index);
        }

        _ = _table.Remove(slot);
        task.Place = IoTaskPlace.None;
    }

    /// <summary>Takes the earliest task; there must be one.</summary>
    internal IoTask RemoveEarliest()
    {
        if (_heap.Count == 0)
        {
            _wheel.Turn(long.MaxValue, _heap);
        }

        int slot = _heap.First.Slot;
        _heap.RemoveAt(0);
        IoTask task = _table.Remove(slot);
        task.Place = IoTaskPlace.None;
        return task;
    }

    /// <summary>Takes the earliest task if it is due, and stood here before another was added.</summary>
    /// <param name="now">The moment.</param>
    /// <param name="before">What <see cref="NextSequence"/> was before the other one.</param>
    /// <returns>The task; null if it is not due, or was added later.</returns>
    internal IoTask? TakeDue(long now, uint before)
    {
        if (_heap.Count == 0)
        {
            _wheel.Turn(now, _heap);
            if (_heap.Count == 0)
            {
                return null;
            }
        }

        ref readonly TimerEntry first = ref _heap.First;
        return first.Deadline <= now && (int)(first.Sequence - before) < 0 ? RemoveEarliest() : null;
    }
}

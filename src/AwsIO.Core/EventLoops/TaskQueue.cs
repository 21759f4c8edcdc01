namespace AwsIO;

/// <summary>
/// Tasks in the order in which they came, any of which can be taken out: a ring of references, with holes where tasks were. Loop thread
/// only, but for <see cref="Count"/>.
/// </summary>
/// <remarks>
/// No list of linked tasks, in which each task is written to again for either neighbour. The ring grows with the most tasks that ever
/// waited at once, and stays so. Positions run on past its length and wrap round: only their differences count.
/// </remarks>
internal struct TaskQueue()
{
    // So that positions wrap round soon, in whatever uses a queue, and not only after two thousand million tasks.
    private const int FirstPosition = int.MaxValue - 1000;

    private Slot[] _slots = new Slot[64];
    private int _head = FirstPosition;
    private int _tail = FirstPosition;
    private int _count;

    // What stands before this position belongs to the present round.
    private int _limit = FirstPosition;

    /// <summary>How many tasks there are; any thread.</summary>
    internal readonly int Count => Volatile.Read(in _count);

    internal void Append(IoTask task)
    {
        if (_tail - _head == _slots.Length)
        {
            Renew();
        }

        task.Position = _tail;
        _slots[_tail++ & (_slots.Length - 1)].Task = task;
        _count++;
    }

    /// <summary>Begins a round of what is there now.</summary>
    internal void BeginRound() => _limit = _tail;

    /// <summary>Takes the first task that the round has left.</summary>
    internal IoTask? TakeNext()
    {
        Slot[] slots = _slots;
        while (_limit - _head > 0)
        {
            ref Slot slot = ref slots[_head++ & (slots.Length - 1)];
            if (slot.Task is { } task)
            {
                slot.Task = null;
                task.Place = IoTask.Nowhere;
                _count--;
                return task;
            }
        }

        return null;
    }

    internal void Remove(IoTask task)
    {
        Slot[] slots = _slots;
        int mask = slots.Length - 1;
        slots[task.Position & mask].Task = null;
        task.Place = IoTask.Nowhere;
        _count--;

        // No holes at either end: who schedules and cancels in turns needs no more room for it. But what comes next must not get a
        // position of the round.
        while (_tail - _limit > 0 && _tail != _head && slots[(_tail - 1) & mask].Task is null)
        {
            _tail--;
        }

        while (_tail != _head && slots[_head & mask].Task is null)
        {
            _head++;
        }
    }

    /// <summary>Closes up the holes, in a larger ring where tasks take more than half of the present one.</summary>
    private void Renew()
    {
        Slot[] from = _slots;
        Slot[] to = _count > from.Length / 2 ? new Slot[from.Length * 2] : from;
        int end = _head;
        int limit = _limit - _head > 0 ? _limit : _head;
        for (int position = _head; position != _tail; position++)
        {
            if (position == limit)
            {
                _limit = end;
            }

            ref Slot slot = ref from[position & (from.Length - 1)];
            if (slot.Task is { } task)
            {
                slot.Task = null;
                task.Position = end;
                to[end++ & (to.Length - 1)].Task = task;
            }
        }

        _limit = limit == _tail ? end : _limit;
        _tail = end;
        _slots = to;
    }

    /// <summary>Spares a check of the array's type at each store.</summary>
    private struct Slot
    {
        internal IoTask? Task;
    }
}

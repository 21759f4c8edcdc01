namespace AwsIO.Bench.Scheduling.Structures;

/// <summary>
/// A heap of four children a node with the deadlines inline, each timer knowing its index. Timers with the same deadline come in any order.
/// </summary>
internal struct FourAryHeap : ITimerStructure<FourAryHeap>
{
    private const int Arity = 4;
    private Entry[] _entries = new Entry[64];
    private int _count;

    public FourAryHeap() { }

    public static FourAryHeap Create() => new();

    public void Add(TimerItem item)
    {
        if (_count == _entries.Length)
        {
            Array.Resize(ref _entries, _count * 2);
        }

        MoveUp(_count++, new Entry(item.Deadline, item));
    }

    public void Remove(TimerItem item)
    {
        int index = item.Place;
        item.Place = IoTask.Nowhere;
        Entry last = _entries[--_count];
        _entries[_count] = default;
        if (index == _count)
        {
            return;
        }

        if (index > 0 && last.Deadline < _entries[(index - 1) / Arity].Deadline)
        {
            MoveUp(index, last);
        }
        else
        {
            MoveDown(index, last);
        }
    }

    public TimerItem? TakeDue(long now)
    {
        if (_count == 0 || _entries[0].Deadline > now)
        {
            return null;
        }

        TimerItem first = _entries[0].Item;
        Remove(first);
        return first;
    }

    private readonly void MoveUp(int index, in Entry entry)
    {
        while (index > 0)
        {
            int parent = (index - 1) / Arity;
            if (_entries[parent].Deadline <= entry.Deadline)
            {
                break;
            }

            Put(index, in _entries[parent]);
            index = parent;
        }

        Put(index, in entry);
    }

    private readonly void MoveDown(int index, in Entry entry)
    {
        Entry[] entries = _entries;
        while (true)
        {
            int first = (index * Arity) + 1;
            if (first >= _count)
            {
                break;
            }

            int earliest = first;
            int end = Math.Min(first + Arity, _count);
            for (int child = first + 1; child < end; child++)
            {
                if (entries[child].Deadline < entries[earliest].Deadline)
                {
                    earliest = child;
                }
            }

            if (entry.Deadline <= entries[earliest].Deadline)
            {
                break;
            }

            Put(index, in entries[earliest]);
            index = earliest;
        }

        Put(index, in entry);
    }

    private readonly void Put(int index, in Entry entry)
    {
        _entries[index] = entry;
        entry.Item.Place = index;
    }

    private readonly struct Entry(long deadline, TimerItem item)
    {
        public readonly long Deadline = deadline;
        public readonly TimerItem Item = item;
    }
}

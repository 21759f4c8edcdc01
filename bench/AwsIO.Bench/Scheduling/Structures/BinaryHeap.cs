namespace AwsIO.Bench.Scheduling.Structures;

/// <summary>
/// A binary heap of references, each timer knowing its index, so that it can be taken out of the middle: what upstream has. Timers with
/// the same deadline come in any order.
/// </summary>
internal struct BinaryHeap : ITimerStructure<BinaryHeap>
{
    private TimerItem[] _items = new TimerItem[64];
    private int _count;

    public BinaryHeap() { }

    public static BinaryHeap Create() => new();

    public void Add(TimerItem item)
    {
        if (_count == _items.Length)
        {
            Array.Resize(ref _items, _count * 2);
        }

        MoveUp(_count++, item);
    }

    public void Remove(TimerItem item)
    {
        int index = item.Place;
        item.Place = IoTask.Nowhere;
        TimerItem last = _items[--_count];
        _items[_count] = null!;
        if (index == _count)
        {
            return;
        }

        if (index > 0 && last.Deadline < _items[(index - 1) / 2].Deadline)
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
        if (_count == 0 || _items[0].Deadline > now)
        {
            return null;
        }

        TimerItem first = _items[0];
        Remove(first);
        return first;
    }

    private readonly void MoveUp(int index, TimerItem item)
    {
        TimerItem[] items = _items;
        while (index > 0)
        {
            int parent = (index - 1) / 2;
            if (items[parent].Deadline <= item.Deadline)
            {
                break;
            }

            Put(index, items[parent]);
            index = parent;
        }

        Put(index, item);
    }

    private readonly void MoveDown(int index, TimerItem item)
    {
        TimerItem[] items = _items;
        while (true)
        {
            int child = (index * 2) + 1;
            if (child >= _count)
            {
                break;
            }

            if (child + 1 < _count && items[child + 1].Deadline < items[child].Deadline)
            {
                child++;
            }

            if (item.Deadline <= items[child].Deadline)
            {
                break;
            }

            Put(index, items[child]);
            index = child;
        }

        Put(index, item);
    }

    private readonly void Put(int index, TimerItem item)
    {
        _items[index] = item;
        item.Place = index;
    }
}

namespace AwsIO;

/// <summary>By slot: the task of each pending timer, and where its entry is, so that cancelling needs no search. Loop thread only.</summary>
internal sealed class TimerTable
{
    /// <summary>In place of a bucket of the wheel: the entry is in the heap.</summary>
    internal const short InHeap = -1;

    private const int None = -1;

    private IoTask?[] _tasks = new IoTask?[64];

    // A free slot has the next free one in place of an index.
    private int[] _indexes = new int[64];
    private short[] _buckets = new short[64];
    private int _used;
    private int _free = None;

    internal int Index(int slot) => _indexes[slot];

    internal short Bucket(int slot) => _buckets[slot];

    /// <summary>Notes that an entry has moved in the heap or within its bucket.</summary>
    internal void Move(int slot, int index) => _indexes[slot] = index;

    /// <summary>Notes where an entry has been put.</summary>
    internal void Put(int slot, short bucket, int index)
    {
        _buckets[slot] = bucket;
        _indexes[slot] = index;
    }

    /// <summary>Gives a task a slot.</summary>
    internal int Add(IoTask task)
    {
        int slot = _free;
        if (slot != None)
        {
            _free = _indexes[slot];
        }
        else
        {
            slot = _used++;
            if (slot == _tasks.Length)
            {
                Array.Resize(ref _tasks, slot * 2);
                Array.Resize(ref _indexes, slot * 2);
                Array.Resize(ref _buckets, slot * 2);
            }
        }

        _tasks[slot] = task;
        task.TimerSlot = slot;
        return slot;
    }

    /// <summary>Takes a task's slot back.</summary>
    internal IoTask Remove(int slot)
    {
        IoTask task = _tasks[slot]!;
        _tasks[slot] = null;
        _indexes[slot] = _free;
        _free = slot;
        task.TimerSlot = None;
        return task;
    }
}

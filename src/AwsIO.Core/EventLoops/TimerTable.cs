namespace AwsIO;

/// <summary>The task of each timer's entry, by the slot that the entry names. Loop thread only.</summary>
/// <remarks>
/// A timer that is cancelled leaves its entry where it is, and only the slot empty: an entry is never looked for, and entries move about
/// without anybody being told. Who comes upon an entry with an empty slot drops both.
/// </remarks>
internal sealed class TimerTable
{
    private const int None = -1;

    private IoTask?[] _tasks = new IoTask?[64];

    // By free slot: the next one.
    private int[] _nextFree = new int[64];
    private int _used;
    private int _free = None;

    /// <summary>How many slots are empty, their entries still being somewhere.</summary>
    internal int Empty { get; private set; }

    /// <summary>Whether an entry's timer was cancelled.</summary>
    internal bool IsEmpty(int slot) => _tasks[slot] is null;

    /// <summary>Gives a task a slot.</summary>
    internal int Add(IoTask task)
    {
        int slot = _free;
        if (slot != None)
        {
            _free = _nextFree[slot];
        }
        else
        {
            slot = _used++;
            if (slot == _tasks.Length)
            {
                Array.Resize(ref _tasks, slot * 2);
                Array.Resize(ref _nextFree, slot * 2);
            }
        }

        _tasks[slot] = task;
        task.TimerSlot = slot;
        return slot;
    }

    /// <summary>Lets a task go; its entry stays.</summary>
    internal void Clear(IoTask task)
    {
        _tasks[task.TimerSlot] = null;
        task.TimerSlot = None;
        Empty++;
    }

    /// <summary>Takes the task of an entry that is gone.</summary>
    internal IoTask Take(int slot)
    {
        IoTask task = _tasks[slot]!;
        _tasks[slot] = null;
        task.TimerSlot = None;
        AddFree(slot);
        return task;
    }

    /// <summary>Takes an empty slot back, its entry being gone.</summary>
    internal void Drop(int slot)
    {
        Empty--;
        AddFree(slot);
    }

    private void AddFree(int slot)
    {
        _nextFree[slot] = _free;
        _free = slot;
    }
}

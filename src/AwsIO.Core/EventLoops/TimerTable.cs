namespace AwsIO;

/// <summary>The task of each timer's entry, by the slot that the entry names. Loop thread only.</summary>
/// <remarks>
/// A timer that is cancelled leaves its entry where it is, and only the slot empty: an entry is never looked for, and entries move about
/// without anybody being told. Who comes upon an entry with an empty slot drops both.
/// </remarks>
internal sealed class TimerTable
{
    private const int None = -1;

    private Slot[] _slots = new Slot[64];
    private int _used;
    private int _touched;
    private int _free = None;

    /// <summary>How many slots are empty, their entries still being somewhere.</summary>
    internal int Empty { get; private set; }

    /// <summary>Whether an entry's timer was cancelled.</summary>
    internal bool IsEmpty(int slot) => _slots[slot].Task is null;

    /// <summary>
    /// Has the processor fetch the tasks of entries that are about to be taken, all at once instead of one after the other.
    /// </summary>
    internal void Touch(ReadOnlySpan<TimerEntry> entries)
    {
        Slot[] slots = _slots;
        int touched = 0;
        foreach (ref readonly TimerEntry entry in entries)
        {
            touched |= slots[entry.Slot].Task?.Touch() ?? 0;
        }

        // Kept, or the compiler would leave out the reads, which are all that matters.
        _touched = touched;
    }

    /// <summary>Gives a task a slot.</summary>
    internal int Add(IoTask task)
    {
        int slot = _free;
        if (slot != None)
        {
            _free = _slots[slot].NextFree;
        }
        else
        {
            slot = _used++;
            if (slot == _slots.Length)
            {
                Array.Resize(ref _slots, slot * 2);
            }
        }

        _slots[slot].Task = task;
        task.Place = slot;
        return slot;
    }

    /// <summary>Lets a task go; its entry stays.</summary>
    internal void Clear(IoTask task)
    {
        _slots[task.Place].Task = null;
        task.Place = IoTask.Nowhere;
        Empty++;
    }

    /// <summary>Takes the task of an entry that is gone.</summary>
    internal IoTask Take(int slot)
    {
        IoTask task = _slots[slot].Task!;
        _slots[slot].Task = null;
        task.Place = IoTask.Nowhere;
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
        _slots[slot].NextFree = _free;
        _free = slot;
    }

    // A structure: into an array of references each store would look up what the task's type is.
    private struct Slot
    {
        internal IoTask? Task;
        internal int NextFree;
    }
}

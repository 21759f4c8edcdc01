namespace AwsIO;

/// <summary>The timers that are due next, by deadline and then by insertion: a four-ary heap with the keys inline. Loop thread only.</summary>
/// <remarks>Four children a node, because they share a cache line or two: a binary heap was up to three times slower.</remarks>
internal sealed class TimerHeap
{
    private const int Arity = 4;
    private TimerEntry[] _entries = new TimerEntry[64];

    internal int Count { get; private set; }

    /// <summary>The earliest entry; the heap must not be empty.</summary>
    internal ref readonly TimerEntry First => ref _entries[0];

    internal void Add(in TimerEntry entry)
    {
        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, Count * 2);
        }

        TimerEntry[] entries = _entries;
        int index = Count++;
        while (index > 0)
        {
            int parent = (int)((uint)(index - 1) / Arity);
            if (!entry.IsBefore(in entries[parent]))
            {
                break;
            }

            entries[index] = entries[parent];
            index = parent;
        }

        entries[index] = entry;
    }

    internal void RemoveFirst()
    {
        int last = --Count;
        if (last > 0)
        {
            MoveDown(0, _entries[last]);
        }
    }

    /// <summary>Drops the entries whose timers were cancelled.</summary>
    internal void Sweep(TimerTable table)
    {
        int kept = 0;
        foreach (ref readonly TimerEntry entry in _entries.AsSpan(0, Count))
        {
            if (table.IsEmpty(entry.Slot))
            {
                table.Drop(entry.Slot);
            }
            else
            {
                _entries[kept++] = entry;
            }
        }

        Count = kept;
        for (int index = (kept - 2) / Arity; index >= 0 && kept > 1; index--)
        {
            MoveDown(index, _entries[index]);
        }
    }

    private void MoveDown(int index, TimerEntry entry)
    {
        TimerEntry[] entries = _entries;
        int count = Count;
        while (true)
        {
            int first = (index * Arity) + 1;
            if (first >= count)
            {
                break;
            }

            int earliest = first;
            int end = Math.Min(first + Arity, count);
            for (int child = first + 1; child < end; child++)
            {
                if (entries[child].IsBefore(in entries[earliest]))
                {
                    earliest = child;
                }
            }

            if (!entries[earliest].IsBefore(in entry))
            {
                break;
            }

            entries[index] = entries[earliest];
            index = earliest;
        }

        entries[index] = entry;
    }
}

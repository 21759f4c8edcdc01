using System.Runtime.CompilerServices;

namespace AwsIO;

/// <summary>The timers that are due next, by deadline and then by insertion: a four-ary heap with the keys inline. Loop thread only.</summary>
/// <remarks>Four children a node, because they share a cache line or two: a binary heap was up to three times slower.</remarks>
internal sealed class TimerHeap(TimerTable table)
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

        table.Put(entry.Slot, TimerTable.InHeap, Count);
        MoveUp(Count++, entry);
    }

    internal void RemoveAt(int index)
    {
        TimerEntry last = _entries[--Count];
        if (index == Count)
        {
            return;
        }

        if (index > 0 && last.IsBefore(in _entries[(index - 1) / Arity]))
        {
            MoveUp(index, last);
        }
        else
        {
            MoveDown(index, last);
        }
    }

    private void MoveUp(int index, TimerEntry entry)
    {
        TimerEntry[] entries = _entries;
        while (index > 0)
        {
            int parent = (int)((uint)(index - 1) / Arity);
            if (!entry.IsBefore(in entries[parent]))
            {
                break;
            }

            Put(entries, index, in entries[parent]);
            index = parent;
        }

        Put(entries, index, in entry);
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

            Put(entries, index, in entries[earliest]);
            index = earliest;
        }

        Put(entries, index, in entry);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Put(TimerEntry[] entries, int index, in TimerEntry entry)
    {
        entries[index] = entry;
        table.Move(entry.Slot, index);
    }
}

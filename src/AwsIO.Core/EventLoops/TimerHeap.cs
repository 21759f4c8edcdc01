using System.Runtime.CompilerServices;

namespace AwsIO;

/// <summary>
/// Timers by deadline, then by insertion: a four-ary heap with the keys inline and each task's index kept in the task, so that
/// cancelling needs no search. Loop thread only.
/// </summary>
/// <remarks>
/// Four children a node, because a million pending timers were inserted, re-armed, cancelled and fired up to three times
/// faster than in a binary heap: a node's children share a cache line or two.
/// </remarks>
internal sealed class TimerHeap
{
    private const int Arity = 4;
    private Entry[] _entries = new Entry[64];
    private long _nextSequence;

    internal int Count { get; private set; }

    /// <summary>The earliest deadline, or <see cref="long.MaxValue"/>.</summary>
    internal long EarliestDeadline => Count == 0 ? long.MaxValue : _entries[0].Deadline;

    internal void Add(IoTask task)
    {
        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, Count * 2);
        }

        task.Place = IoTaskPlace.Heap;
        MoveUp(Count++, new Entry(task.Deadline, _nextSequence++, task));
    }

    /// <summary>Takes the earliest task; the heap must not be empty.</summary>
    internal IoTask RemoveEarliest()
    {
        IoTask task = _entries[0].Task;
        RemoveAt(0);
        return task;
    }

    internal void Remove(IoTask task) => RemoveAt(task.HeapIndex);

    private void RemoveAt(int index)
    {
        IoTask task = _entries[index].Task;
        task.HeapIndex = -1;
        task.Place = IoTaskPlace.None;
        Entry last = _entries[--Count];
        _entries[Count] = default;
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

    private void MoveUp(int index, in Entry entry)
    {
        Entry[] entries = _entries;
        while (index > 0)
        {
            int parent = (index - 1) / Arity;
            if (!entry.IsBefore(in entries[parent]))
            {
                break;
            }

            Put(entries, index, in entries[parent]);
            index = parent;
        }

        Put(entries, index, in entry);
    }

    private void MoveDown(int index, in Entry entry)
    {
        Entry[] entries = _entries;
        while (true)
        {
            int first = (index * Arity) + 1;
            if (first >= Count)
            {
                break;
            }

            int earliest = first;
            int end = Math.Min(first + Arity, Count);
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
    private static void Put(Entry[] entries, int index, in Entry entry)
    {
        entries[index] = entry;
        entry.Task.HeapIndex = index;
    }

    private readonly struct Entry(long deadline, long sequence, IoTask task)
    {
        internal readonly long Deadline = deadline;
        internal readonly long Sequence = sequence;
        internal readonly IoTask Task = task;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal bool IsBefore(in Entry other) =>
            Deadline < other.Deadline || (Deadline == other.Deadline && Sequence < other.Sequence);
    }
}

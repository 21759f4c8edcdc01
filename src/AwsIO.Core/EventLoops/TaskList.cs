namespace AwsIO;

/// <summary>Tasks in the order in which they were appended; any of them can be taken out. The tasks are the links.</summary>
internal struct TaskList
{
    private IoTask? _last;

    internal IoTask? First { get; private set; }

    internal void Append(IoTask task)
    {
        task.Next = null;
        Append(task, task);
    }

    internal void Prepend(IoTask task)
    {
        IoTask? first = First;
        task.Previous = null;
        task.Next = first;
        if (first is null)
        {
            _last = task;
        }
        else
        {
            first.Previous = task;
        }

        First = task;
    }

    /// <summary>Appends another list, which is not used afterwards.</summary>
    internal void Append(in TaskList tasks)
    {
        if (tasks.First is { } first)
        {
            Append(first, tasks._last!);
        }
    }

    internal void Remove(IoTask task)
    {
        if (task.Previous is null)
        {
            First = task.Next;
        }
        else
        {
            task.Previous.Next = task.Next;
        }

        if (task.Next is null)
        {
            _last = task.Previous;
        }
        else
        {
            task.Next.Previous = task.Previous;
        }

        task.Next = null;
        task.Previous = null;
        task.Place = IoTask.Nowhere;
    }

    private void Append(IoTask first, IoTask last)
    {
        first.Previous = _last;
        if (_last is null)
        {
            First = first;
        }
        else
        {
            _last.Next = first;
        }

        _last = last;
    }
}

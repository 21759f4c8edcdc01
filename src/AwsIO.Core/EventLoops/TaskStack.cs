namespace AwsIO;

/// <summary>
/// The way into a loop from other threads: tasks are pushed one by one without a lock, and taken all at once.
/// </summary>
/// <remarks>
/// Nothing is ever popped singly, and a pusher uses nothing of the head but which task it is: so it makes no difference whether that has
/// been taken, called and pushed again meanwhile (the ABA problem of lock-free stacks).
/// </remarks>
internal struct TaskStack
{
    // Stands at the bottom once the loop has ended: a push that finds it must be cancelled by whoever pushes.
    private static readonly IoTask s_closed = IoTask.Create(static (_, _) => { }, 0);

    // How many tasks are counted for somebody who wants to know: what has come to more than that is as bad.
    private const int MostCounted = 100_000;

    private IoTask? _head;

    internal readonly bool IsEmpty
    {
        get
        {
            IoTask? head = Volatile.Read(in _head);
            return head is null || ReferenceEquals(head, s_closed);
        }
    }

    /// <summary>About how many tasks there are, up to a hundred thousand; any thread.</summary>
    internal readonly int Depth
    {
        get
        {
            // Pushers count nothing: each would have to look into a task that another processor has. The loop may take the tasks at any
            // moment of this, and somebody push them anew: then the number is wrong, and no more.
            int depth = 0;
            for (IoTask? task = Volatile.Read(in _head); task is not null && depth < MostCounted; task = Volatile.Read(ref task.Next))
            {
                depth += ReferenceEquals(task, s_closed) ? 0 : 1;
            }

            return depth;
        }
    }

    /// <summary>Adds a task; any thread.</summary>
    /// <returns>False when the stack is closed: nothing will take the task.</returns>
    internal bool TryPush(IoTask task)
    {
        IoTask? head = Volatile.Read(ref _head);
        while (true)
        {
            if (ReferenceEquals(head, s_closed))
            {
                return false;
            }

            task.Next = head;
            IoTask? seen = Interlocked.CompareExchange(ref _head, task, head);
            if (ReferenceEquals(seen, head))
            {
                return true;
            }

            head = seen;
        }
    }

    /// <summary>Takes all tasks, first pushed first, linked by <see cref="IoTask.Next"/>. One thread at a time.</summary>
    internal IoTask? TakeAll() => IsEmpty ? null : Reverse(Interlocked.Exchange(ref _head, null));

    /// <summary>Takes what is left, first pushed first, and refuses every later push.</summary>
    internal IoTask? Close() => Reverse(Interlocked.Exchange(ref _head, s_closed));

    private static IoTask? Reverse(IoTask? task)
    {
        IoTask? reversed = null;
        while (task is not null && !ReferenceEquals(task, s_closed))
        {
            IoTask? next = task.Next;
            task.Next = reversed;
            reversed = task;
            task = next;
        }

        return reversed;
    }
}

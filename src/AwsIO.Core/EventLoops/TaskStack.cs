namespace AwsIO;

/// <summary>
/// The way into a loop from other threads: tasks are pushed one by one without a lock, and taken all at once.
/// </summary>
/// <remarks>Nothing is ever popped singly, so that the ABA problem of lock-free stacks cannot arise.</remarks>
internal struct TaskStack
{
    // Stands at the bottom once the loop has ended: a push that finds it must be cancelled by whoever pushes.
    private static readonly IoTask s_closed = IoTask.Create(static (_, _) => { }, 0);

    private IoTask? _head;

    internal readonly bool IsEmpty
    {
        get
        {
            IoTask? head = Volatile.Read(in _head);
            return head is null || ReferenceEquals(head, s_closed);
        }
    }

    /// <summary>About how many tasks there are; any thread.</summary>
    internal readonly int Depth
    {
        get
        {
            // A task that has left the stack meanwhile stands elsewhere.
            IoTask? head = Volatile.Read(in _head);
            int depth = head is null || ReferenceEquals(head, s_closed) ? 0 : Volatile.Read(ref head.Position);
            return ReferenceEquals(Volatile.Read(in _head), head) ? depth : 0;
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
            task.Position = (head?.Position ?? 0) + 1;
            IoTask? seen = Interlocked.CompareExchange(ref _head, task, head);
            if (ReferenceEquals(seen, head))
            {
                return true;
            }

            head = seen;
        }
    }

    /// <summary>
    /// Takes all tasks, the last pushed one first, linked by <see cref="IoTask.Next"/>; its <see cref="IoTask.Position"/> is their number.
    /// Each is in another processor's cache, and is looked at once only. Loop thread only.
    /// </summary>
    internal IoTask? TakeAll() => IsEmpty ? null : Interlocked.Exchange(ref _head, null);

    /// <summary>Takes all tasks, first pushed first. One thread at a time.</summary>
    internal IoTask? TakeAllInOrder() => Reverse(TakeAll());

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

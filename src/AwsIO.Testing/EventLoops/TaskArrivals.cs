namespace AwsIO.Testing;

/// <summary>
/// The way into a manual loop whose order a seed decides: it knows who has scheduled each task, and mixes what different threads and loops
/// have scheduled between two turns.
/// </summary>
/// <remarks>
/// Each thread's tasks, and those of each other loop's callbacks, keep their order; so do all tasks that are scheduled serialized, whoever
/// does it. Nothing else is promised of tasks that are due at once. Timers keep theirs: equal moments run in the order of the calls.
/// </remarks>
internal sealed class TaskArrivals(Func<int, int> draw)
{
    private readonly object _gate = new();
    private List<Arrival> _arrivals = [];
    private bool _isShut;

    /// <summary>How many tasks wait to be taken; any thread.</summary>
    internal int Count
    {
        get
        {
            lock (_gate)
            {
                return _arrivals.Count;
            }
        }
    }

    /// <summary>Adds a task that the calling thread schedules.</summary>
    /// <returns>False when it is shut: nothing will take the task.</returns>
    internal bool TryAdd(IoTask task, bool isSerialized)
    {
        // The thread itself, and not its number, which the next one may get. A manual loop stands for a thread, whoever drives it.
        object source = (object?)EventLoop.Current ?? Thread.CurrentThread;
        lock (_gate)
        {
            if (!_isShut)
            {
                _arrivals.Add(new Arrival(task, source, isSerialized));
            }

            return !_isShut;
        }
    }

    /// <summary>Refuses every later task.</summary>
    /// <returns>False, and nothing is shut, while there are tasks to be taken.</returns>
    internal bool TryShut()
    {
        lock (_gate)
        {
            return _isShut = _arrivals.Count == 0;
        }
    }

    /// <summary>Takes all tasks, in the seed's order.</summary>
    internal List<IoTask> TakeAll()
    {
        List<Arrival> arrivals;
        lock (_gate)
        {
            if (_arrivals.Count == 0)
            {
                return [];
            }

            arrivals = _arrivals;
            _arrivals = [];
        }

        List<IoTask> order = [.. arrivals.Where(static arrival => arrival.IsTimer).Select(static arrival => arrival.Task)];
        List<Queue<Arrival>> sources = [.. arrivals.Where(static arrival => !arrival.IsTimer).GroupBy(static arrival => arrival.Source)
            .Select(static source => new Queue<Arrival>(source))];
        Queue<IoTask> serialized = new(
            arrivals.Where(static arrival => arrival.IsSerialized).Select(static arrival => arrival.Task));
        while (sources.Count > 0)
        {
            // The first of all that are left may always go, so there is one.
            List<Queue<Arrival>> ready = sources.FindAll(
                source => !source.Peek().IsSerialized || ReferenceEquals(source.Peek().Task, serialized.Peek()));
            Queue<Arrival> next = ready[ready.Count > 1 ? draw(ready.Count) : 0];
            Arrival arrival = next.Dequeue();
            order.Add(arrival.Task);
            if (arrival.IsSerialized)
            {
                _ = serialized.Dequeue();
            }

            if (next.Count == 0)
            {
                _ = sources.Remove(next);
            }
        }

        return order;
    }

    private sealed record Arrival(IoTask Task, object Source, bool IsSerialized)
    {
        internal bool IsTimer => Task.Deadline != 0;
    }
}

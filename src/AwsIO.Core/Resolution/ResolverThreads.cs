namespace AwsIO;

/// <summary>A bounded set of threads for calls that block: started when there is work, gone after a while without.</summary>
internal sealed class ResolverThreads(int maxThreads, Action<Thread> start)
{
    private static readonly TimeSpan s_idleTime = TimeSpan.FromSeconds(5);

    private readonly object _gate = new();
    private readonly Queue<Action> _work = new();
    private int _threads;
    private int _idle;
    private bool _stopped;

    /// <summary>Has a thread do some work.</summary>
    /// <returns>False when the system has no thread, and none that was started before will do it.</returns>
    internal bool Enqueue(Action work)
    {
        lock (_gate)
        {
            if (_stopped)
            {
                return true;
            }

            _work.Enqueue(work);
            if (_idle >= _work.Count)
            {
                Monitor.Pulse(_gate);
                return true;
            }

            if (_threads == maxThreads)
            {
                return true;
            }

            _threads++;
        }

        // Background: a look-up that hangs never keeps the process alive.
        Thread thread = new(Run) { IsBackground = true, Name = "awsio-resolver" };
        try
        {
            start(thread);
            return true;
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            return !TakeBack(work);
        }
    }

    private bool TakeBack(Action work)
    {
        lock (_gate)
        {
            _threads--;
            if (_threads > 0)
            {
                return false;
            }

            for (int left = _work.Count; left > 0; left--)
            {
                Action other = _work.Dequeue();
                if (!ReferenceEquals(other, work))
                {
                    _work.Enqueue(other);
                }
            }

            return true;
        }
    }

    /// <summary>Drops what has not begun; threads leave when their present call returns.</summary>
    internal void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            _work.Clear();
            Monitor.PulseAll(_gate);
        }
    }

    private void Run()
    {
        while (TryTake(out Action? work))
        {
            work();
        }
    }

    private bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Action? work)
    {
        lock (_gate)
        {
            _idle++;
            while (!_stopped && _work.Count == 0)
            {
                if (!Monitor.Wait(_gate, s_idleTime) && _work.Count == 0)
                {
                    break;
                }
            }

            _idle--;
            if (_work.TryDequeue(out work))
            {
                return true;
            }

            _threads--;
            return false;
        }
    }
}

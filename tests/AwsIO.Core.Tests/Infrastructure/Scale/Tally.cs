namespace AwsIO.Tests.Infrastructure.Scale;

/// <summary>A count that many loops add to, and whoever waits for it.</summary>
internal sealed class Tally
{
    private readonly object _gate = new();
    private TaskCompletionSource? _reached;
    private long _target;
    private long _count;

    internal long Count
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    internal void Add(long amount = 1)
    {
        lock (_gate)
        {
            _count += amount;
            if (_count >= _target)
            {
                _reached?.TrySetResult();
            }
        }
    }

    /// <summary>Completes when the count is at least this.</summary>
    internal Task Reaches(long target)
    {
        lock (_gate)
        {
            if (_count >= target)
            {
                return Task.CompletedTask;
            }

            _target = target;
            _reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _reached.Task;
        }
    }
}

using System.Collections.Concurrent;

namespace AwsIO.Tests.Torture;

/// <summary>Exceptions of tasks that nobody has looked at.</summary>
internal sealed class TaskExceptions
{
    private readonly ConcurrentQueue<string> _unobserved = [];

    internal TaskExceptions() => TaskScheduler.UnobservedTaskException += OnUnobserved;

    /// <summary>Has the collector find them, and listens no more.</summary>
    internal IEnumerable<string> Collect()
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        TaskScheduler.UnobservedTaskException -= OnUnobserved;
        return _unobserved;
    }

    private void OnUnobserved(object? sender, UnobservedTaskExceptionEventArgs args) =>
        _unobserved.Enqueue($"Nobody has looked at {args.Exception}");
}

namespace AwsIO;

/// <summary>What a loop counts. Its own thread writes; others read values that may be a moment old.</summary>
public abstract partial class EventLoop
{
    private readonly LoopWatch? _watch;
    private long _ticks;
    private long _tasksRun;
    private long _eventsReported;
    private long _busyTotal;
    private long _callbacks;
    private long _runningNumber;
    private object? _running;

    /// <summary>Turns that the loop has made.</summary>
    internal long Ticks => Volatile.Read(ref _ticks);

    /// <summary>Tasks that the loop has called, to run or to be cancelled.</summary>
    internal long TasksRun => Volatile.Read(ref _tasksRun);

    /// <summary>Times that a subscriber was told of events.</summary>
    internal long EventsReported => Volatile.Read(ref _eventsReported);

    /// <summary>Nanoseconds between waking up and looking for the next thing to wait for, in all ticks together.</summary>
    internal long BusyNanoseconds => Volatile.Read(ref _busyTotal);

    /// <summary>About how many tasks have not been called yet, timers among them.</summary>
    internal int PendingTasks => Math.Max(0, IncomingDepth + _ready.Count + _timers.Count);

    /// <summary>Number of wake-up writes that other threads made.</summary>
    internal long WakeUps => Volatile.Read(ref _shared.WakeUps);

    /// <summary>Calls of tasks and subscribers so far.</summary>
    internal long Callbacks => Volatile.Read(ref _callbacks);

    /// <summary>The number of the callback that runs now or ran last.</summary>
    internal long CallbackNumber => Volatile.Read(ref _runningNumber);

    /// <summary>The task, subscriber or delegate that is being called; null between ticks.</summary>
    internal object? RunningCallback => Volatile.Read(ref _running);

    /// <summary>Whether the loop's thread is not waiting for anything.</summary>
    internal bool IsAwake => !IsStopped && Volatile.Read(ref _shared.Sleeping) == 0;

    private void NoteCallback(object callback)
    {
        _running = callback;
        _runningNumber = ++_callbacks;
    }
}

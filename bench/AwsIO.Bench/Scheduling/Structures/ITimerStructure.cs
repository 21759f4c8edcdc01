namespace AwsIO.Bench.Scheduling.Structures;

/// <summary>Something that keeps timers by deadline; one thread. A structure, so that no call of it is by a table.</summary>
/// <typeparam name="TSelf">The structure itself.</typeparam>
internal interface ITimerStructure<TSelf>
    where TSelf : struct, ITimerStructure<TSelf>
{
    /// <summary>Makes an empty one.</summary>
    static abstract TSelf Create();

    /// <summary>Adds a timer that is in no structure, for its <see cref="IoTask.Deadline"/>.</summary>
    void Add(TimerItem item);

    /// <summary>Takes a timer out before its time.</summary>
    void Remove(TimerItem item);

    /// <summary>Takes out a timer that is due; null where none is.</summary>
    TimerItem? TakeDue(long now);
}

/// <summary>A timer as every structure takes it. It counts how often it is called.</summary>
internal sealed class TimerItem : IoTask
{
    /// <summary>The one behind it and the one before it in a wheel's slot.</summary>
    public TimerItem? NextItem;
    public TimerItem? PreviousItem;

    /// <summary>How often it was called.</summary>
    public int Calls { get; private set; }

    protected override void Run(IoTaskStatus status) => Calls++;
}

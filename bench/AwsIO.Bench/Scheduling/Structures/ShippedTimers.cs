namespace AwsIO.Bench.Scheduling.Structures;

/// <summary>What a loop of AwsIO has: a hierarchical wheel in front of a four-ary heap, and cancelling that only empties a slot.</summary>
internal readonly struct ShippedTimers : ITimerStructure<ShippedTimers>
{
    private readonly TimerQueue _queue = new();

    public ShippedTimers() { }

    public static ShippedTimers Create() => new();

    public void Add(TimerItem item) => _queue.Add(item, recent: 0);

    public void Remove(TimerItem item) => _queue.Remove(item);

    public TimerItem? TakeDue(long now) => (TimerItem?)_queue.TakeDue(now);
}

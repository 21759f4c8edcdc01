namespace AwsIO.Bench.Scheduling.Structures;

/// <summary>
/// A bare hashed wheel: 65,536 slots of about a millisecond, each an unsorted list of the timers whose tick falls on it in whichever round.
/// Timers come up to a tick late, and those of one tick in any order: less than a loop promises.
/// </summary>
internal struct HashedWheel : ITimerStructure<HashedWheel>
{
    private const int TickShift = 20;
    private const int Slots = 1 << 16;
    private readonly TimerItem?[] _first = new TimerItem?[Slots];

    // The first tick that was not looked at, and where the look at the one before it has come to.
    private long _tick;
    private TimerItem? _at;

    public HashedWheel() { }

    public static HashedWheel Create() => new();

    public readonly void Add(TimerItem item)
    {
        int slot = (int)(Math.Max(item.Deadline >> TickShift, _tick) & (Slots - 1));
        TimerItem? behind = _first[slot];
        item.Place = slot;
        item.PreviousItem = null;
        item.NextItem = behind;
        if (behind is not null)
        {
            behind.PreviousItem = item;
        }

        _first[slot] = item;
    }

    public void Remove(TimerItem item)
    {
        if (ReferenceEquals(item, _at))
        {
            _at = item.NextItem;
        }

        if (item.PreviousItem is { } before)
        {
            before.NextItem = item.NextItem;
        }
        else
        {
            _first[item.Place] = item.NextItem;
        }

        if (item.NextItem is { } behind)
        {
            behind.PreviousItem = item.PreviousItem;
        }

        item.Place = IoTask.Nowhere;
        item.NextItem = null;
        item.PreviousItem = null;
    }

    public TimerItem? TakeDue(long now)
    {
        while (true)
        {
            while (_at is null)
            {
                // A tick is looked at once it is over: nothing comes early.
                if (_tick >= now >> TickShift)
                {
                    return null;
                }

                _at = _first[_tick++ & (Slots - 1)];
            }

            TimerItem item = _at;
            _at = item.NextItem;
            if (item.Deadline <= now)
            {
                Remove(item);
                return item;
            }
        }
    }
}

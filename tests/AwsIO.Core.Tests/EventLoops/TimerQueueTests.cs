namespace AwsIO.Tests.EventLoops;

public sealed class TimerQueueTests
{
    private const long Millisecond = 1_000_000;
    private const long Hour = 3600 * 1000 * Millisecond;

    /// <summary>Seeds, and how far ahead deadlines are drawn: within a tick of the wheel, across its levels, to the end of time.</summary>
    public static TheoryData<int, long> Spans
    {
        get
        {
            TheoryData<int, long> data = [];
            foreach (long span in (long[])[200, 3 * Millisecond, 70 * Millisecond, 5000 * Millisecond, Hour, 24 * 365 * Hour, long.MaxValue])
            {
                data.Add(1, span);
                data.Add(2, span);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Spans))]
    public void It_gives_what_a_sorted_list_gives_after_any_additions_and_removals(int seed, long span)
    {
        Random random = new(seed);
        TimerQueue queue = new();
        List<Entry> model = [];
        int sequence = 0;
        for (int step = 0; step < 6000; step++)
        {
            int action = random.Next(10);
            if (action < 5 || model.Count == 0)
            {
                Entry entry = new(random.NextInt64(span), sequence++, IoTask.Create(static (_, _) => { }, 0));
                Add(queue, entry, random.NextInt64(span));
                model.Add(entry);
            }
            else if (action < 8)
            {
                Entry removed = model[random.Next(model.Count)];
                model.Remove(removed);
                queue.Remove(removed.Task);
                Assert.Equal(IoTask.Nowhere, removed.Task.Place);
            }
            else
            {
                Entry first = model.Min()!;
                Assert.InRange(queue.EarliestDeadline, 0, first.Deadline);
                Assert.Same(first.Task, queue.RemoveEarliest());
                model.Remove(first);
            }

            Assert.Equal(model.Count, queue.Count);
        }

        foreach (Entry entry in model.Order())
        {
            Assert.Same(entry.Task, queue.RemoveEarliest());
        }

        Assert.Equal(long.MaxValue, queue.EarliestDeadline);
    }

    [Theory]
    [MemberData(nameof(Spans))]
    public void As_time_goes_by_each_is_taken_when_it_is_due_and_none_before(int seed, long span)
    {
        Random random = new(seed);
        TimerQueue queue = new();
        List<Entry> model = [];
        int sequence = 0;
        long now = random.NextInt64(Hour);
        for (int step = 0; step < 2000; step++)
        {
            int added = random.Next(4);
            for (int i = 0; i < added; i++)
            {
                long deadline = now + random.NextInt64(Math.Min(span, long.MaxValue - now));
                Entry entry = new(deadline, sequence++, IoTask.Create(static (_, _) => { }, 0));
                Add(queue, entry, now);
                model.Add(entry);
            }

            if (model.Count > 0 && random.Next(3) == 0)
            {
                Entry removed = model[random.Next(model.Count)];
                model.Remove(removed);
                queue.Remove(removed.Task);
            }

            // As a loop does: it sleeps until what it is told, or is woken before.
            long next = queue.EarliestDeadline;
            Assert.InRange(next, 0, model.Count > 0 ? model.Min()!.Deadline : long.MaxValue);
            if (next != long.MaxValue)
            {
                now = random.Next(2) == 0 ? Math.Max(now, next) : now + random.NextInt64(Math.Max(1, (next - now) / 2));
            }

            foreach (Entry due in model.Where(entry => entry.Deadline <= now).Order().ToArray())
            {
                Assert.Same(due.Task, queue.TakeDue(now));
                model.Remove(due);
            }

            Assert.Null(queue.TakeDue(now));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Millisecond)]
    [InlineData(60 * Millisecond)]
    [InlineData(10_000 * Millisecond)]
    [InlineData(Hour)]
    [InlineData(long.MaxValue - 1)]
    public void Of_few_timers_it_tells_exactly_when_the_earliest_is_due(long deadline)
    {
        TimerQueue queue = new();
        for (int i = 0; i < 10; i++)
        {
            Add(queue, new Entry(Math.Min(deadline, long.MaxValue - 100) + (10 * i), i, IoTask.Create(static (_, _) => { }, 0)));
        }

        Assert.Equal(Math.Min(deadline, long.MaxValue - 100), queue.EarliestDeadline);
    }

    [Fact]
    public void Of_many_timers_far_away_it_wakes_early_a_few_times_at_the_most()
    {
        TimerQueue queue = new();
        for (int i = 0; i < 100; i++)
        {
            Add(queue, new Entry(Hour + i, i, IoTask.Create(static (_, _) => { }, 0)));
        }

        long now = 0;
        int wakes = 0;
        while (queue.TakeDue(now) is null)
        {
            now = queue.EarliestDeadline;
            wakes++;
        }

        Assert.Equal(Hour, now);
        Assert.InRange(wakes, 1, 5);
    }

    [Fact]
    public void Timers_that_are_cancelled_again_and_again_leave_little_behind_and_wake_nobody()
    {
        TimerQueue queue = new();
        IoTask limit = IoTask.Create(static (_, _) => { }, 0);
        long now = 0;
        long allocated = 0;
        bool isRight = true;
        for (int i = 0; i < 100_000; i++)
        {
            if (i == 1000)
            {
                allocated = GC.GetAllocatedBytesForCurrentThread();
            }

            now += Millisecond;
            limit.Deadline = now + (30_000 * Millisecond);
            queue.Add(limit, now);
            isRight &= queue.EarliestDeadline == limit.Deadline && queue.TakeDue(now) is null;
            queue.Remove(limit);
            isRight &= queue.Count == 0;
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        Assert.True(isRight);

        Assert.Equal(long.MaxValue, queue.EarliestDeadline);
        Assert.Equal(0, allocated);
    }

    [Theory]
    [InlineData(100, 0)]
    [InlineData(100, 1)]
    [InlineData(40, 1)]
    [InlineData(1000, 3)]
    public void After_a_burst_of_timers_was_cancelled_a_loop_has_nothing_to_wake_up_for(int burst, int others)
    {
        TimerQueue queue = new();
        for (int i = 0; i < others; i++)
        {
            Add(queue, new Entry(24 * Hour, i, IoTask.Create(static (_, _) => { }, 0)));
        }

        for (int round = 0; round < 3; round++)
        {
            IoTask[] tasks = [.. Enumerable.Range(0, burst).Select(static _ => IoTask.Create(static (_, _) => { }, 0))];
            foreach (IoTask task in tasks)
            {
                task.Deadline = 10_000 * Millisecond;
                queue.Add(task, 0);
            }

            // The loop goes to sleep once before they are cancelled.
            _ = queue.EarliestDeadline;
            foreach (IoTask task in tasks)
            {
                queue.Remove(task);
            }
        }

        // Whenever it is told to wake up, it either finds something or is told of a later moment.
        long now = 0;
        int wakes = 0;
        while (queue.EarliestDeadline is var next && next < 24 * Hour)
        {
            now = Math.Max(now, next);
            Assert.Null(queue.TakeDue(now));
            Assert.InRange(queue.EarliestDeadline, now + 1, long.MaxValue);
            wakes++;
        }

        Assert.InRange(wakes, 0, 8);
        Assert.Equal(others == 0 ? long.MaxValue : 24 * Hour, queue.EarliestDeadline);
        Assert.Equal(others, queue.Count);
    }

    private static void Add(TimerQueue queue, Entry entry, long recent = 0)
    {
        entry.Task.Deadline = entry.Deadline;
        queue.Add(entry.Task, recent);
    }

    private sealed record Entry(long Deadline, int Sequence, IoTask Task) : IComparable<Entry>
    {
        public int CompareTo(Entry? other) => (Deadline, Sequence).CompareTo((other!.Deadline, other.Sequence));
    }
}

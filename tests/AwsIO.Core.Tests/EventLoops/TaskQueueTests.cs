namespace AwsIO.Tests.EventLoops;

/// <summary>The queue of what is ready, against a list: whatever is done to it, it gives the same tasks in the same order.</summary>
public class TaskQueueTests
{
    private readonly Random _random = new(1);
    private readonly List<IoTask> _expected = [];
    private TaskQueue _queue = new();

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(1_000)]
    public void Any_sequence_of_operations_keeps_the_order(int most)
    {
        // More than enough for the positions to wrap round.
        for (int step = 0; step < 20_000; step++)
        {
            switch (_random.Next(4))
            {
                case 0:
                    Append(1 + _random.Next(most));
                    break;
                case 1:
                    Remove(_random.Next(most));
                    break;
                case 2:
                    RunRound(static () => { });
                    break;
                default:
                    RunRound(() =>
                    {
                        // What comes in meanwhile is not of the round, whatever leaves the queue.
                        Remove(_random.Next(4));
                        Append(_random.Next(3));
                        Remove(_random.Next(2));
                    });
                    break;
            }

            Assert.Equal(_expected.Count, _queue.Count);
        }
    }

    [Fact]
    public void A_task_that_comes_and_goes_takes_no_room()
    {
        IoTask task = NewTask();
        _queue.Append(NewTask());
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100_000; i++)
        {
            _queue.Append(task);
            _queue.Remove(task);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(1, _queue.Count);
    }

    [Fact]
    public void A_task_that_follows_another_one_takes_no_room()
    {
        IoTask[] tasks = [NewTask(), NewTask()];
        _queue.Append(tasks[0]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 1; i <= 100_000; i++)
        {
            _queue.Append(tasks[i % 2]);
            _queue.Remove(tasks[(i - 1) % 2]);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(1, _queue.Count);
    }

    [Fact]
    public void Holes_between_tasks_take_no_room_for_ever()
    {
        IoTask task = NewTask();
        _queue.Append(NewTask());
        long most = 0;
        for (int i = 0; i < 10_000; i++)
        {
            // Between two that stay, and not at an end.
            _queue.Append(task);
            IoTask last = NewTask();
            long before = GC.GetAllocatedBytesForCurrentThread();
            _queue.Append(last);
            most += GC.GetAllocatedBytesForCurrentThread() - before;
            _queue.Remove(task);
            _queue.BeginRound();
            Assert.NotNull(_queue.TakeNext());
        }

        Assert.Equal(0, most);
    }

    [Fact]
    public void What_has_left_the_queue_is_not_kept()
    {
        WeakReference taken = AppendAndTake();
        GC.Collect();
        Assert.False(taken.IsAlive);
        GC.KeepAlive(_expected);
    }

    private WeakReference AppendAndTake()
    {
        IoTask task = NewTask();
        _queue.Append(task);
        _queue.BeginRound();
        Assert.Same(task, _queue.TakeNext());
        return new WeakReference(task);
    }

    private void Append(int count)
    {
        for (int i = 0; i < count; i++)
        {
            IoTask task = NewTask();
            _queue.Append(task);
            _expected.Add(task);
        }
    }

    private void Remove(int count)
    {
        for (int i = 0; i < count && _expected.Count > 0; i++)
        {
            int at = _random.Next(_expected.Count);
            _queue.Remove(_expected[at]);
            _expected.RemoveAt(at);
        }
    }

    private void RunRound(Action whileIn)
    {
        // A task that is taken out of the round's is not called; whatever is left of them is, in order.
        HashSet<IoTask> round = [.. _expected];
        _queue.BeginRound();
        while (_queue.TakeNext() is { } task)
        {
            Assert.Same(_expected[0], task);
            Assert.Contains(task, round);
            _expected.RemoveAt(0);
            whileIn();
        }

        Assert.DoesNotContain(_expected, round.Contains);
    }

    private static IoTask NewTask() => IoTask.Create(static (_, _) => { }, 0);
}

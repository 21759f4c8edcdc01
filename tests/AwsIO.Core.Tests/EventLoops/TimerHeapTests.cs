namespace AwsIO.Tests.EventLoops;

public sealed class TimerHeapTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void The_heap_gives_what_a_sorted_list_gives_after_any_additions_and_removals(int seed)
    {
        Random random = new(seed);
        TimerHeap heap = new();
        List<(long Deadline, int Sequence, IoTask Task)> model = [];
        int sequence = 0;
        for (int step = 0; step < 20_000; step++)
        {
            int action = random.Next(10);
            if (action < 5 || model.Count == 0)
            {
                IoTask task = IoTask.Create(static (_, _) => { }, 0);
                task.Deadline = random.Next(200);
                heap.Add(task);
                model.Add((task.Deadline, sequence++, task));
            }
            else if (action < 8)
            {
                (long, int, IoTask Task) removed = model[random.Next(model.Count)];
                model.Remove(removed);
                heap.Remove(removed.Task);
                Assert.Equal(IoTaskPlace.None, removed.Task.Place);
            }
            else
            {
                (long Deadline, int, IoTask Task) first = model.MinBy(static entry => (entry.Deadline, entry.Sequence));
                Assert.Equal(first.Deadline, heap.EarliestDeadline);
                Assert.Same(first.Task, heap.RemoveEarliest());
                model.Remove(first);
            }

            Assert.Equal(model.Count, heap.Count);
        }

        foreach ((_, _, IoTask task) in model.OrderBy(static entry => (entry.Deadline, entry.Sequence)))
        {
            Assert.Same(task, heap.RemoveEarliest());
        }

        Assert.Equal(long.MaxValue, heap.EarliestDeadline);
    }
}

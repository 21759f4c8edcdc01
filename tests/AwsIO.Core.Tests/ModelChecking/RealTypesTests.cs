namespace AwsIO.Tests.ModelChecking;

/// <summary>
/// The models' steps against the types themselves: every short sequence of the operations that are one atomic access each. What an
/// interleaving can do to them is such a sequence.
/// </summary>
public sealed class RealTypesTests
{
    [Fact]
    public void A_tasks_state_word_goes_through_the_models_states()
    {
        foreach (int[] operations in Sequences(count: 5, length: 6))
        {
            IoTask task = IoTask.Create(static (_, _) => { }, 0);
            bool scheduled = false;
            bool asked = false;
            bool inQueue = false;
            foreach (int operation in operations)
            {
                switch (operation)
                {
                    case 0:
                        if (scheduled)
                        {
                            Assert.Throws<InvalidOperationException>(task.MarkScheduled);
                        }
                        else
                        {
                            task.MarkScheduled();
                            scheduled = true;
                        }

                        break;
                    case 1:
                        Assert.Equal(asked, task.MarkCalled());
                        scheduled = asked = false;
                        break;
                    case 2:
                        Assert.Equal(scheduled && !inQueue, task.MarkCancelAsked());
                        asked |= scheduled;
                        inQueue |= scheduled;
                        break;
                    case 3:
                        Assert.Equal(scheduled && asked && !inQueue, task.MarkBackInCancelQueue());
                        inQueue |= scheduled && asked;
                        break;
                    default:
                        Assert.Equal(scheduled && asked, task.MarkLeftCancelQueue());
                        inQueue = false;
                        break;
                }

                Assert.Equal(scheduled, task.IsScheduled);
            }
        }
    }

    [Fact]
    public void A_stack_gives_what_was_pushed_in_order_and_refuses_what_comes_after_its_end()
    {
        foreach (int[] operations in Sequences(count: 3, length: 8))
        {
            TaskStack stack = default;
            Queue<IoTask> expected = new();
            bool closed = false;
            foreach (int operation in operations)
            {
                if (operation == 0)
                {
                    IoTask task = IoTask.Create(static (_, _) => { }, 0);
                    Assert.Equal(!closed, stack.TryPush(task));
                    if (!closed)
                    {
                        expected.Enqueue(task);
                    }
                }
                else
                {
                    IoTask? taken = operation == 1 ? stack.TakeAll() : stack.Close();
                    closed |= operation == 2;
                    List<IoTask> found = [];
                    for (; taken is not null; taken = taken.Next)
                    {
                        found.Add(taken);
                    }

                    // A loop that goes on builds its list from the end.
                    Assert.Equal(operation == 1 ? expected.Reverse() : expected, found);
                    expected.Clear();
                }

                Assert.Equal(expected.Count == 0, stack.IsEmpty);
            }
        }
    }

    private static IEnumerable<int[]> Sequences(int count, int length)
    {
        int[] sequence = new int[length];
        for (int number = 0; number < (int)Math.Pow(count, length); number++)
        {
            int rest = number;
            for (int i = 0; i < length; i++)
            {
                sequence[i] = rest % count;
                rest /= count;
            }

            yield return sequence;
        }
    }
}

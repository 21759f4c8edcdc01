using AwsIO.Testing;

namespace AwsIO.Tests.ModelChecking;

/// <summary>
/// The models' steps against the types themselves: every short sequence of the operations that are one atomic access each. What an
/// interleaving can do to them is such a sequence.
/// </summary>
public sealed class RealTypesTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_task_goes_through_the_models_states(bool isOwn)
    {
        using ManualLoopGroup loops = new();
        EventLoop loop = loops[0];
        foreach (int[] operations in Sequences(count: 5, length: 6))
        {
            IoTask task = isOwn ? IoTask.CreateFor(loop, static (_, _) => { }, 0) : IoTask.Create(static (_, _) => { }, 0);
            Action schedule = isOwn ? () => Assert.True(task.TryMarkOwn(loop)) : () => task.MarkScheduled(loop);
            int uses = 0;
            bool scheduled = false;
            int asked = 0;
            int left = 0;
            foreach (int operation in operations)
            {
                switch (operation)
                {
                    case 0 when scheduled:
                        Assert.Throws<InvalidOperationException>(schedule);
                        break;
                    case 0:
                        schedule();
                        scheduled = true;
                        uses++;
                        break;
                    case 1 when scheduled:
                        Assert.Equal(asked == UseOf(uses), task.MarkCalled());
                        scheduled = false;
                        break;
                    case 1:
                        break;
                    case 2:
                        Assert.Equal(scheduled && asked == 0, task.MarkCancelAsked());
                        asked = scheduled ? UseOf(uses) : asked;
                        break;
                    case 3 when left != 0:
                        Assert.Equal(asked == 0, task.MarkBackInCancelQueue(left));
                        asked = Math.Max(asked, left);
                        break;
                    case 3:
                        break;
                    default:
                        left = task.MarkLeftCancelQueue();
                        Assert.Equal(asked, left);
                        asked = 0;
                        break;
                }

                Assert.Equal(scheduled, task.IsScheduled);
                Assert.Same(scheduled || isOwn ? loop : null, task.Loop);
                for (int use = 1; use <= uses; use++)
                {
                    Assert.Equal(scheduled && use == uses, task.IsInUse(UseOf(use)));
                }
            }
        }

        // Odd while it lasts.
        static int UseOf(int number) => (2 * number) - 1;
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

                    Assert.Equal(expected, found);
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

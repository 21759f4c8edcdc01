using AwsIO.Tests.EventLoops.Manual;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Stress;

/// <summary>Tasks that go from one loop to another while their cancellation is still on its way.</summary>
public class MovingStressTests : StressTest
{
    private const int Batch = 64;

    protected override int LoopCount => 2;

    /// <remarks>
    /// A task in its first use is cancelled just when it is called, so that it may stay in its loop's list of what is to be cancelled.
    /// It goes to the other loop, is cancelled there, too, and goes on at once: what then comes of that list must not reach it.
    /// </remarks>
    [Fact(Explicit = true)]
    public async Task A_cancel_does_not_reach_a_use_that_began_after_it()
    {
        int rounds = Batches(Batch);
        MovingTask[][] tasks = [.. Enumerable.Range(0, Threads).Select(thread => Enumerable.Range(0, Batch)
            .Select(_ => new MovingTask(Group[thread & 1], Group[1 - (thread & 1)])).ToArray())];
        await OnThreads(thread =>
        {
            Random random = new(thread);
            MovingTask[] own = tasks[thread];
            for (int i = 0; i < rounds; i++)
            {
                Array.ForEach(own, static task => task.Begin());
                Thread.SpinWait(random.Next(200));
                Array.ForEach(own, static task => task.CancelFirst());
                foreach (MovingTask task in own)
                {
                    int expected = i + 1;
                    Until(() => task.Rounds == expected, "A task has gone its way");
                }
            }
        });
        MovingTask[] all = [.. tasks.SelectMany(static own => own)];
        Assert.All(all, task => Assert.Equal(rounds, task.Rounds));
        Assert.All(all, static task => Assert.Equal(0, task.Wrongs));
        Assert.NotEqual(0, all.Sum(static task => (long)task.ThirdUses));
    }

    private sealed class MovingTask(EventLoop from, EventLoop to) : IoTask
    {
        private int _use;
        private int _rounds;
        private bool _isFirstAsked;
        private bool _isSecondAsked;

        internal int Rounds => Volatile.Read(ref _rounds);

        internal int Wrongs { get; private set; }

        internal int ThirdUses { get; private set; }

        internal void Begin()
        {
            _use = 0;
            Volatile.Write(ref _isFirstAsked, false);
            Volatile.Write(ref _isSecondAsked, false);
            from.Schedule(this);
        }

        internal void CancelFirst()
        {
            from.Cancel(this);
            Volatile.Write(ref _isFirstAsked, true);
        }

        protected override void Run(IoTaskStatus status)
        {
            switch (++_use)
            {
                case 1:
                    to.Schedule(this);
                    to.Cancel(this);
                    Volatile.Write(ref _isSecondAsked, true);
                    break;
                case 2 when Volatile.Read(ref _isFirstAsked) && Volatile.Read(ref _isSecondAsked):
                    // Nobody asks any more: the next use runs.
                    ThirdUses++;
                    to.Schedule(this);
                    break;
                case 2:
                    Volatile.Write(ref _rounds, _rounds + 1);
                    break;
                default:
                    Wrongs += status == IoTaskStatus.Run && _use == 3 ? 0 : 1;
                    Volatile.Write(ref _rounds, _rounds + 1);
                    break;
            }
        }
    }
}

public sealed class ManualMovingStressTests : MovingStressTests
{
    internal override LoopBackend Backend => ManualBackend.Instance;
}

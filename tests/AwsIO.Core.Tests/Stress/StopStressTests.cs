using AwsIO.Native.Platform;
using AwsIO.Tests.EventLoops.Manual;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Kqueue;

namespace AwsIO.Tests.Stress;

/// <summary>Loops that are stopped and started again while eight threads schedule, cancel, subscribe and unsubscribe on them.</summary>
public class StopStressTests : StressTest
{
    private const int StopsPerRound = 1;

    protected override int LoopCount => Threads;

    /// <remarks>
    /// A million in all, an eighth of them by each thread, on a loop of its own: each stop ends a thread and each start makes one. What a
    /// thread schedules, cancels and subscribes meanwhile is any loop's. A loop that several threads stop at once is another test's.
    /// </remarks>
    [Fact(Explicit = true)]
    public async Task A_million_stops_and_starts_lose_no_task_and_no_event()
    {
        int rounds = Batches(Threads * StopsPerRound);
        Worker[] workers = [.. Enumerable.Range(0, Threads).Select(i => new Worker(Group, i))];
        await OnThreads(thread => workers[thread].Work(rounds));
        for (int i = 0; i < Threads; i++)
        {
            await Group[i].Turn();
        }

        Assert.All(workers, worker => worker.Check(rounds));
        Assert.InRange(workers.Sum(static worker => worker.Stops), Rounds, Rounds + (Threads * StopsPerRound));
        Assert.NotEqual(0, workers.Sum(static worker => worker.Cancellations));
        Assert.NotEqual(0, workers.Sum(static worker => worker.Told));
        Array.ForEach(workers, static worker => worker.Dispose());
    }

    /// <summary>What one thread does: a loop that it stops and starts, and tasks and a subscription on any of them.</summary>
    private sealed class Worker : IIoEventHandler, IDisposable
    {
        private readonly EventLoopGroup _group;
        private readonly EventLoop _own;
        private readonly int _index;
        private readonly CountingTask _kept = new(null);
        private readonly CountingTask _cancelled = new(null);
        private readonly TestPipe _pipe = new();
        private readonly IoTask _unsubscribe;
        private EventLoop _target = null!;
        private bool _isSubscribed;
        private int _told;
        private int _ends;
        private int _wrongs;

        internal Worker(EventLoopGroup group, int index)
        {
            _group = group;
            _index = index;
            _own = group[index];
            _unsubscribe = IoTask.Create(static (worker, status) => worker.Unsubscribe(status), this);
            _pipe.Write();
        }

        /// <summary>How often its loop had stopped and was started.</summary>
        internal long Stops { get; private set; }

        internal long Told { get; private set; }

        internal int Cancellations => _cancelled.Cancellations;

        public void Dispose() => _pipe.Dispose();

        internal void Check(int rounds)
        {
            Assert.Equal(0, _wrongs + _kept.Wrongs + _cancelled.Wrongs);
            Assert.Equal(rounds, _kept.Runs);
            Assert.Equal(0, _kept.Cancellations);
            Assert.Equal(rounds, _cancelled.Calls);
            Assert.Equal(rounds, _ends);
            Assert.Equal(rounds * StopsPerRound, Stops);
        }

        internal void Work(int rounds)
        {
            Random random = new(_index);
            for (int round = 1; round <= rounds; round++)
            {
                _target = _group[random.Next(Threads)];
                _own.Stop();
                _target.Schedule(_kept);
                if ((round & 2) == 0)
                {
                    _target.ScheduleAt(_cancelled, long.MaxValue);
                }
                else
                {
                    _target.Schedule(_cancelled);
                }

                _target.Cancel(_cancelled);
                _told = 0;
                Volatile.Write(ref _isSubscribed, true);
                Note(_target.Subscribe(_pipe.Reader, IoEvents.Readable, this).IsNone);

                // Every other subscription ends only when it was told of what was there before it: that must not get lost.
                bool isEnding = (round & 1) == 0;
                if (isEnding)
                {
                    _target.Schedule(_unsubscribe);
                }

                StartAgain();
                if (!isEnding)
                {
                    Until(() => Volatile.Read(ref _told) > 0 || Volatile.Read(ref _wrongs) > 0, "The subscriber is told");
                    _target.Schedule(_unsubscribe);
                }

                int expected = round;
                Until(() => IsAnswered(expected), "Both tasks are called, and the subscription is over");
                Told += _told;
                Assert.Equal(0, Volatile.Read(ref _wrongs));
            }
        }

        public void OnEvents(EventLoop loop, IoHandle handle, IoEvents events)
        {
            Note(Volatile.Read(ref _isSubscribed) && ReferenceEquals(loop, _target) && loop.IsOnLoop
                && ReferenceEquals(handle, _pipe.Reader) && events == IoEvents.Readable && _told == 0);
            Volatile.Write(ref _told, _told + 1);
        }

        public void OnLoopEnding(EventLoop loop, IoHandle handle) => Note(false);

        private bool IsAnswered(int round) =>
            _kept.Calls == round && _cancelled.Calls == round && Volatile.Read(ref _ends) == round;

        private void StartAgain()
        {
            _own.WaitForStop();
            _own.Start();
            Stops++;
        }

        private void Unsubscribe(IoTaskStatus status)
        {
            Note(status == IoTaskStatus.Run && _target.Unsubscribe(_pipe.Reader).IsNone);
            Volatile.Write(ref _isSubscribed, false);
            Volatile.Write(ref _ends, _ends + 1);
        }

        private void Note(bool isRight)
        {
            if (!isRight)
            {
                Interlocked.Increment(ref _wrongs);
            }
        }
    }
}

public sealed class ManualStopStressTests : StopStressTests
{
    internal override LoopBackend Backend => ManualBackend.Instance;
}

public sealed class KqueueStopStressTests : StopStressTests
{
    internal override LoopBackend Backend { get; } = KqueueBackend.Of(Abi.Darwin);
}

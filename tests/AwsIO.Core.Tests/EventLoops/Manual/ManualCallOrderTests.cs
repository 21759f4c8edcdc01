using AwsIO.Testing;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops.Manual;

/// <summary>
/// The order of one thread's calls. The thread that drives a manual loop is on the loop at one moment and off it at the next; what it has
/// scheduled from outside is taken over before it schedules more from inside.
/// </summary>
[Collection(LoopTestCollection.Name)]
public sealed class ManualCallOrderTests
{
    [Fact]
    public void What_is_invoked_schedules_behind_what_was_scheduled_from_outside()
    {
        using ManualLoopGroup loops = new();
        List<string> order = [];
        IoTask Named(string name) => new RecordingTask((_, _) => order.Add(name));
        loops[0].Schedule(Named("outside"));
        loops[0].ScheduleSerialized(Named("outside, serialized"));
        loops[0].ScheduleAt(Named("outside, timer"), loops.CurrentTime);
        loops[0].Invoke(() =>
        {
            loops[0].Schedule(Named("inside"));
            loops[0].ScheduleAt(Named("inside, timer"), loops.CurrentTime);
        });
        loops.RunUntilIdle();
        Assert.Equal(["outside", "outside, serialized", "inside", "outside, timer", "inside, timer"], order);
    }

    [Fact]
    public void What_is_invoked_schedules_behind_what_was_scheduled_by_the_invocation_before()
    {
        using ManualLoopGroup loops = new();
        List<int> order = [];
        for (int i = 0; i < 10; i += 2)
        {
            int number = i;
            loops[0].Invoke(() => loops[0].Schedule(new RecordingTask((_, _) => order.Add(number))));
            loops[0].Schedule(new RecordingTask((_, _) => order.Add(number + 1)));
        }

        loops.RunUntilIdle();
        Assert.Equal(Enumerable.Range(0, 10), order);
    }

    [Fact]
    public void What_an_event_schedules_comes_behind_what_was_scheduled_from_outside()
    {
        using ManualLoopGroup loops = new();
        using TestPipe pipe = new();
        List<string> order = [];
        Assert.Equal(IoError.None, loops[0].Subscribe(
            pipe.Reader,
            IoEvents.Readable,
            new RecordingHandler((loop, _, _) => loop.Schedule(new RecordingTask((_, _) => order.Add("event"))))));
        pipe.Write();
        loops[0].Schedule(new RecordingTask((_, _) => order.Add("outside")));
        loops.RunUntilIdle();
        Assert.Equal(["outside", "event"], order);
        loops[0].Invoke(() => Assert.Equal(IoError.None, loops[0].Unsubscribe(pipe.Reader)));
    }

    [Fact]
    public void However_they_are_mixed_the_calls_of_each_kind_keep_their_order() => ManualLoopGroup.ForSeeds(
        200,
        static loops =>
        {
            using Mixture mixture = new(loops);
            for (int i = 0; i < 60; i++)
            {
                mixture.DoSomething();
            }

            loops.RunUntilIdle();
            loops.Advance(TimeSpan.FromSeconds(1));
            mixture.Check();
        });

    /// <summary>Calls of one thread, each with a number: from outside, from inside, and from an event that is reported meanwhile.</summary>
    private sealed class Mixture : IDisposable
    {
        private readonly ManualLoopGroup _loops;
        private readonly ManualEventLoop _loop;
        private readonly Random _random;
        private readonly TestPipe _pipe = new();
        private readonly List<int> _now = [];
        private readonly List<int> _serialized = [];
        private readonly List<int> _due = [];
        private readonly List<(long Deadline, int Number)> _later = [];
        private readonly long _start;
        private readonly int[] _scheduled = new int[4];
        private int _next;

        internal Mixture(ManualLoopGroup loops)
        {
            _loops = loops;
            _loop = loops[0];
            _start = loops.CurrentTime;
            _random = new Random(loops.Seed!.Value);
            Assert.Equal(IoError.None, _loop.Subscribe(_pipe.Reader, IoEvents.Readable, new RecordingHandler((_, _, _) =>
            {
                _ = _pipe.Drain();
                Schedule();
            })));
        }

        internal void DoSomething()
        {
            switch (_random.Next(6))
            {
                case 0 or 1:
                    Schedule();
                    break;
                case 2 or 3:
                    _loop.Invoke(() =>
                    {
                        Schedule();
                        Schedule();
                    });
                    break;
                case 4:
                    _pipe.Write();
                    break;
                default:
                    _ = _loops.Step();
                    break;
            }
        }

        internal void Check()
        {
            Assert.Equal(_next, _scheduled.Sum());
            int[] called = [_now.Count, _serialized.Count, _due.Count, _later.Count];
            Assert.Equal(_scheduled, called);
            Assert.Equal(_now.Order(), _now);
            Assert.Equal(_serialized.Order(), _serialized);
            Assert.Equal(_due.Order(), _due);
            Assert.Equal(_later.Order(), _later);
        }

        public void Dispose()
        {
            _loop.Invoke(() => Assert.Equal(IoError.None, _loop.Unsubscribe(_pipe.Reader)));
            _pipe.Dispose();
        }

        private void Schedule()
        {
            int number = _next++;
            int kind = _random.Next(4);
            _scheduled[kind]++;
            switch (kind)
            {
                case 0:
                    _loop.Schedule(new RecordingTask((_, _) => _now.Add(number)));
                    break;
                case 1:
                    _loop.ScheduleSerialized(new RecordingTask((_, _) => _serialized.Add(number)));
                    break;
                case 2:
                    _loop.ScheduleAt(new RecordingTask((_, _) => _due.Add(number)), _start);
                    break;
                default:
                    long deadline = _start + ((1 + _random.Next(3)) * 250_000_000L);
                    _loop.ScheduleAt(new RecordingTask((_, _) => _later.Add((deadline, number))), deadline);
                    break;
            }
        }
    }
}

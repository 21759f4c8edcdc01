using AwsIO.Testing;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops.Manual;

/// <summary>A seed decides the order, and no seed breaks what the contract promises.</summary>
[Collection(LoopTestCollection.Name)]
public sealed class ManualOrderTests
{
    // A look for events that comes short gives another order, and comes short another time with the same seed.
    [Fact]
    [Trait("Category", "ExactCalls")]
    public void The_same_seed_gives_the_same_order_and_other_seeds_others()
    {
        HashSet<string> traces = [];
        for (int seed = 0; seed < 10; seed++)
        {
            string trace = Trace(seed);
            Assert.Equal(trace, Trace(seed));
            traces.Add(trace);
        }

        Assert.True(traces.Count > 5, $"Ten seeds gave {traces.Count} orders.");
        Assert.Equal(Trace(null), Trace(null));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(1)]
    [InlineData(2)]
    public void New_work_goes_to_every_loop_in_the_same_way_each_time(int? seed)
    {
        List<int> Choices()
        {
            using ManualLoopGroup loops = new(3, seed);
            return [.. Enumerable.Range(0, 100).Select(_ => loops.Group.GetNextLoop().Index)];
        }

        List<int> first = Choices();
        Assert.Equal(first, Choices());
        Assert.Equal([0, 1, 2], first.Distinct().Order());
    }

    [Fact]
    public void No_loop_is_left_out_by_chance() => ManualLoopGroup.ForSeeds(
        200,
        static loops =>
        {
            for (int loop = 0; loop < 4; loop++)
            {
                RecordingTask task = new();
                loops[loop].Schedule(task);
                loops.RunUntilIdle();
                Assert.Equal(1, task.Calls);
            }
        },
        loopCount: 4);

    [Fact]
    public void Tasks_of_one_thread_keep_their_order() => ManualLoopGroup.ForSeeds(
        200,
        static loops =>
        {
            List<(int Loop, int Number)> order = [];
            for (int i = 0; i < 30; i++)
            {
                int number = i;
                int loop = i % 3;
                RecordingTask task = new((_, _) => order.Add((loop, number)));
                if (i % 2 == 0)
                {
                    loops[loop].ScheduleSerialized(task);
                }
                else
                {
                    loops[loop].Schedule(task);
                }
            }

            loops.RunUntilIdle();
            Assert.Equal(30, order.Count);
            for (int loop = 0; loop < 3; loop++)
            {
                Assert.Equal(
                    Enumerable.Range(0, 30).Where(number => number % 3 == loop),
                    order.Where(entry => entry.Loop == loop).Select(static entry => entry.Number));
            }
        },
        loopCount: 3);

    [Fact]
    public void Timers_run_by_deadline_and_then_by_insertion() => ManualLoopGroup.ForSeeds(
        200,
        static loops =>
        {
            Random random = new(loops.Seed!.Value);
            List<(long Deadline, int Number)> order = [];
            List<(long Deadline, int Number)> expected = [];
            for (int i = 0; i < 40; i++)
            {
                (long Deadline, int Number) timer = (loops.CurrentTime + (random.Next(10) * 250_000_000L) + 1, i);
                expected.Add(timer);
                loops[0].ScheduleAt(new RecordingTask((task, _) =>
                {
                    Assert.Equal(timer.Deadline, task.Time);
                    order.Add(timer);
                }), timer.Deadline);
            }

            loops.Advance(TimeSpan.FromSeconds(10));
            Assert.Equal(expected.Order(), order);
        });

    // A read that finds nothing by a fault leaves what it was told of, and is told again.
    [Fact]
    [Trait("Category", "ExactCalls")]
    public void No_edge_is_lost_and_none_is_made_up() => ManualLoopGroup.ForSeeds(
        200,
        static loops =>
        {
            Random random = new(loops.Seed!.Value);
            TestPipe[] pipes = [.. Enumerable.Range(0, 6).Select(static _ => new TestPipe())];
            int[] read = new int[6];
            int[] events = new int[6];
            int[] written = new int[6];
            for (int i = 0; i < 6; i++)
            {
                int pipe = i;
                Assert.Equal(IoError.None, loops[i % 3].Subscribe(pipes[i].Reader, IoEvents.Readable, new RecordingHandler((_, _, _) =>
                {
                    events[pipe]++;
                    read[pipe] += pipes[pipe].Drain();
                })));
            }

            for (int round = 0; round < 10; round++)
            {
                for (int i = 0; i < 6; i++)
                {
                    int count = random.Next(3);
                    for (int write = 0; write < count; write++)
                    {
                        pipes[i].Write();
                    }

                    written[i] += count;
                }

                if (random.Next(2) == 0)
                {
                    loops.RunUntilIdle();
                    Assert.Equal(written, read);
                }
                else
                {
                    _ = loops.Step();
                }
            }

            loops.RunUntilIdle();
            Assert.Equal(written, read);
            Assert.All(Enumerable.Range(0, 6), pipe => Assert.True(events[pipe] <= written[pipe]));
            for (int i = 0; i < 6; i++)
            {
                int pipe = i;
                loops[i % 3].Invoke(() => Assert.Equal(IoError.None, loops[pipe % 3].Unsubscribe(pipes[pipe].Reader)));
                pipes[i].Dispose();
            }
        },
        loopCount: 3);

    [Fact]
    public void After_an_unsubscription_no_event_comes_though_it_was_put_off() => ManualLoopGroup.ForSeeds(
        200,
        static loops =>
        {
            TestPipe[] pipes = [.. Enumerable.Range(0, 3).Select(static _ => new TestPipe())];
            int calls = 0;
            RecordingHandler handler = new((loop, _, _) =>
            {
                calls++;
                foreach (TestPipe pipe in pipes)
                {
                    Assert.Equal(IoError.None, loop.Unsubscribe(pipe.Reader));
                }
            });
            foreach (TestPipe pipe in pipes)
            {
                Assert.Equal(IoError.None, loops[0].Subscribe(pipe.Reader, IoEvents.Readable, handler));
                pipe.Write();
            }

            loops.RunUntilIdle();
            Assert.Equal(1, calls);
            Array.ForEach(pipes, static pipe => pipe.Dispose());
        });

    /// <summary>The order of what three loops do with pipes and tasks that set off each other.</summary>
    private static string Trace(int? seed)
    {
        using ManualLoopGroup loops = new(3, seed);
        List<string> trace = [];
        TestPipe[] pipes = [.. Enumerable.Range(0, 6).Select(static _ => new TestPipe())];
        int left = 60;
        for (int i = 0; i < 6; i++)
        {
            int number = i;
            Assert.Equal(IoError.None, loops[i % 3].Subscribe(pipes[i].Reader, IoEvents.Readable, new RecordingHandler((loop, _, _) =>
            {
                pipes[number].Drain();
                trace.Add($"pipe {number} on {loop.Index}");
                if (left-- > 0)
                {
                    pipes[(number + 1) % 6].Write();
                    EventLoop next = loops.Group.GetNextLoop();
                    next.Schedule(new RecordingTask((_, _) =>
                    {
                        trace.Add($"task of {number} on {next.Index}");
                        pipes[(number + 3) % 6].Write();
                    }));
                }
            })));
            pipes[i].Write();
        }

        loops.RunUntilIdle();
        Assert.True(trace.Count > 60);
        loops.Dispose();
        Array.ForEach(pipes, static pipe => pipe.Dispose());
        return string.Join('\n', trace);
    }
}

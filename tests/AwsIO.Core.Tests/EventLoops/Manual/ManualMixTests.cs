using AwsIO.Testing;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops.Manual;

/// <summary>A seed mixes what different threads and loops have scheduled, as far as the contract leaves that free.</summary>
[Collection(LoopTestCollection.Name)]
public sealed class ManualMixTests
{
    private const int Seeds = 100;

    [Fact]
    public void Tasks_of_two_threads_mix_in_each_way_that_keeps_the_order_of_either()
    {
        static string Order(int? seed) => Run(seed, static (loops, log) =>
        {
            OnThread(() => Schedule(loops[0], log, "A1", "A2"));

            // It may get the number of the thread that has just ended.
            OnThread(() => Schedule(loops[0], log, "B1", "B2"));
        });
        Assert.Equal("A1 A2 B1 B2", Order(null));
        Assert.Equal(
            ["A1 A2 B1 B2", "A1 B1 A2 B2", "A1 B1 B2 A2", "B1 A1 A2 B2", "B1 A1 B2 A2", "B1 B2 A1 A2"],
            Orders(Order));
    }

    [Fact]
    public void What_is_scheduled_serialized_keeps_one_order_over_all_threads()
    {
        static string Order(int? seed) => Run(seed, static (loops, log) =>
        {
            OnThread(() => Serialize(loops[0], log, "A1"));
            OnThread(() => Serialize(loops[0], log, "B1"));
            OnThread(() => Serialize(loops[0], log, "A2"));
            OnThread(() => Serialize(loops[0], log, "B2"));
        });
        Assert.Equal(["A1 B1 A2 B2"], Orders(Order));
    }

    [Fact]
    public void Both_orders_hold_where_both_ways_of_scheduling_meet()
    {
        static string Order(int? seed) => Run(seed, static (loops, log) =>
        {
            OnThread(() =>
            {
                Schedule(loops[0], log, "a1");
                Serialize(loops[0], log, "S1");
                Schedule(loops[0], log, "a2");
            });
            OnThread(() =>
            {
                Schedule(loops[0], log, "b1");
                Serialize(loops[0], log, "S2");
                Schedule(loops[0], log, "b2");
            });
        });
        List<string> orders = Orders(Order);
        Assert.True(orders.Count > 5, $"{Seeds} seeds gave {orders.Count} orders.");
        Assert.All(orders, static order =>
        {
            AssertIn(order, "a1", "S1", "a2");
            AssertIn(order, "b1", "S2", "b2");
            AssertIn(order, "S1", "S2");
        });
    }

    [Fact]
    public void Loops_are_threads_of_their_own_though_one_thread_drives_them()
    {
        static string Order(int? seed) => Run(seed, static (loops, log) =>
        {
            loops[1].Invoke(() => Schedule(loops[0], log, "A1", "A2"));
            loops[2].Invoke(() => Schedule(loops[0], log, "B1", "B2"));
            Schedule(loops[0], log, "C1");
        });
        List<string> orders = Orders(Order);
        Assert.True(orders.Count > 15, $"{Seeds} seeds gave {orders.Count} of 30 orders.");
        Assert.All(orders, static order =>
        {
            AssertIn(order, "A1", "A2");
            AssertIn(order, "B1", "B2");
            AssertIn(order, "C1");
        });
        Assert.All(Enumerable.Range(0, 10), static seed => Assert.Equal(Order(seed), Order(seed)));
    }

    [Fact]
    public void Timers_for_one_moment_run_in_the_order_of_the_calls_whoever_makes_them()
    {
        static string Order(int? seed) => Run(seed, static (loops, log) =>
        {
            long moment = loops.CurrentTime + 1000;
            foreach (string name in (string[])["A1", "B1", "A2", "B2"])
            {
                OnThread(() => loops[0].ScheduleAt(Task(log, name), moment));
            }
        });
        Assert.Equal(["A1 B1 A2 B2"], Orders(Order));
    }

    [Fact]
    public void What_is_not_taken_over_is_counted_and_can_be_cancelled_on_the_loop_at_once() => ManualLoopGroup.ForSeeds(
        20,
        static loops =>
        {
            RecordingTask[] tasks = [new(), new(), new()];
            OnThread(() => loops[0].Schedule(tasks[0]));
            OnThread(() => loops[0].ScheduleSerialized(tasks[1]));
            OnThread(() => loops[0].ScheduleAt(tasks[2], long.MaxValue));
            Assert.Equal(3, loops[0].PendingTasks);
            loops[0].Invoke(() =>
            {
                foreach (RecordingTask task in tasks)
                {
                    loops[0].Cancel(task);
                    Assert.Equal(IoTaskStatus.Canceled, task.Called.Result);
                }
            });
            Assert.Equal(0, loops[0].PendingTasks);
        });

    [Fact]
    public void A_loops_end_cancels_each_once_and_what_comes_later_on_another_thread() => ManualLoopGroup.ForSeeds(
        20,
        static loops =>
        {
            RecordingTask second = new();
            RecordingTask late = new();
            RecordingTask first = new((_, _) => loops[0].ScheduleSerialized(second));
            OnThread(() => loops[0].Schedule(first));
            loops.Dispose();
            Assert.Equal((IoTaskStatus.Canceled, 1), (first.Called.Result, first.Calls));
            Assert.Equal((IoTaskStatus.Canceled, 1), (second.Called.Result, second.Calls));
            loops[0].Schedule(late);
            Waiting.Until(() => late.Called.IsCompleted);
            Assert.Equal(IoTaskStatus.Canceled, late.Called.Result);
            Assert.True(late.Thread!.IsThreadPoolThread);
        });

    private static List<string> Orders(Func<int?, string> order) =>
        [.. Enumerable.Range(0, Seeds).Select(seed => order(seed)).Distinct().Order(StringComparer.Ordinal)];

    private static string Run(int? seed, Action<ManualLoopGroup, List<string>> schedule)
    {
        using ManualLoopGroup loops = new(3, seed);
        List<string> log = [];
        schedule(loops, log);
        loops.Advance(TimeSpan.FromSeconds(1));
        return string.Join(' ', log);
    }

    private static void OnThread(Action action)
    {
        Thread thread = new(() => action());
        thread.Start();
        thread.Join();
    }

    private static void Schedule(ManualEventLoop loop, List<string> log, params string[] names) =>
        Array.ForEach(names, name => loop.Schedule(Task(log, name)));

    private static void Serialize(ManualEventLoop loop, List<string> log, string name) => loop.ScheduleSerialized(Task(log, name));

    private static IoTask Task(List<string> log, string name) => IoTask.Create(static (to, _) => to.log.Add(to.name), (log, name));

    private static void AssertIn(string order, params string[] names)
    {
        int[] places = [.. names.Select(name => order.IndexOf(name, StringComparison.Ordinal))];
        Assert.Equal(places.Order(), places);
        Assert.DoesNotContain(-1, places);
    }
}

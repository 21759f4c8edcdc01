using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops;

public class SchedulingTests : LoopTest
{
    [Fact]
    [Trait("Upstream", "event_loop_xthread_scheduled_tasks_execute")]
    public async Task Tasks_from_another_thread_run_on_the_loops_thread_now_and_in_the_future()
    {
        RecordingTask now = new();
        RecordingTask later = new();

        Loop.Schedule(now);
        Loop.ScheduleAt(later, Loop.CurrentTime + 1_000_000);

        Assert.Equal(IoTaskStatus.Run, await now.Called.Within());
        Assert.Equal(IoTaskStatus.Run, await later.Called.Within());
        now.AssertCalledOn(Loop);
        later.AssertCalledOn(Loop);
        Assert.True(LoopBackend.Driver is not null || now.Thread!.IsBackground);
    }

    [Fact]
    public async Task Tasks_of_one_thread_run_in_the_order_of_the_calls()
    {
        List<int> order = [];
        using (await Loop.Hold())
        {
            for (int i = 0; i < 1000; i++)
            {
                Loop.Schedule(IoTask.Create(static (state, _) => state.order.Add(state.i), (order, i)));
            }
        }

        await Loop.Turn();
        Assert.Equal(Enumerable.Range(0, 1000), order);
    }

    [Fact]
    public async Task Tasks_that_the_loop_schedules_run_in_the_order_of_the_calls()
    {
        List<int> order = [];
        await Loop.Call(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                Loop.Schedule(IoTask.Create(static (state, _) => state.order.Add(state.i), (order, i)));
            }

            Assert.Empty(order);
        });
        await Loop.Turn();

        Assert.Equal(Enumerable.Range(0, 1000), order);
    }

    // Under a fault plan an event comes a tick later than here.
    [Fact]
    [Trait("Category", "ExactCalls")]
    public async Task A_task_scheduled_by_a_task_waits_for_the_next_tick_so_that_events_come_between()
    {
        using TestPipe pipe = new();
        TaskCompletionSource<int> told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int turns = 0;
        RecordingHandler handler = new((_, _, _) => told.TrySetResult(turns));
        Assert.Equal(IoError.None, Loop.Subscribe(pipe.Reader, IoEvents.Readable, handler));

        // A task that schedules itself for ever would starve the pipe if it ran again within its tick.
        IoTask again = null!;
        again = new RecordingTask((_, status) =>
        {
            if (++turns == 10)
            {
                pipe.Write();
            }

            if (status == IoTaskStatus.Run && !told.Task.IsCompleted)
            {
                Loop.Schedule(again);
            }
        });
        Loop.Schedule(again);

        // On driven loops a seed may put an event off, again and again, but not for ever.
        int seen = await told.Task.Within();
        Assert.InRange(seen, 10, LoopBackend.Driver is null ? 10 : 100);
        await Loop.Call(() => Loop.Unsubscribe(pipe.Reader));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    [NeedsThreads("A virtual clock stands still while there is something to do.")]
    public async Task A_task_that_schedules_itself_for_a_moment_long_past_keeps_no_timer_from_firing(long moment)
    {
        bool isOver = false;
        IoTask again = null!;
        again = new RecordingTask((_, status) =>
        {
            if (status == IoTaskStatus.Run && !Volatile.Read(ref isOver))
            {
                Loop.ScheduleAt(again, moment);
            }
        });
        await Loop.Call(() => Loop.ScheduleAt(again, moment));
        RecordingTask timer = new();
        Loop.ScheduleAfter(timer, TimeSpan.FromMilliseconds(2));

        Assert.Equal(IoTaskStatus.Run, await timer.Called.Within());
        Volatile.Write(ref isOver, true);
    }

    [Fact]
    public async Task A_task_may_schedule_itself_again()
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        RecordingTask task = new((self, _) =>
        {
            if (self.Calls < 100)
            {
                Loop.Schedule(self);
            }
            else
            {
                done.SetResult();
            }
        });

        Loop.Schedule(task);

        await done.Task.Within();
        await Loop.Turn();
        Assert.Equal(100, task.Calls);
        Assert.False(task.IsScheduled);
    }

    [Fact]
    public async Task Scheduling_a_scheduled_task_is_refused_and_changes_nothing()
    {
        RecordingTask task = new();
        using (await Loop.Hold())
        {
            Loop.Schedule(task);
            Assert.True(task.IsScheduled);
            Assert.Throws<InvalidOperationException>(() => Loop.Schedule(task));
            Assert.Throws<InvalidOperationException>(() => Loop.ScheduleSerialized(task));
            Assert.Throws<InvalidOperationException>(() => Loop.ScheduleAt(task, long.MaxValue));
            Assert.Throws<InvalidOperationException>(() => Loop.ScheduleAfter(task, TimeSpan.Zero));
        }

        Assert.Equal(IoTaskStatus.Run, await task.Called.Within());
        await Loop.Turn();
        Assert.Equal(1, task.Calls);
    }

    [Fact]
    public async Task A_task_that_throws_leaves_the_loop_running()
    {
        RecordingTask bad = new((_, _) => throw new FormatException("on purpose"));
        RecordingTask good = new();

        Loop.Schedule(bad);
        Loop.Schedule(good);

        Assert.Equal(IoTaskStatus.Run, await good.Called.Within());
        Assert.Equal(1, bad.Calls);
    }

    [Fact]
    public async Task What_waits_behind_a_task_that_throws_runs_in_the_same_tick_and_before_timers()
    {
        List<(string Name, long Tick)> calls = [];
        RecordingTask NewTask(string name) => new((_, _) =>
        {
            calls.Add((name, Loop.Ticks));
            if (name.StartsWith("bad", StringComparison.Ordinal))
            {
                throw new FormatException("on purpose");
            }
        });
        RecordingTask timer = NewTask("timer");
        await Loop.Call(() =>
        {
            Loop.ScheduleAt(timer, 1);
            Array.ForEach(["bad 1", "bad 2", "good 1", "bad 3", "good 2"], name => Loop.Schedule(NewTask(name)));
        });

        await timer.Called.Within();
        Assert.Equal(["bad 1", "bad 2", "good 1", "bad 3", "good 2", "timer"], calls.Select(static call => call.Name));
        Assert.Single(calls.Select(static call => call.Tick).Distinct());
    }

    [Fact]
    [Trait("Upstream", "event_loop_serialized_scheduling")]
    public async Task Serialized_tasks_of_two_threads_run_in_the_order_of_all_calls()
    {
        const int count = 100_000;
        const int longestRun = 64;
        List<int> order = new(count);
        object gate = new();
        int next = 0;
        int run = 0;
        bool wasLoop = false;
        int byLoop = 0;
        int byThread = 0;
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        // The lock makes the order of the calls known. Whose turn it is is left to chance, but for that the two alternate: who has had
        // many turns on end waits for the other.
        bool ScheduleOne(bool isLoop)
        {
            lock (gate)
            {
                if (next == count)
                {
                    return false;
                }

                run = isLoop == wasLoop ? run + 1 : 1;
                wasLoop = isLoop;
                if (run > longestRun)
                {
                    return true;
                }

                _ = isLoop ? byLoop++ : byThread++;
                Loop.ScheduleSerialized(IoTask.Create(
                    static (state, _) =>
                    {
                        state.order.Add(state.number);
                        if (state.order.Count == count)
                        {
                            state.done.SetResult();
                        }
                    },
                    (order, number: next++, done)));
                return true;
            }
        }

        RecordingTask fromLoop = new((self, _) =>
        {
            for (int i = 0; i < 16; i++)
            {
                if (!ScheduleOne(isLoop: true))
                {
                    return;
                }
            }

            Loop.Schedule(self);
        });
        Loop.Schedule(fromLoop);
        await Backend.Beside(() => ScheduleOne(isLoop: false)).Within();

        await done.Task.Within();
        Assert.Equal(Enumerable.Range(0, count), order);
        Assert.Equal(count, byLoop + byThread);
        Assert.True(Math.Min(byLoop, byThread) >= count / (longestRun + 1), $"The loop scheduled {byLoop}, the thread {byThread}.");
    }
}

using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops;

public class LoopEndTests : LoopTest
{
    [Fact]
    [Trait("Upstream", "event_loop_canceled_tasks_run_in_el_thread")]
    public async Task Ending_a_loop_cancels_near_and_far_tasks_on_its_thread()
    {
        RecordingTask far = new();
        RecordingTask near = new();
        using (await Loop.Hold())
        {
            Loop.ScheduleAfter(far, TimeSpan.FromHours(1));
            Loop.Schedule(near);
            Loop.BeginEnd();
        }

        await Group.DisposeAsync().Within();

        Assert.Equal(IoTaskStatus.Canceled, await far.Called.Within());
        Assert.Equal(IoTaskStatus.Canceled, await near.Called.Within());
        far.AssertCalledOn(Loop);
        near.AssertCalledOn(Loop);
        Assert.Same(far.Thread, near.Thread);
        Assert.Equal(1, far.Calls);
        Assert.Equal(1, near.Calls);
    }

    [Fact]
    public async Task What_a_canceled_task_schedules_is_canceled_too_on_the_loop()
    {
        RecordingTask serialized = new();
        RecordingTask now = new();
        RecordingTask timer = new((_, _) => Loop.ScheduleSerialized(serialized));
        RecordingTask first = new((_, status) =>
        {
            Assert.Equal(IoTaskStatus.Canceled, status);
            Loop.Schedule(now);
            Loop.ScheduleAfter(timer, TimeSpan.FromMinutes(1));
        });
        Loop.ScheduleAfter(first, TimeSpan.FromHours(1));
        await Loop.Turn();

        await Group.DisposeAsync().Within();

        foreach (RecordingTask task in new[] { first, now, timer, serialized })
        {
            Assert.Equal(IoTaskStatus.Canceled, await task.Called.Within());
            Assert.Same(Loop, task.CalledOn);
            Assert.Equal(1, task.Calls);
        }
    }

    [Fact]
    public async Task On_a_loop_that_has_ended_tasks_are_cancelled_in_their_order_and_never_inside_the_call()
    {
        await Group.DisposeAsync().Within();
        object gate = new();
        List<int> order = [];
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            // A task that was called inside a call would see the lock of this thread as its own, and would be counted here.
            for (int i = 0; i < 300; i++)
            {
                IoTask task = IoTask.Create(
                    (number, status) =>
                    {
                        lock (gate)
                        {
                            Assert.Equal(IoTaskStatus.Canceled, status);
                            order.Add(number);
                            if (order.Count == 300)
                            {
                                done.SetResult();
                            }
                        }
                    },
                    i);
                switch (i % 3)
                {
                    case 0:
                        Loop.Schedule(task);
                        break;
                    case 1:
                        Loop.ScheduleSerialized(task);
                        break;
                    default:
                        Loop.ScheduleAfter(task, TimeSpan.FromHours(1));
                        break;
                }

                Assert.Empty(order);
            }
        }

        await done.Task.Within();
        Assert.Equal(Enumerable.Range(0, 300), order);
    }

    [Fact]
    public async Task A_task_that_is_scheduled_again_whenever_it_is_cancelled_keeps_no_loop_from_ending()
    {
        Stubborn now = new(Loop, TimeSpan.Zero);
        Stubborn later = new(Loop, TimeSpan.FromHours(1));
        Loop.ScheduleAfter(now, TimeSpan.FromHours(1));
        Loop.ScheduleAfter(later, TimeSpan.FromHours(1));
        RecordingTask other = new();
        Loop.ScheduleAfter(other, TimeSpan.FromHours(2));
        await Loop.Turn();

        await Group.DisposeAsync().Within();

        Assert.InRange(now.Calls, 2, 1_000_001);
        Assert.InRange(later.Calls, 2, 1_000_001);
        Assert.Equal(1, other.Calls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_a_long_queue_that_fails_one_by_one_each_is_called(bool hasEnded)
    {
        const int length = 20_000;
        int called = 0;
        TaskCompletionSource last = new(TaskCreationOptions.RunContinuationsAsynchronously);
        IoTask Next() => IoTask.Create(
            (_, status) =>
            {
                Assert.Equal(IoTaskStatus.Canceled, status);
                if (++called == length)
                {
                    last.SetResult();
                    return;
                }

                Loop.Schedule(Next());
            },
            0);
        if (hasEnded)
        {
            await Group.DisposeAsync().Within();
            Loop.Schedule(Next());
        }
        else
        {
            Loop.ScheduleAfter(Next(), TimeSpan.FromHours(1));
            await Group.DisposeAsync().Within();
        }

        await last.Task.Within();
        Assert.Equal(length, called);
    }

    [Fact]
    [NeedsThreads("The pool has what comes after the end, whatever loops there were.")]
    public async Task A_task_that_is_scheduled_again_whenever_it_is_cancelled_keeps_no_thread_busy_after_the_end()
    {
        await Group.DisposeAsync().Within();
        Stubborn task = new(Loop, TimeSpan.Zero);
        Loop.Schedule(task);

        // What comes behind it is cancelled, and the chain has an end.
        Waiting.Until(() => task.Calls > 100_000);
        RecordingTask behind = new();
        Loop.Schedule(behind);
        Assert.Equal(IoTaskStatus.Canceled, await behind.Called.Within());
        Assert.InRange(task.Calls, 100_000, 1_000_001);
    }

    [Fact]
    public async Task A_subscription_that_stands_is_told_of_the_end_on_the_loop()
    {
        using TestPipe pipe = new();
        RecordingHandler handler = new();
        Assert.Equal(IoError.None, Loop.Subscribe(pipe.Reader, IoEvents.Readable, handler));

        await Group.DisposeAsync().Within();

        Assert.True(await handler.Ending.Within());
        Assert.Equal(0, handler.Count);
    }

    [Fact]
    public async Task What_comes_too_late_waits_until_the_loop_calls_nothing_any_more()
    {
        // The way in is shut by the time that the loop lets its objects go: whoever is told of that is still alone.
        RecordingTask late = new();
        int callsMeanwhile = -1;
        await Loop.Call(() => Loop.SetLocal(
            new object(),
            new object(),
            _ =>
            {
                Thread other = new(() => Loop.Schedule(late));
                other.Start();
                OnPurpose.Block(other.Join);
                for (int i = 0; i < 100; i++)
                {
                    // What the pool was given before has begun when this has run.
                    using ManualResetEventSlim ran = new();
                    ThreadPool.UnsafeQueueUserWorkItem(static state => state.Set(), ran, preferLocal: false);
                    Assert.True(OnPurpose.Block(() => ran.Wait(Waiting.Limit)));
                }

                callsMeanwhile = late.Calls;
            }));

        await Group.DisposeAsync().Within();

        Assert.Equal(IoTaskStatus.Canceled, await late.Called.Within());
        Assert.Equal(0, callsMeanwhile);
        Assert.Equal(1, late.Calls);
    }

    private sealed class Stubborn(EventLoop loop, TimeSpan delay) : IoTask
    {
        private int _calls;

        internal int Calls => Volatile.Read(ref _calls);

        protected override void Run(IoTaskStatus status)
        {
            Interlocked.Increment(ref _calls);
            loop.ScheduleAfter(this, delay);
        }
    }
}

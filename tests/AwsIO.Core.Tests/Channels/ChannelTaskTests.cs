using System.Collections.Concurrent;
using AwsIO.Testing;
using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Channels;

/// <summary>Tasks that end with their channel.</summary>
public sealed class ChannelTaskTests(LoopFixture fixture) : TransportTest(fixture)
{
    [Fact]
    [Trait("Upstream", "channel_tasks_run")]
    public Task Tasks_from_the_loop_and_from_elsewhere_run_once_each() =>
        RunOnce(static (channel, task) => channel.Schedule(task), timers: true);

    [Fact]
    [Trait("Upstream", "channel_tasks_serialized_run")]
    public Task Serialized_tasks_from_the_loop_and_from_elsewhere_run_once_each_in_one_order() =>
        RunOnce(static (channel, task) => channel.ScheduleSerialized(task), timers: false);

    [Fact]
    [Trait("Upstream", "channel_rejects_post_shutdown_tasks")]
    public async Task A_task_that_comes_after_the_shutdown_is_cancelled_on_the_loop()
    {
        TestChannel test = await Make();
        await test.Close();
        Recording[] tasks = [.. Enumerable.Range(0, 6).Select(_ => new Recording(Loop))];

        test.Channel.Schedule(tasks[0]);
        test.Channel.ScheduleSerialized(tasks[1]);
        test.Channel.ScheduleAfter(tasks[2], TimeSpan.FromDays(1));
        await Loop.On(() =>
        {
            test.Channel.Schedule(tasks[3]);
            test.Channel.ScheduleSerialized(tasks[4]);
            test.Channel.ScheduleAfter(tasks[5], TimeSpan.FromDays(1));
            Assert.All(tasks[3..], task => Assert.Equal(0, task.Calls));
        });

        foreach (Recording task in tasks)
        {
            Assert.Equal(IoTaskStatus.Canceled, await task.Called);
        }

        Assert.All(tasks, task => Assert.Equal((1, true), (task.Calls, task.OnLoop)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Upstream", "channel_cancels_pending_tasks")]
    public async Task Tasks_of_the_far_future_are_cancelled_before_the_shutdown_callback(bool withCallback)
    {
        ConcurrentQueue<string> order = new();
        Recording fromHere = new(Loop, status => order.Enqueue($"here {status}"));
        Recording fromLoop = new(Loop, status => order.Enqueue($"loop {status}"));
        TaskCompletionSource<IoChannel> made = Waits.NewSource<IoChannel>();
        IoChannel channel = IoChannel.Create(new IoChannelOptions
        {
            EventLoop = Loop,
            OnSetup = (channel, _, _) => made.SetResult(channel),
            OnShutdown = withCallback ? (_, _, _) => order.Enqueue("shut down") : null,
        });
        await made.Task.Within();
        channel.ScheduleAfter(fromHere, TimeSpan.FromDays(365));
        await Loop.On(() => channel.ScheduleAfter(fromLoop, TimeSpan.FromDays(365)));
        using Future<IoError> end = channel.WhenShutDown();
        channel.Shutdown(IoError.None);

        Assert.Equal(IoTaskStatus.Canceled, await fromHere.Called);
        Assert.Equal(IoTaskStatus.Canceled, await fromLoop.Called);
        Assert.True(end.Wait(TimeSpan.FromSeconds(30)));
        string[] cancelled = ["here Canceled", "loop Canceled"];
        Assert.Equal(cancelled, order.Take(2).Order());
        Assert.Equal(withCallback ? ["shut down"] : [], order.Skip(2));
        Assert.True(fromHere.OnLoop);
    }

    [Fact]
    public void Timers_run_by_their_moments_and_not_early()
    {
        using TestingChannel channel = new();
        List<int> order = [];
        long now = channel.Loop.CurrentTime;
        Recording[] tasks = [.. Enumerable.Range(0, 4).Select(i => new Recording(channel.Loop, _ => order.Add(i)))];
        channel.Channel.ScheduleAt(tasks[3], now + 30_000_000);
        channel.Channel.ScheduleAt(tasks[1], now + 10_000_000);
        channel.Invoke(() => channel.Channel.ScheduleAt(tasks[2], now + 20_000_000));
        channel.Channel.ScheduleAt(tasks[0], 0);
        Assert.Empty(order);
        channel.RunUntilIdle();
        Assert.Equal([0], order);
        channel.Advance(TimeSpan.FromMilliseconds(20) - TimeSpan.FromTicks(1));
        Assert.Equal([0, 1], order);
        channel.Advance(TimeSpan.FromTicks(1));
        Assert.Equal([0, 1, 2], order);
        channel.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Equal([0, 1, 2, 3], order);
        Assert.All(tasks, task => Assert.Equal((1, true), (task.Calls, task.OnLoop)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_timer_can_be_cancelled_wherever_it_was_scheduled_and_scheduled_again(bool cancelOnLoop)
    {
        TestChannel test = await Make();
        for (int round = 0; round < 200; round++)
        {
            Recording task = new(Loop);
            test.Channel.ScheduleAfter(task, TimeSpan.FromDays(1));
            if (cancelOnLoop)
            {
                await Loop.On(() =>
                {
                    test.Channel.Cancel(task);
                    Assert.Equal(1, task.Calls);
                });
            }
            else
            {
                test.Channel.Cancel(task);
            }

            Assert.Equal(IoTaskStatus.Canceled, await task.Called);
            task.Again();
            test.Channel.ScheduleAfter(task, TimeSpan.Zero);
            Assert.Equal(IoTaskStatus.Run, await task.Called);
        }

        await test.Close();
    }

    [Fact]
    public async Task A_task_is_scheduled_once_at_a_time_and_on_one_channel()
    {
        TestChannel test = await Make();
        TestChannel other = await Make();
        Recording task = new(Loop);
        test.Channel.ScheduleAfter(task, TimeSpan.FromDays(1));
        Assert.Throws<InvalidOperationException>(() => test.Channel.ScheduleAfter(task, TimeSpan.FromDays(1)));
        Assert.Throws<InvalidOperationException>(() => test.Channel.Schedule(task));
        await Loop.On(() => Assert.Throws<InvalidOperationException>(() => test.Channel.ScheduleAfter(task, TimeSpan.Zero)));
        Assert.Throws<InvalidOperationException>(() => other.Channel.Schedule(task));
        await test.Close();
        Assert.Equal(IoTaskStatus.Canceled, await task.Called);
        Assert.Throws<InvalidOperationException>(() => other.Channel.Schedule(task));
        await other.Close();
    }

    [Fact]
    public async Task A_task_that_throws_ends_its_channel_only()
    {
        TestChannel test = await Make();
        test.Channel.Schedule(ChannelTask.Create((_, _) => throw new InvalidOperationException("on purpose"), 0));
        IoError end = await test.End;

        Assert.Equal(IoErrorCode.Unknown, end.Code);
        Assert.Contains("on purpose", end.Detail, StringComparison.Ordinal);
        await Loop.Ticks(1);
    }

    [Fact]
    public async Task A_task_of_a_loop_is_called_by_it_alone()
    {
        Recording task = new(Loop);
        Loop.Schedule(task);
        Assert.Equal(IoTaskStatus.Run, await task.Called);
    }

    [Fact]
    public async Task Timers_from_many_threads_are_called_once_each_whenever_the_channel_ends()
    {
        for (int round = 0; round < 50; round++)
        {
            TestChannel test = await Make();
            Recording[][] tasks = [.. Enumerable.Range(0, 4).Select(_ => Enumerable.Range(0, 50).Select(_ => new Recording(Loop)).ToArray())];
            using Barrier barrier = new(tasks.Length + 1);
            Task[] threads = [.. tasks.Select((mine, number) => Task.Factory.StartNew(
                () =>
                {
                    barrier.SignalAndWait();
                    for (int i = 0; i < mine.Length; i++)
                    {
                        Schedule(test.Channel, mine[i], i + number);
                    }
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default))];
            barrier.SignalAndWait();
            Thread.SpinWait(round * 200);
            test.Channel.Shutdown(IoError.None);
            await Task.WhenAll(threads).Within();
            await test.End;
            foreach (Recording task in tasks.SelectMany(mine => mine))
            {
                await task.Called;
                Assert.Equal((1, true, false), (task.Calls, task.OnLoop, task.IsScheduled));
            }
        }

        static void Schedule(IoChannel channel, Recording task, int kind)
        {
            switch (kind % 5)
            {
                case 0:
                    channel.Schedule(task);
                    break;
                case 1:
                    channel.ScheduleSerialized(task);
                    break;
                case 2:
                    channel.ScheduleAfter(task, TimeSpan.FromDays(1));
                    channel.Cancel(task);
                    break;
                default:
                    channel.ScheduleAfter(task, kind % 5 == 3 ? TimeSpan.FromDays(1) : TimeSpan.FromMicroseconds(100));
                    break;
            }
        }
    }

    [Fact]
    public async Task Tasks_of_a_loop_that_ends_are_cancelled_and_those_that_come_later_too()
    {
        EventLoopGroup group = Infrastructure.LoopBackend.Platform.NewGroup();
        EventLoop loop = group[0];
        TaskCompletionSource<IoChannel> made = Waits.NewSource<IoChannel>();
        IoChannel.Create(new IoChannelOptions { EventLoop = loop, OnSetup = (channel, _, _) => made.SetResult(channel) });
        IoChannel channel = await made.Task.Within();
        Recording[] tasks = [.. Enumerable.Range(0, 3).Select(_ => new Recording(loop))];
        channel.ScheduleAfter(tasks[0], TimeSpan.FromDays(1));
        await loop.On(() => channel.ScheduleAfter(tasks[1], TimeSpan.FromDays(1)));
        await group.DisposeAsync();
        channel.ScheduleAfter(tasks[2], TimeSpan.FromDays(1));

        foreach (Recording task in tasks)
        {
            Assert.Equal(IoTaskStatus.Canceled, await task.Called);
        }
    }

    [Fact]
    public async Task Scheduling_on_the_loop_allocates_nothing()
    {
        TestChannel test = await Make();
        Recording task = new(Loop);
        long allocated = await Loop.On(() =>
        {
            test.Channel.ScheduleAfter(task, TimeSpan.FromDays(1));
            test.Channel.Cancel(task);
            task.Again();
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1000; i++)
            {
                test.Channel.ScheduleAfter(task, TimeSpan.FromDays(1));
                test.Channel.Cancel(task);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        });
        Assert.Equal(0, allocated);
        await test.Close();
    }

    private async Task RunOnce(Action<IoChannel, ChannelTask> schedule, bool timers)
    {
        TestChannel test = await Make();
        ConcurrentQueue<int> order = new();
        Recording[] tasks = [.. Enumerable.Range(0, 8).Select(i => new Recording(Loop, _ => order.Enqueue(i)))];
        schedule(test.Channel, tasks[0]);
        schedule(test.Channel, tasks[1]);
        await Loop.On(() =>
        {
            schedule(test.Channel, tasks[2]);
            schedule(test.Channel, tasks[3]);
            Assert.Equal(0, tasks[3].Calls);
        });
        foreach (Recording task in tasks[..4])
        {
            Assert.Equal(IoTaskStatus.Run, await task.Called);
        }

        Assert.Equal([0, 1, 2, 3], order);
        if (timers)
        {
            test.Channel.ScheduleAfter(tasks[4], TimeSpan.FromMilliseconds(1));
            test.Channel.ScheduleAfter(tasks[5], TimeSpan.Zero);
            await Loop.On(() =>
            {
                test.Channel.ScheduleAfter(tasks[6], TimeSpan.FromMilliseconds(1));
                test.Channel.ScheduleAfter(tasks[7], TimeSpan.Zero);
            });
            foreach (Recording task in tasks[4..])
            {
                Assert.Equal(IoTaskStatus.Run, await task.Called);
            }
        }

        await test.Close();
        Assert.All(tasks[..(timers ? 8 : 4)], task => Assert.Equal((1, true), (task.Calls, task.OnLoop)));
    }

    private Task<TestChannel> Make() => TestChannel.Make(Loop, null, test => test.Channel.AddLast(test.App));

    private sealed class Recording(EventLoop loop, Action<IoTaskStatus>? then = null) : ChannelTask
    {
        private TaskCompletionSource<IoTaskStatus> _called = Waits.NewSource<IoTaskStatus>();

        internal int Calls { get; private set; }

        internal bool OnLoop { get; private set; } = true;

        internal Task<IoTaskStatus> Called => _called.Task.Within();

        internal void Again() => _called = Waits.NewSource<IoTaskStatus>();

        protected override void OnRun(IoTaskStatus status)
        {
            Calls++;
            OnLoop &= loop.IsOnLoop;
            then?.Invoke(status);
            _called.TrySetResult(status);
        }
    }
}

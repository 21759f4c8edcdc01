using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops;

/// <summary>Eight threads do one thing while the loop, or the others, do the opposite.</summary>
public class RaceTests : LoopTest
{
    private const int Threads = 8;

    protected override int LoopCount => 2;

    [Fact]
    public async Task Each_task_is_called_once_when_threads_schedule_and_cancel_it()
    {
        const int rounds = 4000;
        int run = 0;
        int canceled = 0;
        RecordingTask[][] tasks = [.. Enumerable.Range(0, Threads).Select(_ => NewTasks(rounds, Count))];
        void Count(IoTaskStatus status) =>
            Interlocked.Increment(ref status == IoTaskStatus.Run ? ref run : ref canceled);

        await OnThreads(thread =>
        {
            Random random = new(thread);
            RecordingTask[] own = tasks[thread];
            RecordingTask[] next = tasks[(thread + 1) % Threads];
            for (int i = 0; i < rounds; i++)
            {
                switch (random.Next(3))
                {
                    case 0:
                        Loop.Schedule(own[i]);
                        break;
                    case 1:
                        Loop.ScheduleSerialized(own[i]);
                        break;
                    default:
                        Loop.ScheduleAt(own[i], Loop.CurrentTime + random.Next(2_000_000));
                        break;
                }

                Loop.Cancel(random.Next(2) == 0 ? own[random.Next(i + 1)] : next[i]);
            }
        });
        foreach (RecordingTask task in tasks.SelectMany(static own => own))
        {
            await task.Called.Within();
        }

        await Loop.Turn();
        Assert.All(tasks.SelectMany(static own => own), static task => Assert.Equal(1, task.Calls));
        Assert.Equal(Threads * rounds, run + canceled);
        Assert.NotEqual(0, run);
        Assert.NotEqual(0, canceled);
    }

    [Fact]
    public async Task One_task_that_eight_threads_schedule_and_cancel_is_called_as_often_as_it_was_scheduled()
    {
        int calls = 0;
        int scheduled = 0;
        IoTask task = IoTask.Create((int _, IoTaskStatus _) => Interlocked.Increment(ref calls), 0);
        await OnThreads(thread =>
        {
            Random random = new(thread);
            for (int i = 0; i < 5000; i++)
            {
                EventLoop loop = Group[random.Next(2)];
                try
                {
                    loop.ScheduleAt(task, random.Next(2) == 0 ? 0 : loop.CurrentTime + random.Next(50_000));
                    Interlocked.Increment(ref scheduled);
                }
                catch (InvalidOperationException)
                {
                    // Another thread was first.
                }

                Group[random.Next(2)].Cancel(task);
            }
        });
        Waiting.Until(() => !task.IsScheduled);
        await Group[0].Turn();
        await Group[1].Turn();
        Assert.Equal(scheduled, calls);
        Assert.NotEqual(0, calls);
    }

    [Fact]
    public async Task Each_task_is_called_once_when_its_loop_ends_under_the_schedulers()
    {
        for (int round = 0; round < 20; round++)
        {
            EventLoopGroup group = Backend.NewGroup();
            EventLoop loop = group[0];
            RecordingTask[][] tasks = [.. Enumerable.Range(0, Threads).Select(static _ => NewTasks(200, static _ => { }))];
            await OnThreads(thread =>
            {
                for (int i = 0; i < 200; i++)
                {
                    RecordingTask task = tasks[thread][i];
                    if (i % 3 == 0)
                    {
                        loop.ScheduleAfter(task, TimeSpan.FromHours(1));
                    }
                    else if (i % 3 == 1)
                    {
                        loop.Schedule(task);
                    }
                    else
                    {
                        loop.ScheduleSerialized(task);
                    }

                    if (i % 5 == 0)
                    {
                        loop.Cancel(tasks[(thread + 1) % Threads][i]);
                    }

                    if (i == 100 && thread == round % Threads)
                    {
                        group.Dispose();
                    }
                }
            });

            // Those that came after the end are cancelled on another thread.
            await Task.WhenAll(tasks.SelectMany(static own => own).Select(static task => (Task)task.Called)).Within();
            Assert.All(tasks.SelectMany(static own => own), static task =>
            {
                Assert.Equal(1, task.Calls);
                Assert.False(task.IsScheduled);
            });
        }
    }

    [Fact]
    public async Task Tasks_survive_stops_and_starts_by_which_eight_threads_are_not_disturbed()
    {
        RecordingTask[][] tasks = [.. Enumerable.Range(0, Threads).Select(static _ => NewTasks(2000, static _ => { }))];
        Task schedulers = OnThreads(thread => Array.ForEach(tasks[thread], Loop.Schedule));
        for (int i = 0; i < 50; i++)
        {
            await OnThreads(_ => Loop.Stop());
            Loop.WaitForStop();
            Loop.Start();
        }

        await schedulers.Within();
        foreach (RecordingTask task in tasks.SelectMany(static own => own))
        {
            Assert.Equal(IoTaskStatus.Run, await task.Called.Within());
            Assert.Equal(1, task.Calls);
        }
    }

    // Counts events: after a fault one comes again.
    [Fact]
    [Trait("Category", "ExactCalls")]
    public async Task No_event_comes_after_an_unsubscription_while_eight_threads_subscribe_and_write()
    {
        int late = 0;
        await OnThreads(thread =>
        {
            using TestPipe pipe = new();
            for (int i = 0; i < 150; i++)
            {
                bool subscribed = true;
                int told = 0;
                RecordingHandler handler = new((_, _, _) =>
                {
                    told++;
                    if (!Volatile.Read(ref subscribed))
                    {
                        Interlocked.Increment(ref late);
                    }
                });
                Assert.Equal(IoError.None, Loop.Subscribe(pipe.Reader, IoEvents.Readable, handler));
                pipe.Write();
                if (i % 2 == 0)
                {
                    Assert.Equal(IoEvents.Readable, handler.Next().GetAwaiter().GetResult());
                }

                Loop.Call(() =>
                {
                    Assert.Equal(IoError.None, Loop.Unsubscribe(pipe.Reader));
                    subscribed = false;
                }).GetAwaiter().GetResult();
                pipe.Drain();
                Assert.InRange(told, i % 2 == 0 ? 1 : 0, 1);
            }
        });
        Assert.Equal(0, late);
    }

    [Fact]
    public async Task Two_threads_that_subscribe_one_handle_get_one_subscription()
    {
        for (int round = 0; round < 200; round++)
        {
            using TestPipe pipe = new();
            RecordingHandler handler = new();
            IoErrorCode[] codes = new IoErrorCode[2];
            using Barrier barrier = new(2);
            await Task.WhenAll(Enumerable.Range(0, 2).Select(i => Task.Run(() =>
            {
                barrier.SignalAndWait(Waiting.Limit);
                codes[i] = Loop.Subscribe(pipe.Reader, IoEvents.Readable, handler).Code;
            }))).Within();

            Assert.Equal([IoErrorCode.Success, IoErrorCode.AlreadySubscribed], codes.Order());
            pipe.Write();
            Assert.Equal(IoEvents.Readable, await handler.Next());
            Assert.Equal(IoError.None, await Loop.Call(() => Loop.Unsubscribe(pipe.Reader)));
        }
    }

    private static RecordingTask[] NewTasks(int count, Action<IoTaskStatus> then) =>
        [.. Enumerable.Range(0, count).Select(_ => new RecordingTask((_, status) => then(status)))];

    private static Task OnThreads(Action<int> action) =>
        Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Factory.StartNew(
            () => action(thread), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))).Within();
}

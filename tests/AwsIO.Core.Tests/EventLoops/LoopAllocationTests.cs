using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops;

public class LoopAllocationTests : LoopTest
{
    /// <remarks>While a loop detects blocking calls, each lock that it has to wait for costs it a stack trace.</remarks>
    protected override void ConfigureLoops(EventLoopGroupOptions options) => options.DetectBlockingCalls = false;

    [Fact]
    public async Task Scheduling_running_and_canceling_allocate_nothing_on_the_loop()
    {
        Measured measured = new(Loop, rounds: 2000);
        Loop.Schedule(measured);
        Assert.Equal(0, await measured.Allocated.Within());
    }

    [Fact]
    public async Task Tasks_from_another_thread_allocate_nothing_on_either()
    {
        using SemaphoreSlim ran = new(0);
        long loopStart = 0;
        long loopEnd = 0;
        int calls = 0;
        const int rounds = 2000;
        IoTask task = IoTask.Create(
            (SemaphoreSlim semaphore, IoTaskStatus _) =>
            {
                calls++;
                if (calls == rounds / 2)
                {
                    loopStart = GC.GetAllocatedBytesForCurrentThread();
                }
                else if (calls == rounds)
                {
                    loopEnd = GC.GetAllocatedBytesForCurrentThread();
                }

                semaphore.Release();
            },
            ran);
        long allocated = await Task.Run(() =>
        {
            long start = 0;
            for (int i = 0; i < rounds; i++)
            {
                if (i == rounds / 2)
                {
                    start = GC.GetAllocatedBytesForCurrentThread();
                }

                Loop.Schedule(task);
                while (!ran.Wait(0))
                {
                    Thread.Yield();
                }
            }

            return GC.GetAllocatedBytesForCurrentThread() - start;
        }).Within();

        Assert.Equal(0, allocated);
        Assert.Equal(0, loopEnd - loopStart);
    }

    // Its handler writes to a pipe itself, and does not try again.
    [Fact]
    [Trait("Category", "ExactCalls")]
    public async Task Events_allocate_nothing()
    {
        using TestPipe pipe = new();
        Echo echo = new(pipe);
        Assert.Equal(IoError.None, Loop.Subscribe(pipe.Reader, IoEvents.Readable, echo));
        pipe.Write();

        Assert.Equal(0, await echo.Allocated.Within());
        await Loop.Call(() => Loop.Unsubscribe(pipe.Reader));
    }

    /// <summary>Runs round after round of ready tasks, timers and cancellations, and measures the second half.</summary>
    private sealed class Measured(EventLoop loop, int rounds) : IoTask
    {
        private readonly TaskCompletionSource<long> _allocated = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly IoTask[] _timers = [.. Enumerable.Range(0, 50).Select(static _ => Create(static (_, _) => { }, 0))];
        private readonly IoTask _other = Create(static (_, _) => { }, 0);
        private int _round;
        private long _start;

        internal Task<long> Allocated => _allocated.Task;

        protected override void Run(IoTaskStatus status)
        {
            if (status == IoTaskStatus.Canceled)
            {
                return;
            }

            if (_round == rounds / 2)
            {
                _start = GC.GetAllocatedBytesForCurrentThread();
            }

            if (_round++ == rounds)
            {
                _allocated.SetResult(GC.GetAllocatedBytesForCurrentThread() - _start);
                return;
            }

            long now = loop.CurrentTime;
            foreach (IoTask timer in _timers)
            {
                if (timer.IsScheduled)
                {
                    loop.Cancel(timer);
                }

                loop.ScheduleAt(timer, now + 1_000_000_000);
            }

            if (!_other.IsScheduled)
            {
                loop.ScheduleSerialized(_other);
            }

            if (_round == rounds)
            {
                foreach (IoTask timer in _timers)
                {
                    loop.Cancel(timer);
                }
            }

            loop.ScheduleAt(this, _round % 2 == 0 ? 0 : now + 1000);
        }
    }

    private sealed class Echo(TestPipe pipe) : IIoEventHandler
    {
        private readonly TaskCompletionSource<long> _allocated = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly byte[] _one = new byte[1];
        private int _events;
        private long _start;

        internal Task<long> Allocated => _allocated.Task;

        public unsafe void OnEvents(EventLoop loop, IoHandle handle, IoEvents events)
        {
            pipe.Drain();
            if (++_events == 1000)
            {
                _start = GC.GetAllocatedBytesForCurrentThread();
            }

            if (_events == 2000)
            {
                _allocated.SetResult(GC.GetAllocatedBytesForCurrentThread() - _start);
                return;
            }

            fixed (byte* start = _one)
            {
                _ = AwsIO.Native.Unix.Libc.Write(pipe.Writer.Descriptor, start, 1);
            }
        }

        public void OnLoopEnding(EventLoop loop, IoHandle handle)
        {
        }
    }
}

using AwsIO.Tests.Infrastructure;
using Microsoft.Extensions.Logging;

namespace AwsIO.Tests.EventLoops;

/// <summary>Callbacks that hold a loop are named.</summary>
public sealed class LoopWatchTests : LoopTest
{
    private static readonly TimeSpan s_threshold = TimeSpan.FromMilliseconds(10);

    private readonly RecordingLoggerFactory _logs = new(LogLevel.Warning);

    protected override int LoopCount => 2;

    protected override ILoggerFactory LoggerFactory => _logs;

    internal override LoopBackend Backend { get; } = new Watching(s_threshold);

    [Fact]
    public async Task A_task_that_holds_its_loop_is_named_once_by_its_type_while_it_still_does()
    {
        using HeldLoop first = await Group[0].Hold();
        await Named(typeof(HeldLoop).FullName!, Group[0]);

        // By the time that the other is named, the first could have been named again.
        using HeldLoop second = await Group[1].Hold();
        await Named(typeof(HeldLoop).FullName!, Group[1]);
        Assert.Equal(2, _logs.Lines.Count);
        Assert.Equal(2, Group.SlowCallbacks);
    }

    [Fact]
    public async Task A_method_that_a_task_was_made_from_is_named()
    {
        using Gate gate = new();
        Loop.Schedule(IoTask.Create(static (Gate gate, IoTaskStatus _) => HoldIt(gate), gate));
        await Named(nameof(LoopWatchTests), Loop);
        Assert.Contains(nameof(A_method_that_a_task_was_made_from_is_named), _logs.Lines.Single().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_subscriber_is_named_by_its_type()
    {
        using TestPipe pipe = new();
        using Gate gate = new();
        Assert.Equal(IoError.None, Loop.Subscribe(pipe.Reader, IoEvents.Readable, gate));
        pipe.Write();
        await Named(typeof(Gate).FullName!, Loop);
        gate.Open();
        await Loop.Call(() => Loop.Unsubscribe(pipe.Reader));
    }

    [Fact]
    public async Task Whom_a_future_or_a_pipe_calls_is_named_and_not_the_future_or_the_pipe()
    {
        using Gate first = new();
        using Future<int> future = Future<int>.FromResult(1);
        future.OnComplete(Loop, _ => HoldIt(first));
        await Named(nameof(Whom_a_future_or_a_pipe_calls_is_named_and_not_the_future_or_the_pipe), Loop);
        Assert.DoesNotContain("Future`", _logs.Lines.Single().Text, StringComparison.Ordinal);
        first.Open();
        await Loop.Turn();

        using Gate second = new();
        using Future plain = new();
        plain.OnComplete(Loop, _ => HoldFurther(second));
        Assert.True(plain.TrySetResult());
        await NamedHere(2);
        second.Open();
        await Loop.Turn();

        using Gate third = new();
        using IoPipe pipe = IoPipe.Create(Loop, Loop).Value;
        await Loop.Call(() =>
        {
            Assert.Equal(IoError.None, pipe.ReadEnd.SubscribeReadable((_, _, _) => HoldIt(third), null));
            Assert.Equal(IoError.None, pipe.WriteEnd.Write(new byte[1], null, null));
        });
        await NamedHere(3);
        third.Open();
        await Loop.Turn();

        async Task NamedHere(int count)
        {
            await Task.Run(() => Waiting.Until(() => _logs.Lines.Count >= count));
            Assert.All(_logs.Lines, static line => Assert.Contains(nameof(LoopWatchTests), line.Text, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_callback_that_has_cancelled_another_is_named_by_its_own_name()
    {
        using Gate gate = new();
        RecordingTask cancelled = new();
        Loop.ScheduleAfter(cancelled, TimeSpan.FromHours(1));
        await Loop.Turn();
        Loop.Schedule(new Canceller(Loop, cancelled, gate));
        await Named(typeof(Canceller).FullName!, Loop);
        Assert.Single(_logs.Lines);
    }

    [Fact]
    public async Task At_a_loops_end_callbacks_are_named_and_none_that_returned_before_it()
    {
        using Gate first = new();
        using Gate second = new();
        RecordingTask cancelled = new();
        await Group[0].Call(() => Group[0].ScheduleAfter(cancelled, TimeSpan.FromHours(1)));
        await Group[1].Call(() =>
        {
            Group[1].SetLocal("a", first, HoldIt);
            Group[1].SetLocal("b", second, HoldFurther);
        });
        Task ended = Group.DisposeAsync().AsTask();
        await Named(nameof(HoldIt), Group[1]);
        Group[0].WaitForStop();
        first.Open();
        await Named(nameof(HoldFurther), Group[1]);
        second.Open();
        await ended.Within();

        Assert.Equal(1, cancelled.Calls);
        Assert.Equal(2, _logs.Lines.Count);
    }

    [Fact]
    public async Task When_nothing_runs_nobody_looks_and_a_callback_starts_it_again()
    {
        await Loop.Turn();
        for (int round = 1; round <= 3; round++)
        {
            Waiting.Until(() => !Group.Watch!.IsLooking);
            using (HeldLoop held = await Loop.Hold())
            {
                Waiting.Until(() => Group.SlowCallbacks == round);
                Assert.True(Group.Watch!.IsLooking);
            }

            await Loop.Turn();
        }
    }

    [Fact]
    public async Task Short_callbacks_one_after_the_other_are_not_named_and_be_it_the_same_task()
    {
        await using EventLoopGroup group = new Watching(TimeSpan.FromMilliseconds(600)).NewGroup(1, _logs);
        EventLoop loop = group[0];
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        long end = loop.CurrentTime + 1_500_000_000;
        loop.Schedule(new RecordingTask((task, status) =>
        {
            if (status == IoTaskStatus.Run && loop.CurrentTime < end)
            {
                loop.Schedule(task);
            }
            else
            {
                done.SetResult();
            }
        }));
        await done.Task.Within();
        Assert.Empty(_logs.Lines);
        Assert.Equal(0, group.SlowCallbacks);
    }

    [Fact]
    public async Task An_infinite_threshold_watches_nothing()
    {
        await using EventLoopGroup group = new Watching(Timeout.InfiniteTimeSpan).NewGroup(1, _logs);
        Assert.Null(group.Watch);
        await group[0].Turn();
        Assert.Equal(0, group.SlowCallbacks);
    }

    private static void HoldIt(Gate gate) => gate.Pass();

    private static void HoldFurther(Gate gate) => gate.Pass();

    private async Task Named(string callback, EventLoop loop)
    {
        await Task.Run(() => Waiting.Until(() => _logs.Lines.Any(line =>
            line.Text.Contains(callback, StringComparison.Ordinal)
            && line.Text.Contains(loop.Name, StringComparison.Ordinal))));
        Assert.All(_logs.Lines, static line => Assert.Equal(LogLevel.Warning, line.Level));
    }

    private sealed class Watching(TimeSpan threshold) : LoopBackend
    {
        internal override EventLoopGroup NewGroup(EventLoopGroupOptions options)
        {
            options.SlowCallbackThreshold = threshold;
            return base.NewGroup(options);
        }
    }

    private sealed class Canceller(EventLoop loop, IoTask other, Gate gate) : IoTask
    {
        protected override void Run(IoTaskStatus status)
        {
            loop.Cancel(other);
            gate.Pass();
        }
    }

    /// <summary>Holds whoever passes until it is opened.</summary>
    private sealed class Gate : IIoEventHandler, IDisposable
    {
        private readonly ManualResetEventSlim _open = new();

        internal void Open() => _open.Set();

        internal void Pass() => Assert.True(OnPurpose.Block(() => _open.Wait(Waiting.Limit)));

        public void OnEvents(EventLoop loop, IoHandle handle, IoEvents events) => Pass();

        public void OnLoopEnding(EventLoop loop, IoHandle handle)
        {
        }

        public void Dispose() => _open.Set();
    }
}

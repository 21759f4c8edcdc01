using AwsIO.Testing;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops;

public sealed class BlockingDetectorTests : LoopTest
{
#if DEBUG
    private const bool IsDebug = true;
#else
    private const bool IsDebug = false;
#endif

    private readonly ManualResetEvent _never = new(false);

    internal override LoopBackend Backend { get; } = new Detecting();

    public static TheoryData<string> Waits => new(s_waits.Keys);

    private static readonly Dictionary<string, Action> s_waits = new()
    {
        ["Task.Wait"] = static () => new TaskCompletionSource().Task.Wait(),
        ["Task.Wait with a limit"] = static () => new TaskCompletionSource().Task.Wait(TimeSpan.FromHours(1)),
        ["GetResult of an awaiter"] = static () => new TaskCompletionSource().Task.GetAwaiter().GetResult(),
        ["ManualResetEventSlim"] = static () => new ManualResetEventSlim().Wait(),
        ["AutoResetEvent"] = static () => new AutoResetEvent(false).WaitOne(),
        ["SemaphoreSlim"] = static () => new SemaphoreSlim(0).Wait(),
        ["WaitHandle.WaitAny"] = static () => WaitHandle.WaitAny([new AutoResetEvent(false), new AutoResetEvent(false)]),
        ["Monitor.Wait"] = static () =>
        {
            object gate = new();
            lock (gate)
            {
                Monitor.Wait(gate);
            }
        },
    };

    [Theory]
    [MemberData(nameof(Waits))]
    public async Task A_wait_on_a_loops_thread_throws_with_advice(string wait)
    {
        InvalidOperationException refused = await Loop.Call(() => Assert.Throws<InvalidOperationException>(s_waits[wait]));

        Assert.Contains(Loop.Name, refused.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(BlockingDetectorTests), refused.Message, StringComparison.Ordinal);
        Assert.Contains("another thread", refused.Message, StringComparison.Ordinal);
        await Loop.Turn();
    }

    [Fact]
    public async Task A_join_throws_too()
    {
        Thread thread = new(() => _never.WaitOne());
        thread.Start();
        try
        {
            await Loop.Call(() => Assert.Throws<InvalidOperationException>(thread.Join));
        }
        finally
        {
            _never.Set();
            thread.Join();
        }
    }

    [Fact]
    public async Task What_is_over_already_and_what_does_not_wait_passes()
    {
        await Loop.Call(() =>
        {
            Assert.True(Task.CompletedTask.Wait(TimeSpan.FromHours(1)));
            Assert.True(new ManualResetEvent(true).WaitOne(0));
            Assert.False(new ManualResetEvent(false).WaitOne(0));
            Assert.False(new SemaphoreSlim(0).Wait(0));
        });
    }

    [Fact]
    public async Task A_lock_that_another_thread_holds_passes()
    {
        object monitor = new();
#if NET9_0_OR_GREATER
        Lock newLock = new();
#else
        object newLock = new();
#endif
        Thread? loopThread = null;
        int wanted = 0;
        bool IsBlockedOn(int which) =>
            Volatile.Read(ref wanted) == which && Volatile.Read(ref loopThread)!.ThreadState.HasFlag(ThreadState.WaitSleepJoin);

        Task passes;
        lock (monitor)
        {
            lock (newLock)
            {
                passes = Loop.Call(() =>
                {
                    Volatile.Write(ref loopThread, Thread.CurrentThread);
                    Volatile.Write(ref wanted, 1);
                    lock (newLock)
                    {
                        Volatile.Write(ref wanted, 2);
                    }

                    lock (monitor)
                    {
                    }
                });

                // Whoever wants a lock spins for it first, and then blocks.
                Waiting.Until(() => IsBlockedOn(1), "The loop waits for the new kind of lock");
            }

            Waiting.Until(() => IsBlockedOn(2), "The loop waits for the monitor");
        }

        await passes.Within();
    }

    [Fact]
    public async Task An_await_in_a_callback_resumes_on_the_thread_pool()
    {
        TaskCompletionSource resumed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource awaited = new();
        bool? onPool = null;
        await Loop.Call(() => _ = Callback());
        awaited.SetResult();
        await resumed.Task.Within();
        Assert.True(onPool);

        async Task Callback()
        {
            await awaited.Task;
            onPool = Thread.CurrentThread.IsThreadPoolThread;
            resumed.SetResult();
        }
    }

    [Fact]
    public void A_manual_loop_detects_while_it_is_driven()
    {
        EventLoopGroupOptions options = new() { LoopCount = 1, DetectBlockingCalls = true };
        using ManualLoopGroup loops = new(options, seed: null, hasThreads: false);
        InvalidOperationException? refused = null;
        loops[0].Schedule(IoTask.Create(
            (_, status) =>
            {
                if (status == IoTaskStatus.Run)
                {
                    refused = Assert.Throws<InvalidOperationException>(() => _never.WaitOne());
                }
            },
            0));
        loops.RunUntilIdle();

        Assert.NotNull(refused);
        Assert.False(_never.WaitOne(TimeSpan.FromMilliseconds(1)));
    }

    [Fact]
    public async Task Nothing_is_detected_unless_asked_for()
    {
        EventLoopGroupOptions options = new() { DetectBlockingCalls = false };
        await using EventLoopGroup group = new(options);
        Assert.Null(await group[0].Call(() => SynchronizationContext.Current));
    }

    [Theory, InlineData("true", true), InlineData("false", false), InlineData(null, IsDebug)]
    public void A_switch_of_the_program_says_what_groups_do_unless_asked(string? value, bool detects)
    {
        // The test programs have it on: see tests/Directory.Build.props.
        const string name = "AwsIO.DetectBlockingCalls";
        Assert.Equal("true", AppContext.GetData(name));
        AppContext.SetData(name, value);
        try
        {
            Assert.Equal(detects, new EventLoopGroupOptions().DetectBlockingCalls);
        }
        finally
        {
            AppContext.SetData(name, "true");
        }
    }

    private sealed class Detecting : LoopBackend
    {
        internal override EventLoopGroup NewGroup(EventLoopGroupOptions options)
        {
            options.DetectBlockingCalls = true;
            return base.NewGroup(options);
        }
    }
}

using System.Runtime.InteropServices;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops;

/// <summary>
/// Signals that interrupt a loop's wait. Others began the wait anew with the whole time, so that a timer never fired while signals
/// came, or took the interruption for an error.
/// </summary>
public partial class SignalTests : LoopTest
{
    // The runtime has a handler for it once somebody asks for one, and by itself it does nothing. The same on all systems.
    private const int WindowChanged = 28;

    [Fact]
    public async Task A_storm_of_signals_neither_puts_timers_off_nor_fires_them_early()
    {
        int signals = 0;
        using PosixSignalRegistration registration =
            PosixSignalRegistration.Create((PosixSignal)WindowChanged, context => Interlocked.Increment(ref signals));
        nint thread = await Loop.Call(ThreadSelf);
        long start = Loop.CurrentTime;
        long[] delays = [300_000, 5_000_000, 60_000_000, 300_000_000];
        RecordingTask[] timers = [.. delays.Select(static _ => new RecordingTask())];
        for (int i = 0; i < delays.Length; i++)
        {
            Loop.ScheduleAt(timers[i], start + delays[i]);
        }

        // The storm lasts until the last has fired: where a signal began a wait anew, that would be never.
        long ticks = Loop.Ticks;
        await Task.Run(() => Waiting.Until(
            () => ThreadKill(thread, WindowChanged) != 0 || timers[^1].Calls > 0, "The last timer has fired")).Within();

        for (int i = 0; i < delays.Length; i++)
        {
            Assert.Equal(IoTaskStatus.Run, await timers[i].Called.Within());
            Assert.True(timers[i].Time >= start + delays[i], $"{start + delays[i] - timers[i].Time} ns early");
            Assert.Equal(1, timers[i].Calls);
        }

        Waiting.Until(() => Volatile.Read(ref signals) > 0, "A signal has come");
        Assert.True(Loop.Ticks > ticks);
    }

    // Counts events: after a fault one comes again.
    [Fact]
    [Trait("Category", "ExactCalls")]
    public async Task A_storm_of_signals_loses_no_task_and_no_event()
    {
        using PosixSignalRegistration registration = PosixSignalRegistration.Create((PosixSignal)WindowChanged, static _ => { });
        nint thread = await Loop.Call(ThreadSelf);
        using TestPipe pipe = new();
        RecordingHandler handler = new((_, _, _) => pipe.Drain());
        Assert.Equal(IoError.None, Loop.Subscribe(pipe.Reader, IoEvents.Readable, handler));
        using CancellationTokenSource over = new();
        Task storm = Task.Factory.StartNew(
            () =>
            {
                while (!over.IsCancellationRequested)
                {
                    Assert.Equal(0, ThreadKill(thread, WindowChanged));
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        for (int i = 0; i < 500; i++)
        {
            pipe.Write();
            Assert.Equal(IoEvents.Readable, await handler.Next());
            await Loop.Call(static () => { });
        }

        await over.CancelAsync();
        await storm.Within();
        Assert.Equal(500, handler.Count);
        Assert.Equal(IoError.None, await Loop.Call(() => Loop.Unsubscribe(pipe.Reader)));
    }

    [LibraryImport("libc", EntryPoint = "pthread_self")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint ThreadSelf();

    [LibraryImport("libc", EntryPoint = "pthread_kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ThreadKill(nint thread, int signal);
}

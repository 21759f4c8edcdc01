using Microsoft.Extensions.Logging;

namespace AwsIO;

/// <summary>How an <see cref="EventLoopGroup"/> is made (<c>aws_event_loop_group_options</c>).</summary>
public sealed class EventLoopGroupOptions
{
    internal static readonly TimeSpan MaxSpinTime = TimeSpan.FromMilliseconds(10);

    /// <summary>How many loops, each with a thread of its own; 0, the default, means one for each two processors, at least one.</summary>
    public int LoopCount { get; set; }

    /// <summary>
    /// The most loops that <see cref="LoopCount"/> may ask for: by default the number of processors, since loops that share a
    /// processor only wait for each other. Raise it to have more all the same.
    /// </summary>
    public int MaxLoops { get; set; } = Environment.ProcessorCount;

    /// <summary>The kernel facility to use; by default the best one of the platform.</summary>
    public EventLoopType Type { get; set; }

    /// <summary>
    /// The node of memory whose processors the loops run on (<c>cpu_group</c>); null, the default, for wherever the system puts them.
    /// Each loop is kept on one processor of its own, and a processor that is only the second thread of a core gets none: there may be
    /// fewer loops than <see cref="LoopCount"/> asks for. A <see cref="LoopCount"/> of 0 then means one loop for each two of the node's
    /// cores that the process may use, at least one. Linux only.
    /// </summary>
    public int? NumaNode { get; set; }

    /// <summary>
    /// The processors that the loops' threads may run on; null, the default, for all that the process may use. A
    /// <see cref="LoopCount"/> of 0 then means one loop for each two of these. Linux only; not together with <see cref="NumaNode"/>.
    /// </summary>
    public CpuSet? Cpus { get; set; }

    /// <summary>Whether a loop spins before it sleeps; by default <see cref="SpinMode.Adaptive"/>.</summary>
    public SpinMode Spin { get; set; }

    /// <summary>How long at most a loop spins before it sleeps: up to 10 ms, by default 50 µs.</summary>
    public TimeSpan SpinTime { get; set; } = TimeSpan.FromMicroseconds(50);

    /// <summary>
    /// How much of its time each loop may spin at most, whether that pays or not: above 0, up to 1, the default, which is no bound of its
    /// own. <see cref="SpinMode.Adaptive"/> bounds what is spun in vain by itself.
    /// </summary>
    public double MaxSpinShare { get; set; } = 1;

    /// <summary>
    /// How long a callback may hold a loop before a warning names it: at least 10 ms, by default 250 ms;
    /// <see cref="Timeout.InfiniteTimeSpan"/> for no such warning. It takes up to a quarter longer until it is noticed.
    /// </summary>
    public TimeSpan SlowCallbackThreshold { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Whether a wait that would block a loop's thread (<c>Task.Wait</c>, an event, a semaphore, <c>Thread.Join</c>)
    /// throws <see cref="InvalidOperationException"/> there, with advice: for tests and for debugging. Off by default; on where the
    /// <see cref="AppContext"/> switch <c>AwsIO.DetectBlockingCalls</c> is on, and in debug builds of AwsIO itself unless it is off.
    /// </summary>
    /// <remarks>
    /// Entering a lock passes, and <c>Thread.Sleep</c> is not seen. While it is on, an <c>await</c> in a callback always
    /// resumes on the thread pool.
    /// </remarks>
    public bool DetectBlockingCalls { get; set; } = AppContext.TryGetSwitch("AwsIO.DetectBlockingCalls", out bool isOn) ? isOn : IsDebug;

    /// <summary>
    /// Where the loops' time comes from (<c>clock_override</c>): timestamps for <see cref="EventLoop.CurrentTime"/>, timers to wake a
    /// loop when a task is due. Null, the default, for the system's monotonic clock. Timestamps that are negative, or far beyond what 64
    /// bits hold in nanoseconds, count from the making of each loop instead.
    /// </summary>
    public TimeProvider? Clock { get; set; }

    /// <summary>
    /// Called once the group has ended and its threads have left (<c>shutdown_options</c>), on a thread that is none of the loops'. Not
    /// called when the group could not be made.
    /// </summary>
    public Action? OnShutdownComplete { get; set; }

    /// <summary>Where the group and all that runs on it write their logs; nowhere by default, and then at no cost.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    internal bool IsShared { get; init; }

    private static bool IsDebug =>
#if DEBUG
        true;
#else
        false;
#endif

    /// <summary>Given the number of loops, picks the place of one for <see cref="EventLoopGroup.GetNextLoop"/>; null for any.</summary>
    internal Func<int, int>? ChooseLoop { get; set; }
}

using Microsoft.Extensions.Logging;

namespace AwsIO;

/// <summary>What a group tells each loop that it makes.</summary>
internal sealed class EventLoopSettings
{
    /// <summary>The group that will own the loop; null for a loop that stands alone.</summary>
    internal EventLoopGroup? Group { get; init; }

    /// <summary>The loop's place in its group.</summary>
    internal int Index { get; init; }

    /// <summary>Where the loop logs.</summary>
    internal required ILogger Logger { get; init; }

    /// <summary>Where the loop's time comes from; null for the system's monotonic clock.</summary>
    internal TimeProvider? Clock { get; init; }

    /// <summary>The processors that the loop's thread may run on; null for those of the process.</summary>
    internal CpuSet? Cpus { get; init; }

    /// <summary>Whether the loop looks for more before it sleeps.</summary>
    internal SpinMode SpinMode { get; init; }

    /// <summary>How long it looks at most, in nanoseconds.</summary>
    internal long SpinNanoseconds { get; init; }

    /// <summary>How much of its time it may spend so, at most: above 0, up to 1.</summary>
    internal double SpinShare { get; init; } = 1;

    /// <summary>Whether a blocking wait on the loop's thread throws.</summary>
    internal bool DetectBlockingCalls { get; init; }

    /// <summary>Looks for callbacks that hold the loop; null for nobody.</summary>
    internal LoopWatch? Watch { get; init; }
}

/// <summary>Makes a loop that is not started.</summary>
/// <returns>The loop, or why the system refused it.</returns>
internal delegate IoResult<EventLoop> EventLoopFactory(EventLoopSettings settings);

using Microsoft.Extensions.Logging;

namespace AwsIO;

/// <summary>How an <see cref="EventLoopGroup"/> is made (<c>aws_event_loop_group_options</c>).</summary>
public sealed class EventLoopGroupOptions
{
    /// <summary>How many loops, each with a thread of its own; 0, the default, means one for each two processors, at least one.</summary>
    public int LoopCount { get; set; }

    /// <summary>
    /// The most loops that <see cref="LoopCount"/> may ask for: by default the number of processors, since loops that share a
    /// processor only wait for each other. Raise it to have more all the same.
    /// </summary>
    public int MaxLoops { get; set; } = Environment.ProcessorCount;

    /// <summary>The kernel facility to use; by default the best one of the platform.</summary>
    public EventLoopType Type { get; set; }

    /// <summary>Where the group and all that runs on it write their logs; nowhere by default, and then at no cost.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }
}

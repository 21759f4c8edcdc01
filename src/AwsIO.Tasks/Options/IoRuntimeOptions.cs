using Microsoft.Extensions.Logging;

namespace AwsIO.Tasks;

/// <summary>How an <see cref="IoRuntime"/> is made.</summary>
public sealed class IoRuntimeOptions
{
    /// <summary>How many event loops, each with a thread of its own; 0, the default, means one for each two processors.</summary>
    public int LoopCount { get; set; }

    /// <summary>
    /// The most loops that <see cref="LoopCount"/> may ask for: by default the number of processors, since loops that share a processor
    /// only wait for each other. Raise it to have more all the same.
    /// </summary>
    public int MaxLoops { get; set; } = Environment.ProcessorCount;

    /// <summary>
    /// Given the options of the event loops, with those of this object set already, to set more: processors, spinning, the watch over slow
    /// callbacks. Called once, while the runtime is made.
    /// </summary>
    public Action<EventLoopGroupOptions>? ConfigureLoops { get; set; }

    /// <summary>Where logs go; nowhere by default.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>How names are looked up.</summary>
    public HostResolverOptions Resolver { get; set; } = new();

    /// <summary>Where code goes on after an <c>await</c>, unless a connection's own options say otherwise.</summary>
    public ContinuationMode ContinuationMode { get; set; }
}

using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Torture;

/// <summary>
/// A small story through some layers, from the making of a group to its end. It may meet a fault at any step: it then ends what it has
/// begun, and leaves nothing behind.
/// </summary>
internal abstract class TortureScenario
{
    /// <summary>A name for replays.</summary>
    internal abstract string Name { get; }

    /// <summary>Whether it takes so long that it is left to the runs that torture only.</summary>
    internal virtual bool IsLong => false;

    /// <summary>The kind of loops that it runs on.</summary>
    internal virtual LoopBackend Backend => LoopBackend.Platform;

    internal abstract Task Run(TortureRun run);

    public override string ToString() => Name;
}

using System.Diagnostics.Tracing;

namespace AwsIO;

/// <summary>
/// Low-level traces, for <c>dotnet-trace</c> and PerfView under the name <c>AwsIO</c>. Where nobody listens, an event costs one check.
/// </summary>
[EventSource(Name = "AwsIO")]
internal sealed class IoEventSource : EventSource
{
    internal static readonly IoEventSource Log = new();

    /// <summary>A loop's thread runs; other events know the loop by its number, which no other loop of the process has.</summary>
    [Event(1, Level = EventLevel.Informational, Keywords = Keywords.Loops)]
    internal void LoopStarted(string loop, long id)
    {
        if (IsEnabled())
        {
            WriteEvent(1, loop, id);
        }
    }

    [Event(2, Level = EventLevel.Informational, Keywords = Keywords.Loops)]
    internal void LoopStopped(string loop, long id)
    {
        if (IsEnabled())
        {
            WriteEvent(2, loop, id);
        }
    }

    /// <summary>A loop has done a turn: how long it was busy, and how many callbacks it has made so far.</summary>
    [Event(3, Level = EventLevel.Verbose, Keywords = Keywords.Ticks)]
    internal void LoopTick(long id, long busyNanoseconds, long callbacks) => WriteEvent(3, id, busyNanoseconds, callbacks);

    /// <summary>A callback holds a loop longer than the group's threshold.</summary>
    [Event(4, Level = EventLevel.Warning, Keywords = Keywords.Loops)]
    internal void SlowCallback(string loop, string callback, long milliseconds)
    {
        if (IsEnabled())
        {
            WriteEvent(4, loop, callback, milliseconds);
        }
    }

    /// <summary>Public, as the runtime looks for the names of keywords among public types only.</summary>
    public static class Keywords
    {
        public const EventKeywords Loops = (EventKeywords)1;
        public const EventKeywords Ticks = (EventKeywords)2;
    }
}

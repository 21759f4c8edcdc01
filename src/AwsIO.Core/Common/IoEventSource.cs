using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Tracing;

namespace AwsIO;

/// <summary>
/// Low-level traces, for <c>dotnet-trace</c> and PerfView under the name <c>AwsIO</c>. Where nobody listens, an event costs one check.
/// </summary>
[EventSource(Name = "AwsIO")]
internal sealed class IoEventSource : EventSource
{
    internal static readonly IoEventSource Log = new();

    [Event(1, Level = EventLevel.Informational, Keywords = Keywords.Loops)]
    internal void LoopStarted(string loop)
    {
        if (IsEnabled())
        {
            WriteEvent(1, loop);
        }
    }

    [Event(2, Level = EventLevel.Informational, Keywords = Keywords.Loops)]
    internal void LoopStopped(string loop)
    {
        if (IsEnabled())
        {
            WriteEvent(2, loop);
        }
    }

    /// <summary>A loop has done a turn: how long it was busy, and how many callbacks it has made so far.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Strings and numbers only.")]
    [Event(3, Level = EventLevel.Verbose, Keywords = Keywords.Ticks)]
    internal unsafe void LoopTick(string loop, long busyNanoseconds, long callbacks)
    {
        fixed (char* name = loop)
        {
            EventData* data = stackalloc EventData[3];
            data[0] = new EventData { DataPointer = (nint)name, Size = (loop.Length + 1) * sizeof(char) };
            data[1] = new EventData { DataPointer = (nint)(&busyNanoseconds), Size = sizeof(long) };
            data[2] = new EventData { DataPointer = (nint)(&callbacks), Size = sizeof(long) };
            WriteEventCore(3, 3, data);
        }
    }

    /// <summary>A callback holds a loop longer than the group's threshold.</summary>
    [Event(4, Level = EventLevel.Warning, Keywords = Keywords.Loops)]
    internal void SlowCallback(string loop, string callback, long milliseconds)
    {
        if (IsEnabled())
        {
            WriteEvent(4, loop, callback, milliseconds);
        }
    }

    internal static class Keywords
    {
        internal const EventKeywords Loops = (EventKeywords)1;
        internal const EventKeywords Ticks = (EventKeywords)2;
    }
}

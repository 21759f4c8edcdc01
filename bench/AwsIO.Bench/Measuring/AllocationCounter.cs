using System.Collections.ObjectModel;
using System.Diagnostics.Tracing;

namespace AwsIO.Bench.Measuring;

/// <summary>
/// Estimates how many objects the process allocates. The runtime tells of one object in each 100 KB or so, so that
/// counting costs next to nothing, and nothing at all where nothing is allocated.
/// </summary>
internal sealed class AllocationCounter : EventListener
{
    private const string Runtime = "Microsoft-Windows-DotNETRuntime";
    private const EventKeywords GarbageCollection = (EventKeywords)1;

    private readonly object _gate = new();
    private double _objects;

    /// <summary>How many so far: each object that was told of stands for all that its 100 KB had room for.</summary>
    public double Objects
    {
        get
        {
            lock (_gate)
            {
                return _objects;
            }
        }
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == Runtime)
        {
            EnableEvents(eventSource, EventLevel.Verbose, GarbageCollection);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (
            eventData.EventName?.StartsWith("GCAllocationTick", StringComparison.Ordinal) == true
            && eventData is { PayloadNames: { } names, Payload: { } values }
            && Find(names, values, "AllocationAmount64") is { } amount
            && Find(names, values, "ObjectSize") is { } size
            && size > 0
        )
        {
            lock (_gate)
            {
                _objects += amount / size;
            }
        }
    }

    private static double? Find(
        ReadOnlyCollection<string> names,
        ReadOnlyCollection<object?> values,
        string name
    ) => names.IndexOf(name) is var i and >= 0 ? Convert.ToDouble(values[i], null) : null;
}

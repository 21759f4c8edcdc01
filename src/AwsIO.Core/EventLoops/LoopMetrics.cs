using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace AwsIO;

/// <summary>What the meter <c>AwsIO</c> shows of all loops, each with the tags <c>awsio.group</c> and <c>awsio.loop</c>.</summary>
/// <remarks>The loops count anyway; the instruments only read, when somebody collects.</remarks>
internal static class LoopMetrics
{
    internal const string MeterName = "AwsIO";

    private static readonly ConcurrentDictionary<EventLoopGroup, string> s_groups = new();
    private static readonly Meter s_meter = new(MeterName);
    private static int s_lastGroup;

    static LoopMetrics()
    {
        s_meter.CreateObservableCounter("awsio.loop.ticks", () => Observe(static loop => loop.Ticks), "{tick}", "Turns of the loop.");
        s_meter.CreateObservableCounter(
            "awsio.loop.tasks", () => Observe(static loop => loop.TasksRun), "{task}", "Tasks called, cancelled ones included.");
        s_meter.CreateObservableCounter(
            "awsio.loop.events", () => Observe(static loop => loop.EventsReported), "{event}", "Descriptors reported as ready.");
        s_meter.CreateObservableCounter(
            "awsio.loop.wakeups",
            () => Observe(static loop => loop.WakeUps),
            "{write}",
            "Wake-up writes for tasks that other threads scheduled or cancelled; not those for a stop or by a clock.");
        s_meter.CreateObservableCounter(
            "awsio.loop.callback.time",
            () => Observe(static loop => loop.BusyNanoseconds / 1e9),
            "s",
            "The busy part of ticks: callbacks, and what the loop itself does beside them.");
        s_meter.CreateObservableGauge(
            "awsio.loop.queue.depth", () => Observe(static loop => (long)loop.PendingTasks), "{task}", "Tasks and timers that wait.");
        s_meter.CreateObservableCounter(
            "awsio.group.callbacks.slow", ObserveSlow, "{callback}", "Callbacks that held a loop longer than the group's threshold.");
    }

    internal static void Add(EventLoopGroup group) =>
        s_groups[group] = Interlocked.Increment(ref s_lastGroup).ToString(CultureInfo.InvariantCulture);

    internal static void Remove(EventLoopGroup group) => s_groups.TryRemove(group, out _);

    private static IEnumerable<Measurement<T>> Observe<T>(Func<EventLoop, T> read)
        where T : struct
    {
        foreach ((EventLoopGroup group, string name) in s_groups)
        {
            for (int i = 0; i < group.Count; i++)
            {
                yield return new Measurement<T>(read(group[i]), new("awsio.group", name), new("awsio.loop", group[i].Name));
            }
        }
    }

    private static IEnumerable<Measurement<long>> ObserveSlow()
    {
        foreach ((EventLoopGroup group, string name) in s_groups)
        {
            yield return new Measurement<long>(group.SlowCallbacks, new KeyValuePair<string, object?>("awsio.group", name));
        }
    }
}

using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Diagnostics.Tracing;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops;

/// <summary>What a loop shows of itself to tools.</summary>
public sealed class LoopMetricsTests : LoopTest
{
    protected override int LoopCount => 2;

    internal override LoopBackend Backend { get; } = new Watching();

    [Fact]
    public void Each_instrument_has_its_kind_name_and_unit()
    {
        using Collected collected = new();
        Assert.Equal(
            [
                "awsio.group.callbacks.slow Counter {callback}", "awsio.loop.callback.time Counter s",
                "awsio.loop.events Counter {event}", "awsio.loop.queue.depth Gauge {task}", "awsio.loop.tasks Counter {task}",
                "awsio.loop.ticks Counter {tick}", "awsio.loop.wakeups Counter {write}",
            ],
            collected.Instruments.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Each_loop_of_each_group_is_shown_with_what_it_has_done_until_the_group_ends()
    {
        using Collected collected = new();
        HashSet<string> before = [.. collected.Collect().Select(static value => value.Group)];
        EventLoopGroup group = Backend.NewGroup(2);
        using TestPipe pipe = new();
        RecordingHandler handler = new();
        Assert.Equal(IoError.None, group[1].Subscribe(pipe.Reader, IoEvents.Readable, handler));
        pipe.Write();
        await handler.Next();
        await group[1].Call(() =>
        {
            for (int i = 0; i < 3; i++)
            {
                group[1].ScheduleAfter(new RecordingTask(), TimeSpan.FromHours(1));
            }

            // Nothing measures shorter than this.
            long end = group[1].CurrentTime + 1_000_000;
            while (group[1].CurrentTime < end)
            {
            }
        });
        await group[1].Turn();
        using (HeldLoop held = await group[0].Hold())
        {
            Waiting.Until(() => group.SlowCallbacks == 1);
        }

        await group[0].Turn();
        long tasks = group[1].TasksRun;
        long wakeUps = group[1].WakeUps;
        List<Value> values = [.. collected.Collect().Where(value => !before.Contains(value.Group))];

        Assert.Single(values.Select(static value => value.Group).Distinct());
        Assert.Equal(
            ["awsio-1", "awsio-2"],
            values.Where(static value => value.Instrument == "awsio.loop.tasks").Select(static value => value.Loop).Order());
        Value Of(string instrument, string? loop) => values.Single(value => value.Instrument == instrument && value.Loop == loop);
        Assert.Equal(1, Of("awsio.group.callbacks.slow", null).Number);
        Assert.Equal(1, Of("awsio.loop.events", "awsio-2").Number);
        Assert.Equal(0, Of("awsio.loop.events", "awsio-1").Number);
        Assert.Equal(3, Of("awsio.loop.queue.depth", "awsio-2").Number);
        Assert.Equal(0, Of("awsio.loop.queue.depth", "awsio-1").Number);
        Assert.Equal(tasks, Of("awsio.loop.tasks", "awsio-2").Number);
        Assert.Equal(wakeUps, Of("awsio.loop.wakeups", "awsio-2").Number);
        Assert.True(Of("awsio.loop.ticks", "awsio-2").Number >= 3);
        Assert.InRange(Of("awsio.loop.callback.time", "awsio-2").Number, 0.001, 60);

        await group.DisposeAsync().Within();
        Assert.DoesNotContain(collected.Collect(), value => !before.Contains(value.Group));
    }

    [Fact]
    public async Task The_queues_depth_counts_what_the_loop_has_not_taken_over_yet()
    {
        using Collected collected = new();
        HashSet<string> before = [.. collected.Collect().Select(static value => value.Group)];
        await using EventLoopGroup group = Backend.NewGroup();
        EventLoop loop = group[0];
        double Depth() => collected.Collect().Single(
            value => value.Instrument == "awsio.loop.queue.depth" && !before.Contains(value.Group)).Number;

        using (HeldLoop held = await loop.Hold())
        {
            Assert.Equal(0, Depth());
            for (int i = 1; i <= 4; i++)
            {
                loop.Schedule(new RecordingTask());
                loop.ScheduleSerialized(new RecordingTask());
                loop.ScheduleAfter(new RecordingTask(), TimeSpan.FromHours(1));
                Assert.Equal(3 * i, Depth());
            }
        }

        // What could run has run; the timers are the loop's own now, and so are what it schedules itself.
        await loop.Turn();
        Assert.Equal(4, Depth());
        Assert.Equal(6, await loop.Call(() =>
        {
            loop.Schedule(new RecordingTask());
            loop.ScheduleSerialized(new RecordingTask());
            return Depth();
        }));
        await loop.Turn();
        Assert.Equal(4, Depth());
    }

    [Fact]
    public async Task The_trace_tells_of_loops_ticks_and_slow_callbacks()
    {
        using Traced traced = new();
        EventLoopGroup group = Backend.NewGroup(2);
        using (HeldLoop held = await group[1].Hold())
        {
            // It is counted a moment before it is told.
            Waiting.Until(() => traced.Events.Any(static e => e.EventName == "SlowCallback"));
        }

        await group[1].Turn();
        await group.DisposeAsync().Within();

        List<EventWrittenEventArgs> events = [.. traced.Events];
        List<EventWrittenEventArgs> started = [.. events.Where(static e => e.EventName == "LoopStarted")];
        Assert.Equal(["awsio-1", "awsio-2"], started.Select(static e => (string)e.Payload![0]!).Order());
        Assert.Equal(["loop", "id"], started[0].PayloadNames!);
        Assert.Equal(2, started.Select(static e => e.Payload![1]).Distinct().Count());
        Assert.Equal(
            started.Select(static e => (long)e.Payload![1]!).Order(),
            events.Where(static e => e.EventName == "LoopStopped").Select(static e => (long)e.Payload![1]!).Order());
        object id = started.Single(static e => "awsio-2".Equals(e.Payload![0])).Payload![1]!;
        List<EventWrittenEventArgs> ticks = [.. events.Where(e => e.EventName == "LoopTick" && id.Equals(e.Payload![0]))];
        Assert.True(ticks.Count >= 2);
        Assert.Equal(["id", "busyNanoseconds", "callbacks"], ticks[0].PayloadNames!);
        List<long> callbacks = [.. ticks.Select(static e => (long)e.Payload![2]!)];
        Assert.Equal(callbacks.Order(), callbacks);
        Assert.True(ticks.Max(static e => (long)e.Payload![1]!) >= 10_000_000, "The held tick was not counted.");
        EventWrittenEventArgs slow = Assert.Single(events, static e => e.EventName == "SlowCallback");
        Assert.Equal(EventLevel.Warning, slow.Level);
        Assert.Equal("awsio-2", slow.Payload![0]);
        Assert.Equal(typeof(HeldLoop).FullName, slow.Payload[1]);
        Assert.True((long)slow.Payload[2]! >= 10);
    }

    [Fact]
    public async Task Whoever_listens_to_loops_alone_is_told_of_no_ticks()
    {
        using Traced traced = new(EventLevel.Informational);
        await Loop.Turn();
        await Loop.Turn();
        EventLoopGroup group = Backend.NewGroup();
        await group[0].Turn();
        await group.DisposeAsync().Within();
        Assert.DoesNotContain(traced.Events, static e => e.EventName == "EventSourceMessage" && Fail(e.Payload![0]));
        Assert.Contains(traced.Events, static e => e.EventName == "LoopStarted");
        Assert.DoesNotContain(traced.Events, static e => e.EventName == "LoopTick");
    }

    private static bool Fail(object? text) => throw new FormatException((string?)text);

    /// <summary>With the shortest threshold for slow callbacks.</summary>
    private sealed class Watching : LoopBackend
    {
        internal override EventLoopGroup NewGroup(EventLoopGroupOptions options)
        {
            options.SlowCallbackThreshold = TimeSpan.FromMilliseconds(10);
            return base.NewGroup(options);
        }
    }

    private sealed record Value(string Instrument, string Group, string? Loop, double Number);

    private sealed class Collected : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly List<Value> _values = [];

        internal Collected()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "AwsIO")
                {
                    string kind = instrument.GetType().Name.StartsWith("ObservableCounter", StringComparison.Ordinal) ? "Counter" : "Gauge";
                    Instruments.Add($"{instrument.Name} {kind} {instrument.Unit}");
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((instrument, number, tags, _) => Add(instrument, number, tags));
            _listener.SetMeasurementEventCallback<double>((instrument, number, tags, _) => Add(instrument, number, tags));
            _listener.Start();
        }

        internal List<string> Instruments { get; } = [];

        public void Dispose() => _listener.Dispose();

        internal List<Value> Collect()
        {
            _values.Clear();
            _listener.RecordObservableInstruments();
            return [.. _values];
        }

        private void Add(Instrument instrument, double number, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            Dictionary<string, object?> all = new(tags.ToArray());
            Assert.Equal(instrument.Name.StartsWith("awsio.group.", StringComparison.Ordinal) ? 1 : 2, all.Count);
            _values.Add(new Value(
                instrument.Name, (string)all["awsio.group"]!, all.TryGetValue("awsio.loop", out object? loop) ? (string)loop! : null, number));
        }
    }

    private sealed class Traced : EventListener
    {
        internal Traced(EventLevel level = EventLevel.Verbose) =>
            EnableEvents(IoEventSource.Log, level, EventKeywords.All);

        internal ConcurrentQueue<EventWrittenEventArgs> Events { get; } = new();

        protected override void OnEventWritten(EventWrittenEventArgs eventData)
        {
            if (eventData.EventSource.Name == "AwsIO")
            {
                // The base class may tell of events before this class's own parts are there.
                Events?.Enqueue(eventData);
            }
        }
    }
}

using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace AwsIO.Testing;

/// <summary>
/// Event loops for tests that are the same each time: no threads, a virtual clock, and an order that a seed decides.
/// </summary>
/// <remarks>
/// Whatever takes an <see cref="EventLoopGroup"/> or an <see cref="EventLoop"/> takes these. Nothing happens by itself: a test lets the
/// loops run with <see cref="RunUntilIdle"/>, and time go by with <see cref="Advance"/>. A seed chooses which loop goes next, the order
/// of events which came together, which of them come a turn later, and how the tasks mix that different threads, or callbacks of different
/// loops, have scheduled on a loop since its last turn: all that may differ from run to run with real threads, and nothing that the
/// contract promises. One thread drives at a time; callbacks run on it.
/// </remarks>
public sealed class ManualLoopGroup : IDisposable, IAsyncDisposable
{
    private const long StartTime = 1_000_000_000;

    private readonly ManualEventLoop[] _loops;
    private readonly Random? _random;
    private readonly Random _choice;
    private long _now = StartTime;
    private int _turn;

    /// <summary>Makes a group of one loop that keeps the order in which things come.</summary>
    public ManualLoopGroup()
        : this(1)
    {
    }

    /// <summary>Makes a group.</summary>
    /// <param name="loopCount">How many loops, at least one.</param>
    /// <param name="seed">What decides the order; null to keep the order in which things come.</param>
    /// <param name="loggerFactory">Where the group logs; nowhere by default.</param>
    public ManualLoopGroup(int loopCount, int? seed = null, ILoggerFactory? loggerFactory = null)
        : this(new EventLoopGroupOptions { LoopCount = loopCount, LoggerFactory = loggerFactory }, seed, hasThreads: false)
    {
    }

    internal ManualLoopGroup(EventLoopGroupOptions options, int? seed, bool hasThreads)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.LoopCount, "loopCount");
        Seed = seed;
        HasThreads = hasThreads;
        _random = seed is { } value ? new Random(value) : null;
        _choice = new Random(seed ?? 0);
        options.Spin = SpinMode.Off;
        if (!hasThreads)
        {
            // It goes by real time: a slow machine, or a debugger, would change what is logged.
            options.SlowCallbackThreshold = Timeout.InfiniteTimeSpan;
        }

        options.ChooseLoop = ChooseLoop;
        Group = new EventLoopGroup(options, settings => ManualEventLoop.Create(settings, this), EventLoopType.PlatformDefault);
        _loops = [.. Enumerable.Range(0, Group.Count).Select(index => (ManualEventLoop)Group[index])];
    }

    /// <summary>The loops as a group, to be given to what is tested.</summary>
    public EventLoopGroup Group { get; }

    /// <summary>The number of loops.</summary>
    public int Count => _loops.Length;

    /// <summary>What decides the order; null where things keep the order in which they come.</summary>
    public int? Seed { get; }

    /// <summary>The loops' clock: nanoseconds from an arbitrary start. It stands still but for <see cref="Advance"/>.</summary>
    public long CurrentTime => HasThreads ? IoClock.Now : Volatile.Read(ref _now);

    /// <summary>Whether each loop has a thread and real time after all: for running the contract's tests on this kind of loop.</summary>
    internal bool HasThreads { get; }

    /// <summary>After how many turns that did something the loops are taken never to come to rest.</summary>
    internal int MaxTurns { get; init; } = 10_000_000;

    /// <summary>Held by the thread that drives.</summary>
    internal object Gate { get; } = new();

    /// <summary>A loop.</summary>
    /// <param name="index">From 0 to <see cref="Count"/> - 1.</param>
    public ManualEventLoop this[int index] => _loops[index];

    /// <summary>
    /// Runs a test once for each of some seeds, with a group of its own. What fails names its seed; the environment variable
    /// <c>AWSIO_SEED</c> then replays that one alone.
    /// </summary>
    /// <param name="count">How many seeds: 0 to <paramref name="count"/> - 1.</param>
    /// <param name="test">The test; it is given a group, which is ended afterwards.</param>
    /// <param name="loopCount">How many loops each group has.</param>
    /// <exception cref="InvalidOperationException">The test failed: the message names the seed, the inner exception says why.</exception>
    public static void ForSeeds(int count, Action<ManualLoopGroup> test, int loopCount = 1)
    {
        ArgumentNullException.ThrowIfNull(test);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        int first = 0;
        if (Environment.GetEnvironmentVariable("AWSIO_SEED") is { Length: > 0 } only)
        {
            first = int.Parse(only, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            count = 1;
        }

        for (int seed = first; seed < first + count; seed++)
        {
            using ManualLoopGroup group = new(loopCount, seed);
            try
            {
                test(group);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException(
                    string.Create(CultureInfo.InvariantCulture, $"Failed with seed {seed}; AWSIO_SEED={seed} replays it. {exception.Message}"),
                    exception);
            }
        }
    }

    /// <summary>Lets one loop, which the seed chooses, make one turn.</summary>
    /// <returns>Whether anything was called.</returns>
    /// <exception cref="InvalidOperationException">The caller is in a callback of a manual loop.</exception>
    public bool Step()
    {
        lock (Gate)
        {
            ThrowIfInCallback();
            return _loops[_random?.Next(_loops.Length) ?? NextInTurn()].Turn();
        }
    }

    /// <summary>
    /// Lets the loops run until none has anything left to do at this moment of the clock: no event, no task, no timer that is due.
    /// </summary>
    /// <returns>How many turns did something.</returns>
    /// <exception cref="InvalidOperationException">
    /// The caller is in a callback of a manual loop, or there was no end to it: something schedules itself again and again.
    /// </exception>
    public int RunUntilIdle()
    {
        lock (Gate)
        {
            ThrowIfInCallback();
            int turns = 0;
            int restless = 0;
            int quiet = 0;
            while (quiet < _loops.Length)
            {
                // After a turn in which nothing came the others are looked at in their order, so that none is left out by chance.
                ManualEventLoop loop = _loops[quiet > 0 || _random is null ? NextInTurn() : _turn = _random.Next(_loops.Length)];
                bool called = loop.Turn();
                turns += called ? 1 : 0;
                quiet = called || !loop.IsIdle ? 0 : quiet + 1;
                restless += quiet == 0 ? 1 : 0;
                if (restless > MaxTurns)
                {
                    throw new InvalidOperationException("The loops do not come to rest: something is scheduled again and again.");
                }
            }

            return turns;
        }
    }

    /// <summary>Lets time go by: each timer that becomes due runs at its own moment, and all that follows from it.</summary>
    /// <param name="span">How long; not negative.</param>
    /// <exception cref="InvalidOperationException">As for <see cref="RunUntilIdle"/>.</exception>
    public void Advance(TimeSpan span)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(span, TimeSpan.Zero);
        lock (Gate)
        {
            long target = IoClock.After(_now, span);
            _ = RunUntilIdle();
            while (NextDeadline() is var next && next <= target && next != long.MaxValue)
            {
                _now = Math.Max(_now, next);
                _ = RunUntilIdle();
            }

            _now = target;
            _ = RunUntilIdle();
        }
    }

    /// <summary>Lets the loops run, and time go by from timer to timer, until something holds.</summary>
    /// <param name="condition">Asked whenever the loops have come to rest.</param>
    /// <param name="limit">How much time may go by.</param>
    /// <returns>Whether it holds. False: the limit was reached, or no timer is left that could change anything.</returns>
    public bool RunUntil(Func<bool> condition, TimeSpan limit)
    {
        ArgumentNullException.ThrowIfNull(condition);
        long last = IoClock.After(CurrentTime, limit);
        while (true)
        {
            _ = RunUntilIdle();

            // Outside the gate: a condition may end the group, which another thread then drives to its end.
            if (condition())
            {
                return true;
            }

            lock (Gate)
            {
                long next = NextDeadline();
                if (next == long.MaxValue || next > last)
                {
                    return false;
                }

                _now = Math.Max(_now, next);
            }
        }
    }

    /// <summary>Ends the group: what is left is cancelled.</summary>
    public void Dispose() => Group.Dispose();

    /// <summary>Ends the group: what is left is cancelled.</summary>
    /// <returns>Completes when it has ended.</returns>
    public ValueTask DisposeAsync() => Group.DisposeAsync();

    internal void ThrowIfInCallback()
    {
        if (EventLoop.Current is ManualEventLoop)
        {
            throw new InvalidOperationException("A callback of a manual loop cannot drive the loops: it is being driven.");
        }

        if (HasThreads)
        {
            throw new InvalidOperationException("These loops have threads of their own, and are driven by nobody else.");
        }
    }

    /// <summary>Puts events which came together into the seed's order.</summary>
    internal void Shuffle<T>(List<T> items)
    {
        if (_random is not null && items.Count > 1)
        {
            lock (_random)
            {
                _random.Shuffle(CollectionsMarshal.AsSpan(items));
            }
        }
    }

    /// <summary>A number below another, which the seed chooses. Only where there is a seed.</summary>
    internal int Draw(int count)
    {
        lock (_random!)
        {
            return _random.Next(count);
        }
    }

    /// <summary>Whether the seed puts an event off to the next turn: one of four.</summary>
    internal bool PutOff()
    {
        if (_random is null)
        {
            return false;
        }

        lock (_random)
        {
            return _random.Next(4) == 0;
        }
    }

    /// <summary>Chooses a loop for new work: by the seed too, and without one the same each time.</summary>
    private int ChooseLoop(int count)
    {
        lock (_choice)
        {
            return _choice.Next(count);
        }
    }

    private int NextInTurn() => _turn = (_turn + 1) % _loops.Length;

    private long NextDeadline() => _loops.Min(static loop => loop.NextDeadline);
}

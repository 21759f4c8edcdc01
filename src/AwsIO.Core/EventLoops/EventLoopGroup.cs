using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace AwsIO;

/// <summary>A fixed set of event loops that share the work of many connections (<c>aws_event_loop_group</c>).</summary>
/// <remarks>
/// All members may be used on any thread. Ending the group ends all that lives on it: connections are closed, and what is
/// scheduled is cancelled, each on its loop's thread. Loop threads are background threads: they never keep a process alive.
/// </remarks>
public sealed class EventLoopGroup : IDisposable, IAsyncDisposable
{
    private readonly EventLoop[] _loops;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _endStarted;

    /// <summary>Makes a group with the default options and starts its loops.</summary>
    /// <exception cref="PlatformNotSupportedException">The platform has no event loop.</exception>
    public EventLoopGroup()
        : this(new EventLoopGroupOptions())
    {
    }

    /// <summary>Makes a group and starts its loops (<c>aws_event_loop_group_new</c>).</summary>
    /// <param name="options">How; not changed, and not kept.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// More loops are asked for than <see cref="EventLoopGroupOptions.MaxLoops"/> allows, or fewer than none.
    /// </exception>
    /// <exception cref="PlatformNotSupportedException">
    /// The platform does not have the kind of loop that is asked for.
    /// </exception>
    /// <exception cref="InvalidOperationException">The system refused a descriptor or a thread; the message says why.</exception>
    public EventLoopGroup(EventLoopGroupOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        int count = ValidateLoopCount(options);
        ValidateType(options.Type);
        LoggerFactory = GuardedLoggerFactory.Of(options.LoggerFactory);
        ILogger logger = LoggerFactory.CreateLogger("AwsIO.EventLoop");
        EventLoop[] loops = new EventLoop[count];
        for (int i = 0; i < count; i++)
        {
            IoResult<EventLoop> loop = EpollEventLoop.Create(this, i, logger);
            IoError error = loop.IsSuccess ? loop.Value.StartNew() : loop.Error;
            if (error.IsError)
            {
                EndAll(loops.AsSpan(0, i));
                throw new InvalidOperationException(
                    string.Create(CultureInfo.InvariantCulture, $"Event loop {i + 1} of {count} could not be made. {error}"));
            }

            loops[i] = loop.Value;
        }

        _loops = loops;
    }

    /// <summary>The number of loops (<c>aws_event_loop_group_get_loop_count</c>).</summary>
    public int Count => _loops.Length;

    /// <summary>The kernel facility of the loops (<c>aws_event_loop_group_get_type</c>).</summary>
    public EventLoopType Type { get; } = EventLoopType.Epoll;

    /// <summary>Completes when all loops have ended, after <see cref="Dispose"/> or <see cref="DisposeAsync"/>.</summary>
    public Task Completion => _ended.Task;

    internal ILoggerFactory LoggerFactory { get; }

    /// <summary>The loop at a place (<c>aws_event_loop_group_get_loop_at</c>).</summary>
    /// <param name="index">From 0 to <see cref="Count"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such loop.</exception>
    public EventLoop this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, _loops.Length);
            return _loops[index];
        }
    }

    /// <summary>Chooses a loop for new work: the less loaded of two picked at random (<c>aws_event_loop_group_get_next_loop</c>).</summary>
    /// <returns>A loop of this group.</returns>
    public EventLoop GetNextLoop()
    {
        EventLoop[] loops = _loops;
        if (loops.Length == 1)
        {
            return loops[0];
        }

        EventLoop first = loops[Random.Shared.Next(loops.Length)];
        EventLoop second = loops[Random.Shared.Next(loops.Length)];
        return first.LoadFactor < second.LoadFactor ? first : second;
    }

    /// <summary>Whether a loop belongs to this group.</summary>
    /// <param name="loop">Any loop.</param>
    /// <returns>True for one of this group's own.</returns>
    public bool Contains(EventLoop loop)
    {
        ArgumentNullException.ThrowIfNull(loop);
        return ReferenceEquals(loop.Group, this);
    }

    /// <summary>Ends the group and waits until its threads have left.</summary>
    /// <exception cref="InvalidOperationException">
    /// The caller is on one of the group's own loops, which could never end while it waits: use <see cref="DisposeAsync"/> there.
    /// </exception>
    [SuppressMessage("Usage", "VSTHRD002", Justification = "The task is completed by a thread that waits for nothing of the caller's.")]
    public void Dispose()
    {
        foreach (EventLoop loop in _loops)
        {
            loop.ThrowIfOnLoop("dispose its own group");
        }

        BeginEnd();
        _ended.Task.GetAwaiter().GetResult();
    }

    /// <summary>Ends the group without blocking; may be called on one of its own loops.</summary>
    /// <returns>Completes when the group's threads have left.</returns>
    public ValueTask DisposeAsync()
    {
        BeginEnd();
        return new ValueTask(_ended.Task);
    }

    private static int ValidateLoopCount(EventLoopGroupOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.LoopCount, "options.LoopCount");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.MaxLoops, "options.MaxLoops");
        if (options.LoopCount > options.MaxLoops)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options),
                options.LoopCount,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"LoopCount is {options.LoopCount}, but MaxLoops allows {options.MaxLoops}: each loop needs a thread of its own, and this machine has {Environment.ProcessorCount} processors. Ask for fewer loops, or raise MaxLoops."));
        }

        return options.LoopCount > 0
            ? options.LoopCount
            : Math.Clamp(Environment.ProcessorCount / 2, 1, options.MaxLoops);
    }

    private static void ValidateType(EventLoopType type)
    {
        if (type is < EventLoopType.PlatformDefault or > EventLoopType.DispatchQueue)
        {
            throw new ArgumentOutOfRangeException(nameof(type), type, "There is no such kind of event loop.");
        }

        if (!OperatingSystem.IsLinux() || type is not (EventLoopType.PlatformDefault or EventLoopType.Epoll))
        {
            throw new PlatformNotSupportedException(
                $"An event loop of type {type} is not supported on {System.Runtime.InteropServices.RuntimeInformation.OSDescription}.");
        }
    }

    private static void EndAll(ReadOnlySpan<EventLoop> loops)
    {
        foreach (EventLoop loop in loops)
        {
            loop.BeginEnd();
        }

        foreach (EventLoop loop in loops)
        {
            loop.WaitForEnd();
        }
    }

    private void BeginEnd()
    {
        if (Interlocked.Exchange(ref _endStarted, 1) != 0)
        {
            return;
        }

        // A thread of its own waits for the loops, so that the last reference may be dropped on one of them.
        Thread thread = new(EndLoops) { IsBackground = true, Name = "awsio-end" };
        try
        {
            thread.UnsafeStart();
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            // The system has no thread for it, but the pool may have.
            ThreadPool.UnsafeQueueUserWorkItem(static group => group.EndLoops(), this, preferLocal: false);
        }
    }

    private void EndLoops()
    {
        EndAll(_loops);
        _ended.SetResult();
    }
}

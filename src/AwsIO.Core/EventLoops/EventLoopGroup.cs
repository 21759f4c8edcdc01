using System.Diagnostics.CodeAnalysis;

namespace AwsIO;

/// <summary>A fixed set of event loops that share the work of many connections (<c>aws_event_loop_group</c>).</summary>
/// <remarks>
/// All members may be used on any thread. <see cref="Dispose"/> and <see cref="DisposeAsync"/> end the group and all that lives on it:
/// connections are closed, and what is scheduled is cancelled, each on its loop's thread. <see cref="Release"/> ends it only once nobody
/// holds it any more. Loop threads are background threads: they never keep a process alive.
/// </remarks>
public sealed partial class EventLoopGroup : IDisposable, IAsyncDisposable
{
    private static EventLoopGroup? s_shared;
    private static bool s_sharedIsMade;
    private static object? s_sharedGate;

    private readonly EventLoop[] _loops;
    private readonly Func<int, int> _choose;

    /// <summary>Makes a group with the default options and starts its loops (<c>aws_event_loop_group_new_default</c>).</summary>
    /// <exception cref="PlatformNotSupportedException">The platform has no event loop.</exception>
    public EventLoopGroup()
        : this(new EventLoopGroupOptions())
    {
    }

    /// <summary>Makes a group and starts its loops (<c>aws_event_loop_group_new</c>).</summary>
    /// <param name="options">How; not changed, and not kept.</param>
    /// <exception cref="ArgumentException">
    /// More loops are asked for than <see cref="EventLoopGroupOptions.MaxLoops"/> allows, or processors that are not there; the message
    /// says which.
    /// </exception>
    /// <exception cref="PlatformNotSupportedException">
    /// The platform does not have the kind of loop that is asked for.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The system refused a descriptor or a thread; the message says why. The loops made until then have ended, or, on a thread of some
    /// event loop, which is not held by that, do so at once.
    /// </exception>
    public EventLoopGroup(EventLoopGroupOptions options)
        : this(Validate(options), PlatformFactory, PlatformType)
    {
    }

    /// <summary>
    /// A group for everybody in the process who needs no other: made when it is first asked for, with the default options, and never
    /// ended. Like any group it keeps no process from exiting.
    /// </summary>
    /// <exception cref="PlatformNotSupportedException">The platform has no event loop.</exception>
    /// <exception cref="InvalidOperationException">
    /// The system refused a descriptor or a thread; whoever asks next tries again.
    /// </exception>
    public static EventLoopGroup Shared => LazyInitializer.EnsureInitialized(
        ref s_shared,
        ref s_sharedIsMade,
        ref s_sharedGate,
        static () => new EventLoopGroup(new EventLoopGroupOptions { IsShared = true }))!;

    /// <summary>The number of loops (<c>aws_event_loop_group_get_loop_count</c>).</summary>
    public int Count => _loops.Length;

    /// <summary>The kernel facility of the loops (<c>aws_event_loop_group_get_type</c>).</summary>
    public EventLoopType Type { get; }

    /// <summary>
    /// Completes when all loops have ended, after <see cref="Dispose"/>, <see cref="DisposeAsync"/> or the last <see cref="Release"/>.
    /// </summary>
    public Task Completion => _ended.Task;

    internal IoLoggers Loggers { get; }

    internal LoopWatch? Watch => _watch;

    internal long SlowCallbacks => _watch?.SlowCallbacks ?? 0;

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

    /// <summary>The loop at a place, where there is one (<c>aws_event_loop_group_get_loop_at</c>).</summary>
    /// <param name="index">Any number.</param>
    /// <param name="loop">The loop; null where there is none.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryGetLoop(int index, [NotNullWhen(true)] out EventLoop? loop)
    {
        loop = (uint)index < (uint)_loops.Length ? _loops[index] : null;
        return loop is not null;
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

        EventLoop first = loops[_choose(loops.Length)];
        EventLoop second = loops[_choose(loops.Length)];
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
}

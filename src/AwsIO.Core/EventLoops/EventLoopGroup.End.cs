using System.Diagnostics.CodeAnalysis;
using AwsIO.Native.Faults;

namespace AwsIO;

/// <summary>How a group is held, and how it ends.</summary>
public sealed partial class EventLoopGroup
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action? _onShutdownComplete;
    private readonly bool _isShared;
    private readonly LoopWatch? _watch;
    private int _endStarted;
    private Thread? _callbackThread;

    // Whoever made the group holds it once.
    private int _holders = 1;
    private int _released;

    /// <summary>
    /// Holds the group: until the lease is disposed, <see cref="Release"/> does not end it (<c>aws_event_loop_group_acquire</c>). A
    /// channel holds its group so from its set-up to its shutdown.
    /// </summary>
    /// <returns>What the caller disposes when it needs the group no more.</returns>
    /// <exception cref="ObjectDisposedException">The group ends, or has ended.</exception>
    public EventLoopGroupLease Acquire()
    {
        ObjectDisposedException.ThrowIf(!TryAddHolder(), this);
        return new EventLoopGroupLease(this);
    }

    /// <summary>
    /// Gives up the group on behalf of whoever made it (<c>aws_event_loop_group_release</c>): once no lease and no channel holds it any
    /// more, it ends. Never blocks; may be called on one of the group's own loops. A second call does nothing.
    /// </summary>
    /// <exception cref="InvalidOperationException">The group is <see cref="Shared"/>.</exception>
    public void Release()
    {
        ThrowIfShared();
        if (Interlocked.Exchange(ref _released, 1) == 0)
        {
            RemoveHolder();
        }
    }

    /// <summary>Ends the group, whoever holds it, and waits until its threads have left.</summary>
    /// <exception cref="InvalidOperationException">
    /// The caller is on an event loop, which must not wait, and which the group may need in order to end: use <see cref="DisposeAsync"/>
    /// there. Or the group is <see cref="Shared"/>.
    /// </exception>
    [SuppressMessage("Usage", "VSTHRD002", Justification = "The task is completed by a thread that waits for nothing of the caller's.")]
    public void Dispose()
    {
        ThrowIfShared();
        EventLoop.Current?.ThrowIfOnLoop("dispose a group");
        BeginEnd();

        // The callback is the last thing before the end: if it waited for the end, there would be none.
        if (!ReferenceEquals(Volatile.Read(ref _callbackThread), Thread.CurrentThread))
        {
            _ended.Task.GetAwaiter().GetResult();
        }
    }

    /// <summary>Ends the group, whoever holds it, without blocking; may be called on one of its own loops.</summary>
    /// <returns>Completes when the group's threads have left.</returns>
    /// <exception cref="InvalidOperationException">The group is <see cref="Shared"/>.</exception>
    public ValueTask DisposeAsync()
    {
        ThrowIfShared();
        BeginEnd();
        return new ValueTask(_ended.Task);
    }

    /// <summary>Adds a holder, where there is still one and nobody has ended the group in spite of it.</summary>
    internal bool TryAddHolder()
    {
        int holders = Volatile.Read(ref _holders);
        while (holders != 0 && Volatile.Read(ref _endStarted) == 0)
        {
            int seen = Interlocked.CompareExchange(ref _holders, holders + 1, holders);
            if (seen == holders)
            {
                return true;
            }

            holders = seen;
        }

        return false;
    }

    internal void RemoveHolder()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            BeginEnd();
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

        // Somebody else waits for the loops, so that the last reference may be dropped on one of them.
        RunElsewhere(EndLoops);
    }

    /// <summary>Does what waits for loops to end on a thread of its own.</summary>
    private static void RunElsewhere(Action work)
    {
        Thread thread = new(work.Invoke) { IsBackground = true, Name = "awsio-end" };
        try
        {
            NativeThread.Start(thread);
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            // The system has no thread for it, but the pool may have.
            ThreadPool.UnsafeQueueUserWorkItem(static work => work(), work, preferLocal: false);
        }
    }

    private void EndLoops()
    {
        EndAll(_loops);
        _watch?.Dispose();
        LoopMetrics.Remove(this);
        Volatile.Write(ref _callbackThread, Thread.CurrentThread);
        try
        {
            _onShutdownComplete?.Invoke();
        }
        catch (Exception exception)
        {
            IoLog.ShutdownCallbackFailed(Loggers.EventLoop, exception);
        }

        Volatile.Write(ref _callbackThread, null);
        _ended.SetResult();
    }

    private void ThrowIfShared()
    {
        if (_isShared)
        {
            throw new InvalidOperationException(
                "EventLoopGroup.Shared belongs to the whole process and is never ended. Make a group of your own where you want to end one.");
        }
    }
}

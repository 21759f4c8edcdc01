using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using AwsIO.Native.Faults;
using Microsoft.Extensions.Logging;

namespace AwsIO;

/// <summary>
/// One thread that waits for events and runs what is scheduled on it (<c>aws_event_loop</c>). A connection lives on one loop for
/// its whole life, so that nothing which touches it needs a lock.
/// </summary>
/// <remarks>
/// In each tick a loop first reports I/O events, then takes over what other threads have scheduled, then runs what is due. What is
/// scheduled while tasks run waits for the next tick, so that tasks never starve I/O.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "The event has no handle: nobody waits for it with others.")]
public abstract partial class EventLoop
{
    [ThreadStatic]
    private static EventLoop? s_current;

    private static long s_lastId;

    private readonly long _id = Interlocked.Increment(ref s_lastId);
    private readonly CpuSet? _cpus;
    private readonly LoopClock? _clock;
    private readonly BlockingDetector? _blockingDetector;
    private readonly object?[] _locals = new object?[4];
    private readonly ManualResetEventSlim _stopped = new(initialState: true);
    private Thread? _thread;
    private volatile bool _stopAsked;
    private volatile bool _endAsked;
    private volatile bool _ended;

    private protected EventLoop(EventLoopSettings settings)
    {
        Group = settings.Group;
        Index = settings.Index;
        Loggers = Group?.Loggers ?? IoLoggers.Of(settings.Logger);
        Name = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"awsio-{Index + 1}");
        _cpus = settings.Cpus;
        _clock = LoopClock.Of(settings.Clock, this);
        _spin = new SpinBudget(settings.SpinMode, settings.SpinNanoseconds, settings.SpinShare);
        _watch = settings.Watch;
        _blockingDetector = settings.DetectBlockingCalls ? new BlockingDetector(this) : null;
    }

    /// <summary>The loop whose thread this is; null on any other thread.</summary>
    public static EventLoop? Current => s_current;

    /// <summary>The group that owns the loop; null for a loop that stands alone.</summary>
    public EventLoopGroup? Group { get; }

    /// <summary>The loop's place in its group, from 0.</summary>
    public int Index { get; }

    /// <summary>The loop's name, which its thread bears: <c>awsio-1</c> and so on.</summary>
    public string Name { get; }

    /// <summary>Whether the caller is on this loop's thread (<c>aws_event_loop_thread_is_callers_thread</c>).</summary>
    public bool IsOnLoop => ReferenceEquals(s_current, this);

    /// <summary>
    /// The loop's clock in nanoseconds: monotonic, from an arbitrary start. Deadlines count in it. Any thread
    /// (<c>aws_event_loop_current_clock_time</c>).
    /// </summary>
    public virtual long CurrentTime => _clock is null ? IoClock.Now : _clock.Now;

    /// <summary>Where the loop logs. Any thread.</summary>
    internal ILogger Logger => Loggers.EventLoop;

    /// <summary>Where what lives on the loop logs. Any thread.</summary>
    internal IoLoggers Loggers { get; }

    /// <summary>Refuses a call from another thread, in every build: it would break what the loop does without locks.</summary>
    /// <exception cref="InvalidOperationException">The caller is not on the loop's thread.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void AssertOnLoop()
    {
        if (!IsOnLoop && !IsCancellingLate)
        {
            ThrowNotOnLoop();
        }
    }

    /// <summary>
    /// Reports a descriptor's events to a handler from now on (<c>aws_event_loop_subscribe_to_io_events</c>). Events are edges.
    /// A state that holds already is reported too. Any thread.
    /// </summary>
    /// <param name="handle">The descriptor; it must be non-blocking, and stay open while it is subscribed.</param>
    /// <param name="events"><see cref="IoEvents.Readable"/>, <see cref="IoEvents.Writable"/> or both; the others always come.</param>
    /// <param name="handler">Told on the loop's thread.</param>
    /// <returns>
    /// <see cref="IoErrorCode.AlreadySubscribed"/> for a handle that is subscribed, on this loop or another,
    /// <see cref="IoErrorCode.EventLoopShutdown"/> once the loop is ending; where the kernel refuses, <see cref="IoErrorCode.OutOfMemory"/>, <see cref="IoErrorCode.NoPermission"/>, or
    /// <see cref="IoErrorCode.SystemCallFailure"/> for anything else, such as a descriptor that cannot be polled or that another handle
    /// has subscribed; or no error. After an error nothing is subscribed that was not before.
    /// </returns>
    /// <exception cref="ArgumentNullException">There is no handle or no handler.</exception>
    public abstract IoError Subscribe(IoHandle handle, IoEvents events, IIoEventHandler handler);

    /// <summary>
    /// Ends a subscription: from its return on the handler is told no more, not even of events that the loop has collected already
    /// (<c>aws_event_loop_unsubscribe_from_io_events</c>).
    /// </summary>
    /// <remarks>Loop thread only.</remarks>
    /// <param name="handle">A subscribed descriptor.</param>
    /// <returns>
    /// <see cref="IoErrorCode.EventLoopThreadOnly"/>, <see cref="IoErrorCode.NotSubscribed"/> on this loop, or no error. Where the kernel
    /// refuses, <see cref="IoErrorCode.OutOfMemory"/>, or <see cref="IoErrorCode.SystemCallFailure"/> for anything else, such as a
    /// descriptor that was closed too early: the subscription has ended all the same.
    /// </returns>
    /// <exception cref="ArgumentNullException">There is no handle.</exception>
    public abstract IoError Unsubscribe(IoHandle handle);

    /// <summary>
    /// Ends the subscription of a descriptor that the caller closes right afterwards, and that nobody has duplicated: the kernel may be left
    /// to notice by itself. Loop thread only.
    /// </summary>
    internal virtual void UnsubscribeClosing(IoHandle handle) => _ = Unsubscribe(handle);

    /// <summary>Waits for events and reports them; 0 does not wait, a negative timeout has no end.</summary>
    /// <returns>How many events there were, the wake-up's included.</returns>
    private protected abstract int Poll(long timeoutNanoseconds);

    /// <summary>Ends a wait from another thread.</summary>
    private protected abstract void WakeUp();

    /// <summary>Refuses every later subscription, as the loop ends, and gives those that stand.</summary>
    private protected abstract List<(IoHandle Handle, IIoEventHandler Handler)> CloseSubscriptions();

    /// <summary>Closes what the backend holds; nothing is called after it.</summary>
    private protected abstract void CloseBackend();

    /// <summary>
    /// Whether a connecting socket that is reported as writable, with no error pending, is connected. If not, who is told must ask
    /// the socket.
    /// </summary>
    internal virtual bool WritableMeansConnected => true;

    /// <summary>
    /// Whether <see cref="InternalEvents.Urgent"/> is reported. Where it is not, a short read may have stopped at urgent data, and does
    /// not tell that the socket is empty.
    /// </summary>
    internal virtual bool ReportsUrgentData => true;

    /// <summary>The error for a handle that the subscription table has refused.</summary>
    private protected IoError Refusal(IoErrorCode refused, IoHandle handle) => new(
        refused,
        refused == IoErrorCode.AlreadySubscribed
            ? $"Descriptor {handle.Descriptor} is subscribed already."
            : $"{Name} is ending: descriptor {handle.Descriptor} cannot be subscribed any more.");

    /// <summary>Gives an object that the loop keeps one of, such as its message pool. Loop thread only.</summary>
    internal T GetOrAddLocal<T>(int key, Func<EventLoop, T> create)
        where T : class
    {
        AssertOnLoop();
        return (T)(_locals[key] ??= create(this));
    }

    /// <summary>
    /// Starts the loop's thread (<c>aws_event_loop_run</c>). A loop that was stopped may be started again; one that has ended, or that runs,
    /// is refused.
    /// </summary>
    internal void Start()
    {
        if (!TryStart())
        {
            throw new InvalidOperationException(_ended ? $"{Name} has ended." : $"{Name} runs already.");
        }
    }

    /// <summary>Starts the loop's thread. Of several who try at once one does.</summary>
    private bool TryStart()
    {
        if (!TryTake())
        {
            return false;
        }

        try
        {
            StartThread();
            return true;
        }
        catch
        {
            _thread = null;
            _stopped.Set();
            throw;
        }
    }

    /// <summary>Whether the loop may be run from now on; false where somebody runs it, or it has ended.</summary>
    private bool TryTake()
    {
        lock (_stopped)
        {
            if (!_stopped.IsSet || _ended)
            {
                return false;
            }

            _stopAsked = false;
            _stopped.Reset();
            return true;
        }
    }

    /// <summary>Gets somebody to run the loop from now on.</summary>
    private protected virtual void StartThread() => StartOwnThread();

    private protected void StartOwnThread()
    {
        _thread = new Thread(RunThread) { IsBackground = true, Name = Name };
        NativeThread.Start(_thread);
    }

    /// <summary>Starts a loop that nobody knows yet. Where the system has no thread for it, it is closed.</summary>
    /// <returns><see cref="IoErrorCode.OutOfMemory"/>, or no error.</returns>
    internal IoError StartNew()
    {
        try
        {
            Start();
            return IoError.None;
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            CloseUnstarted();
            return new IoError(IoErrorCode.OutOfMemory, $"The system has no thread for {Name}: {exception.Message}");
        }
    }

    /// <summary>Closes a loop that never ran.</summary>
    internal void CloseUnstarted()
    {
        _ended = true;
        CloseBackend();
        _clock?.Dispose();
    }

    /// <summary>Waits for events and reports them, and does nothing else: for a loop that another one uses to wait.</summary>
    internal int PollOnce(long timeoutNanoseconds) => Poll(timeoutNanoseconds);

    /// <summary>Ends another thread's <see cref="PollOnce"/>.</summary>
    internal void WakePoll() => WakeUp();

    /// <summary>Asks the loop to stop after its present tick; any thread, any number of times (<c>aws_event_loop_stop</c>).</summary>
    internal void Stop()
    {
        _stopAsked = true;
        if (!IsOnLoop)
        {
            Wake();
        }
    }

    /// <summary>Waits until a stopped loop's thread has left (<c>aws_event_loop_wait_for_stop_completion</c>).</summary>
    internal void WaitForStop()
    {
        ThrowIfOnLoop("wait for its own stop");
        AwaitStop();
    }

    /// <summary>Blocks until the loop has stopped.</summary>
    private protected virtual void AwaitStop()
    {
        _stopped.Wait();
        _thread?.Join();
    }

    /// <summary>Refuses what would block this loop's own thread for good.</summary>
    internal void ThrowIfOnLoop(string action)
    {
        if (IsOnLoop || IsCancellingLate)
        {
            throw new InvalidOperationException(
                $"{Name} cannot {action}: the call blocks, and nothing could end the wait. Use the asynchronous form, or another thread.");
        }
    }

    [DoesNotReturn]
    private void ThrowNotOnLoop() => throw new InvalidOperationException(
        $"This must be called on the thread of {Name}, but was called on thread '{Thread.CurrentThread.Name ?? "without a name"}': "
        + "schedule a task on the loop that calls it.");

    private void RunThread()
    {
        s_current = this;
        IoLog.LoopStarted(Logger, Name);
        IoEventSource.Log.LoopStarted(Name, _id);
        PinThread();
        SynchronizationContext.SetSynchronizationContext(_blockingDetector);
        try
        {
            // A loop that is ended runs nothing any more, not even where it had stopped before and is started for its end.
            while (!_stopAsked && !_endAsked)
            {
                RunTick();
            }

            StopNow();
        }
        catch (Exception exception)
        {
            FailFast(exception);
        }
    }

    // Nobody could tell which connections are whole after this.
    [DoesNotReturn]
    private void FailFast(Exception exception) => Environment.FailFast($"The AwsIO event loop {Name} failed.", exception);

    /// <summary>Whether nobody runs the loop: it was stopped, or has ended.</summary>
    private protected bool IsStopped => _stopped.IsSet;

    /// <summary>Whether the loop is to stop, and has not yet.</summary>
    private protected bool IsStopPending => _stopAsked && !_stopped.IsSet;

    /// <summary>The last that a loop's thread does.</summary>
    private protected void StopNow()
    {
        if (_endAsked)
        {
            End();
        }

        s_current = null;
        IoLog.LoopStopped(Logger, Name);
        IoEventSource.Log.LoopStopped(Name, _id);
        _stopped.Set();
    }

    /// <summary>Makes this thread the loop's until the scope is disposed: for a loop that has none of its own.</summary>
    internal ThreadScope EnterThread()
    {
        ThreadScope scope = new(s_current, SynchronizationContext.Current);
        s_current = this;

        // As on a thread of a loop's own: what a callback awaits does not resume wherever the caller's would.
        SynchronizationContext.SetSynchronizationContext(_blockingDetector);
        return scope;
    }

    internal readonly ref struct ThreadScope(EventLoop? loop, SynchronizationContext? context)
    {
        public void Dispose()
        {
            s_current = loop;
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    private void PinThread()
    {
        if (_cpus?.PinThisThread() is { IsError: true } error)
        {
            IoLog.PinningFailed(Logger, Name, _cpus, error);
        }
    }
}

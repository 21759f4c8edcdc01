namespace AwsIO.Tests.ModelChecking;

/// <summary>
/// A loop's ways across threads, step by step as the code has them: the stack of tasks, the flag that the loop sleeps and the wake-up,
/// the cancel queue and what a task says of itself, stopping and ending.
/// </summary>
/// <remarks>
/// Each step bears the name of the line that it stands for: who changes <c>EventLoop.Run.cs</c>, <c>EventLoop.Ended.cs</c>,
/// <c>TaskStack.cs</c> or <c>IoTask.cs</c> changes the model with it. Of a second loop there is as much as
/// a task needs that moves on to it. Not in it: timers that become due, and chains of tasks that the end cuts off.
/// </remarks>
internal sealed partial class LoopModel : Model
{
    // The bottom of a stack that is closed; tasks count from 1, and 0 is null.
    private const int Closed = 99;

    private const int Ready = 1;
    private const int Heap = 2;
    private const int Elsewhere = 3;

    private const int ThisLoop = 0;
    private const int OtherLoop = 1;

    private readonly LoopModelOptions _options;
    private readonly LoopMutation _mutation;
    private readonly int _tasks;

    // What threads share.
    private readonly int _head;
    private readonly int _cancelQueue;
    private readonly int _sleeping;
    private readonly int _stopAsked;
    private readonly int _endAsked;
    private readonly int _ended;
    private readonly int _stopped;
    private readonly int _hasThread;
    private readonly int _lateCount;
    private readonly int _late;
    private readonly int _poolWork;
    private readonly int _isScheduled;
    private readonly int _use;
    private readonly int _cancelOf;
    private readonly int _next;
    private readonly int _nextCancel;
    private readonly int _owner;
    private readonly int _otherHead;

    // The kernel's.
    private readonly int _edge;
    private readonly int _event;
    private readonly int _backendClosed;
    private readonly int _closingBackend;
    private readonly int _wakers;

    // The loop's own.
    private readonly int _ready;
    private readonly int _readyCount;
    private readonly int _place;

    // What only the checks know.
    private readonly int _running;
    private readonly int _mayWake;
    private readonly int _scheduled;
    private readonly int _called;
    private readonly int _asked;
    private readonly int _reuses;

    internal LoopModel(LoopModelOptions options, LoopMutation mutation = LoopMutation.None)
    {
        _options = options;
        _mutation = mutation;
        _tasks = options.Threads.SelectMany(static thread => thread).Max(static act => act.Task);
        _head = Variable("head");
        _cancelQueue = Array("CancelQueue", 2);
        _sleeping = Variable("Sleeping");
        _stopAsked = Variable("_stopAsked");
        _endAsked = Variable("_endAsked");
        _ended = Variable("_ended");
        _stopped = Variable("_stopped");
        _hasThread = Variable("_thread", 1);
        _lateCount = Variable("_lateCount", mutation == LoopMutation.LateBeforeEnd ? 0 : 1);
        _late = Array("_late", _tasks);
        _poolWork = Variable("work of the pool");
        _isScheduled = Array("_isScheduled", _tasks + 1);
        _use = Array("_use", _tasks + 1);
        _cancelOf = Array("_cancelOf", _tasks + 1);
        _next = Array("Next", _tasks + 1);
        _nextCancel = Array("NextCancel", _tasks + 1);
        _owner = Array("Loop", _tasks + 1);
        _otherHead = Variable("head of the other loop");
        _edge = Variable("edge of the eventfd");
        _event = Variable("event of another descriptor");
        _backendClosed = Variable("descriptors are closed");
        _closingBackend = Variable("_wakers is negative");
        _wakers = Variable("_wakers");
        _ready = Array("ready", _tasks);
        _readyCount = Variable("_readyCount");
        _place = Array("Place", _tasks + 1);
        _running = Array("callbacks that run", 2);
        _mayWake = Variable("sleep without a wake-up");
        _scheduled = Array("times scheduled", _tasks + 1);
        _called = Array("times called", _tasks + 1);
        _asked = Array("use whose cancellation was asked for", _tasks + 1);
        _reuses = Array("reuses", _tasks + 1);
        AddLoop();
        if (options.Ends)
        {
            AddPool();
        }

        if (options.Moved.Count > 0)
        {
            AddOtherLoop();
        }

        for (int i = 0; i < options.Threads.Count; i++)
        {
            AddClient($"thread {i + 1}", options.Threads[i]);
        }
    }

    /// <summary>
    /// Nothing goes on: the loop sleeps without end or has ended, and every other thread has done all it was to do. Then nothing may be
    /// left in a queue, and every task that was scheduled and is not a timer has been called.
    /// </summary>
    protected override string? JudgeRest(byte[] state)
    {
        if (_clients.Any(client => client.StepIn(state) is not null))
        {
            return "a thread waits for ever";
        }

        if (_options.Ends && state[_ended] == 0)
        {
            return "the loop has not ended";
        }

        if (state[_head] is not (0 or Closed) || state[_otherHead] != 0)
        {
            return "a task is left in the queue";
        }

        if (state[_cancelQueue] != 0 || state[_cancelQueue + OtherLoop] != 0)
        {
            return "a task is left in the cancel queue";
        }

        for (int task = 1; task <= _tasks; task++)
        {
            bool isTimer = _options.Timers.Contains(task) && !_options.Ends && state[_isScheduled + task] != 0;
            if (state[_called + task] != state[_scheduled + task] - (isTimer ? 1 : 0))
            {
                return "a task was not called";
            }

            if (state[_isScheduled + task] != (isTimer ? 1 : 0) || state[_cancelOf + task] != 0)
            {
                return "a task stays marked";
            }

            if (state[_asked + task] != 0)
            {
                return "a cancellation was lost";
            }
        }

        return null;
    }
}

/// <summary>What a thread of the model does.</summary>
internal enum LoopAct
{
    Schedule,
    Cancel,
    Stop,
    WaitForStop,
    Start,
    BeginEnd,
    WaitForEnd,

    /// <summary>The kernel has an event for the loop.</summary>
    Event,
}

/// <summary>The threads of a model beside the loop's own.</summary>
internal sealed class LoopModelOptions
{
    /// <summary>What each thread does, in order, and with which task.</summary>
    internal required IReadOnlyList<(LoopAct Act, int Task)[]> Threads { get; init; }

    /// <summary>Whether the loop may look for events a while before it sleeps.</summary>
    internal bool Spins { get; init; }

    /// <summary>Tasks whose time does not come while the model lasts.</summary>
    internal IReadOnlySet<int> Timers { get; init; } = new HashSet<int>();

    /// <summary>Tasks that schedule themselves once more from their first call.</summary>
    internal IReadOnlySet<int> Reused { get; init; } = new HashSet<int>();

    /// <summary>Whether those go through the queue that other threads use, as <c>ScheduleSerialized</c> has it.</summary>
    internal bool IsPushedAgain { get; init; }

    /// <summary>Tasks that schedule themselves on another loop from their first call, and there once more.</summary>
    internal IReadOnlySet<int> Moved { get; init; } = new HashSet<int>();

    /// <summary>Tasks of the loop's own thread: used again, they are marked by plain stores, and their loop is never forgotten.</summary>
    internal bool AreOwn { get; init; }

    /// <summary>Whether each task may run only after those with lower numbers of its thread.</summary>
    internal bool IsOrdered { get; init; }

    internal bool Ends => Threads.Any(static thread => thread.Any(static act => act.Act == LoopAct.BeginEnd));

    internal int ThreadOf(int task) => Threads.TakeWhile(thread => !thread.Contains((LoopAct.Schedule, task))).Count();
}

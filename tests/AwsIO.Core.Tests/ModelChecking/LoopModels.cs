using static AwsIO.Tests.ModelChecking.LoopAct;

namespace AwsIO.Tests.ModelChecking;

/// <summary>What is explored: small enough to be gone through, large enough that each mutation shows.</summary>
internal static class LoopModels
{
    internal const string Queue = "two threads push";
    internal const string ThreePushers = "three threads push";
    internal const string PushedAgain = "two threads push beside a task that pushes itself again";
    internal const string Events = "events come between pushes";
    internal const string Cancels = "two threads cancel a timer";
    internal const string TwoTimers = "two threads cancel two timers";
    internal const string CancelOfReused = "two threads cancel a task that is used again";
    internal const string CancelOfReusedTimer = "two threads cancel a timer that is used again";
    internal const string CancelOfMoved = "a thread cancels a task that moves to another loop";
    internal const string TwoCancelsOfMoved = "two threads cancel a task that moves to another loop";
    internal const string CancelOfMovedTimer = "two threads cancel a timer that moves to another loop";
    internal const string EndOfMoved = "an end of a loop that a task moves away from";
    internal const string Restart = "a stop and a start between pushes";
    internal const string End = "an end under a pusher";
    internal const string EndUnderTwo = "an end under two pushers";
    internal const string EndAndCancel = "an end under a cancellation";
    internal const string EndOfTwoCancels = "an end under two cancellations";
    internal const string EndAndStop = "an end that races with a stop";
    internal const string CancelOfOwn = "two threads cancel a loop's own task that is used again";
    internal const string CancelOfOwnTimer = "two threads cancel a loop's own timer that is used again";
    internal const string EndOfOwn = "an end of a loop's own task that is used again";
    internal const string EndOfReused = "an end of a task that is used again";

    internal static IReadOnlyDictionary<string, LoopModelOptions> All { get; } = new Dictionary<string, LoopModelOptions>
    {
        [Queue] = New([[(Schedule, 1), (Schedule, 2)], [(Schedule, 3)]], isOrdered: true),
        [ThreePushers] = New([[(Schedule, 1)], [(Schedule, 2)], [(Schedule, 3)]]),
        [PushedAgain] = New([[(Schedule, 1), (Schedule, 3)], [(Schedule, 2)]], reused: [1], isPushedAgain: true),
        [Events] = New([[(Schedule, 1), (Schedule, 2)], [(Event, 0), (Event, 0)]], isOrdered: true),
        [Cancels] = New([[(Schedule, 1), (Cancel, 1)], [(Cancel, 1), (Schedule, 2)]], timers: [1]),
        [TwoTimers] = New([[(Schedule, 1), (Schedule, 2), (Cancel, 1)], [(Cancel, 2), (Cancel, 1)]], timers: [1, 2]),
        [CancelOfReused] = New([[(Schedule, 1), (Cancel, 1)], [(Cancel, 1)]], reused: [1]),
        [CancelOfReusedTimer] = New([[(Schedule, 1), (Cancel, 1), (Cancel, 1)], [(Cancel, 1)]], timers: [1], reused: [1]),
        [CancelOfMoved] = New([[(Schedule, 1), (Cancel, 1)]], moved: [1]),
        [TwoCancelsOfMoved] = New([[(Schedule, 1), (Cancel, 1)], [(Cancel, 1)]], moved: [1]),
        [CancelOfMovedTimer] = New([[(Schedule, 1), (Cancel, 1), (Cancel, 1)], [(Cancel, 1)]], timers: [1], moved: [1]),
        [EndOfMoved] = New([[(Schedule, 1), (Cancel, 1)], [(BeginEnd, 0), (WaitForEnd, 0)]], moved: [1]),
        [Restart] = New([[(Stop, 0), (WaitForStop, 0), (Start, 0), (Schedule, 1)], [(Schedule, 2), (Cancel, 2)]]),
        [End] = New([[(Schedule, 1), (Schedule, 2)], [(BeginEnd, 0), (WaitForEnd, 0)]], isOrdered: true),
        [EndUnderTwo] = New([[(Schedule, 1)], [(Schedule, 2)], [(BeginEnd, 0), (WaitForEnd, 0)]]),
        [EndAndCancel] = New([[(Schedule, 1), (Cancel, 1)], [(BeginEnd, 0), (WaitForEnd, 0), (Schedule, 2)]], timers: [1]),
        [EndOfTwoCancels] = New([[(Schedule, 1), (Cancel, 1)], [(Cancel, 1)], [(BeginEnd, 0), (WaitForEnd, 0)]]),
        [EndAndStop] = New([[(Stop, 0)], [(BeginEnd, 0), (WaitForEnd, 0)], [(Schedule, 1)]]),
        [CancelOfOwn] = New([[(Schedule, 1), (Cancel, 1)], [(Cancel, 1)]], reused: [1], areOwn: true),
        [CancelOfOwnTimer] = New([[(Schedule, 1), (Cancel, 1), (Cancel, 1)], [(Cancel, 1)]], timers: [1], reused: [1], areOwn: true),
        [EndOfOwn] = New([[(Schedule, 1), (Cancel, 1)], [(BeginEnd, 0), (WaitForEnd, 0)]], reused: [1], areOwn: true),
        [EndOfReused] = New([[(Schedule, 1), (Cancel, 1)], [(BeginEnd, 0), (WaitForEnd, 0)]], reused: [1]),
    };

    internal static LoopModelOptions Get(string name, bool spins)
    {
        LoopModelOptions options = All[name];
        return new LoopModelOptions
        {
            Threads = options.Threads,
            Timers = options.Timers,
            Reused = options.Reused,
            AreOwn = options.AreOwn,
            IsPushedAgain = options.IsPushedAgain,
            Moved = options.Moved,
            IsOrdered = options.IsOrdered,
            Spins = spins,
        };
    }

    private static LoopModelOptions New(
        (LoopAct Act, int Task)[][] threads,
        int[]? timers = null,
        int[]? reused = null,
        int[]? moved = null,
        bool isOrdered = false,
        bool isPushedAgain = false,
        bool areOwn = false) =>
        new()
        {
            Threads = threads,
            Timers = new HashSet<int>(timers ?? []),
            Reused = new HashSet<int>(reused ?? []),
            Moved = new HashSet<int>(moved ?? []),
            IsOrdered = isOrdered,
            IsPushedAgain = isPushedAgain,
            AreOwn = areOwn,
        };
}

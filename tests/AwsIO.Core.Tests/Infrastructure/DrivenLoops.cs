using AwsIO.Testing;
using AwsIO.Tests.Shared.Refusals;

namespace AwsIO.Tests.Infrastructure;

/// <summary>
/// Loops of the testing library without threads: whenever a test waits for something, it drives them on its own thread, by a virtual
/// clock and in the order of a seed.
/// </summary>
internal sealed class DrivenLoops(int seed) : LoopBackend
{
    /// <summary>A timer that is further away is one that a test waits for in vain.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(30);

    private readonly List<ManualLoopGroup> _groups = [];
    private int _held;

    internal override bool HasThreads => false;

    internal override EventLoopType Type => EventLoopType.PlatformDefault;

    /// <summary>
    /// Runs something for which such loops are the platform's, to its end: whatever waits has driven the loops until it needed to wait no
    /// more, and nothing goes on elsewhere.
    /// </summary>
    internal static void Complete(int seed, Func<DrivenLoops, Task> test)
    {
        DrivenLoops loops = new(seed);
        loops.RunOn(() => Complete(test(loops), "The test"));
    }

    internal static void Complete(Task task, string what)
    {
        // Only a group's end, which a thread of its own brings about, may be awaited by the language itself: "await using".
        if (!SpinWait.SpinUntil(() => task.IsCompleted, TimeSpan.FromSeconds(5)))
        {
            throw new InvalidOperationException($"{what} waits for something that the driven loops do not do.");
        }

        task.GetAwaiter().GetResult();
    }

    /// <summary>Lets time go by.</summary>
    internal void Advance(TimeSpan span) => _groups.ForEach(group => group.Advance(span));

    internal override EventLoopGroup NewGroup(EventLoopGroupOptions options)
    {
        ManualLoopGroup group = new(options, seed, hasThreads: false);
        _groups.Add(group);
        return group.Group;
    }

    internal override Task Beside(Func<bool> step)
    {
        Random random = new(seed);
        while (step())
        {
            for (int turns = random.Next(3); turns > 0; turns--)
            {
                _groups.ForEach(static group => group.Step());
            }
        }

        return Task.CompletedTask;
    }

    internal override void DriveUntil(Func<bool> condition, string what)
    {
        Patience patience = new(Waiting.Limit);
        while (true)
        {
            RunUntilIdle();
            if (condition())
            {
                return;
            }

            // Only what a group's end, or a thread of the test's own, brings about takes real time. The clock stands still meanwhile.
            if (_groups.Exists(static group => IsEnding(group.Group)) || !_groups.Exists(AdvanceToNextTimer))
            {
                Assert.True(_held == 0, $"'{what}' is waited for while the loops are held.");
                if (patience.IsOver)
                {
                    throw new TimeoutException($"'{what}' did not come within {Waiting.Limit}.");
                }

                Thread.Yield();
            }
        }
    }

    internal override HeldLoop Hold()
    {
        // Nobody drives them meanwhile.
        _held++;
        return new HeldLoop(() => _held--);
    }

    private void RunUntilIdle()
    {
        if (_held > 0)
        {
            return;
        }

        bool any = true;
        while (any)
        {
            // A thread of its own drives a group to its end.
            any = false;
            _ = _groups.RemoveAll(static group => group.Group.Completion.IsCompleted);
            foreach (ManualLoopGroup group in _groups)
            {
                any |= !IsEnding(group.Group) && group.RunUntilIdle() > 0;
            }
        }
    }

    private bool AdvanceToNextTimer(ManualLoopGroup group)
    {
        int asked = 0;
        return _held == 0 && group.RunUntil(() => asked++ > 0, s_longest);
    }

    /// <summary>Whether the group ends, or has ended.</summary>
    private static bool IsEnding(EventLoopGroup group)
    {
        if (!group.TryAddHolder())
        {
            return true;
        }

        group.RemoveHolder();
        return false;
    }
}

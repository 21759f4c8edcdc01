namespace AwsIO.Tests.Shared.Counting;

/// <summary>What the process holds at a moment, to be compared with what it holds later: descriptors, threads and messages.</summary>
internal sealed class Holdings
{
    private readonly HashSet<string> _descriptors = HeldDescriptors.Now();
    private readonly HeldThreads _threads = HeldThreads.Now();
    private HeldMessages? _messages;

    /// <summary>Has messages counted from now on, too.</summary>
    internal void NoteMessages() => _messages = new HeldMessages();

    /// <summary>Descriptors and threads that there are now, and were not before.</summary>
    internal List<string> Left() => [.. LeftThreads(), .. LeftDescriptors()];

    /// <summary>What there is now, and was not before, and does not go within a time. Nothing is running that may use it.</summary>
    internal List<string> LeftWithin(TimeSpan limit)
    {
        _messages?.StopNoting();
        long end = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        while (true)
        {
            List<string> left = LeftForGood();
            if (left.Count == 0 || Environment.TickCount64 >= end)
            {
                return left;
            }

            Thread.Yield();
        }
    }

    private List<string> LeftForGood()
    {
        // Threads leave in their own time, and a thread that has left is known to the kernel a moment longer. They take the rest with them.
        List<string> left = Left();
        if (left.Count > 0 && LeftThreads().Count == 0)
        {
            // The pipes of a child process are the runtime's, and go when the collector finds them. What the library forgets stays.
            GC.Collect();
            GC.WaitForPendingFinalizers();
            left = Left();
        }

        // A loop's messages are asked for by who stands in for its thread.
        return LeftThreads().Count > 0 || _messages is null ? left : [.. left, .. _messages.Left()];
    }

    private List<string> LeftThreads() => [.. _threads.Left().Select(static thread => $"thread {thread}")];

    private List<string> LeftDescriptors() =>
        [.. HeldDescriptors.Now().Except(_descriptors).Select(static descriptor => $"descriptor {descriptor}")];
}

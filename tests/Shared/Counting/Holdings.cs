using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Shared.Counting;

/// <summary>What the process holds at a moment, to be compared with what it holds later: descriptors, threads and messages.</summary>
internal sealed class Holdings
{
    private readonly HashSet<string> _descriptors = HeldDescriptors.Now();
    private readonly HeldThreads _threads = HeldThreads.Now();
    private readonly HeldMessages _messages = new();

    /// <summary>How long what goes by itself may take. A test that waits for this process is to hear what is left before it gives up.</summary>
    internal static TimeSpan Limit { get; set; } = Waiting.Limit / 2;

    /// <summary>Fails when there is more now than there was, and stays, and says what.</summary>
    /// <param name="testClass">Who is to blame.</param>
    internal void AssertNothingIsLeft(string testClass)
    {
        _messages.StopNoting();
        long end = Environment.TickCount64 + (long)Limit.TotalMilliseconds;
        while (Left() is { Count: > 0 } left)
        {
            if (Environment.TickCount64 >= end)
            {
                Assert.Fail($"{testClass} left behind: {string.Join("; ", left)}");
            }

            Thread.Yield();
        }
    }

    private List<string> Left()
    {
        // Threads leave in their own time, and a thread that has left is known to the kernel a moment longer. They take the rest with them.
        List<string> threads = _threads.Left();
        List<string> descriptors = [.. HeldDescriptors.Now().Except(_descriptors)];
        if (threads.Count == 0 && descriptors.Count > 0)
        {
            // The pipes of a child process are the runtime's, and go when the collector finds them. What the library forgets stays.
            GC.Collect();
            GC.WaitForPendingFinalizers();
            descriptors = [.. HeldDescriptors.Now().Except(_descriptors)];
        }

        // A loop's messages are asked for by who stands in for its thread.
        List<string> messages = threads.Count == 0 ? _messages.Left() : [];
        return [.. threads.Select(static thread => $"thread {thread}"), .. descriptors.Select(static open => $"descriptor {open}"), .. messages];
    }
}

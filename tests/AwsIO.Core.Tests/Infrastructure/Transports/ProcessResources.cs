using AwsIO.Tests.Shared.Counting;
using AwsIO.Tests.Shared.Refusals;

namespace AwsIO.Tests.Infrastructure.Transports;

/// <summary>The descriptors and the library's threads that the process has at a moment, and the shared messages that are out.</summary>
internal sealed class ProcessResources
{
    private readonly Dictionary<string, int> _descriptors;
    private readonly HashSet<string> _threads;
    private readonly int _sharedMessages;

    private ProcessResources(Dictionary<string, int> descriptors, HashSet<string> threads, int sharedMessages)
    {
        _descriptors = descriptors;
        _threads = threads;
        _sharedMessages = sharedMessages;
    }

    internal static ProcessResources Now() =>
        new(Open(), Infrastructure.Descriptors.Threads(), SharedMessagePool.Instance.Outstanding);

    /// <summary>Fails when there are more now, and says which.</summary>
    internal void AssertNothingIsLeft()
    {
        // Joining a thread returns a moment before the kernel has forgotten it, and nothing tells of that moment.
        Patience patience = new(Waiting.Limit);
        while (Infrastructure.Descriptors.Threads().Except(_threads).Any() && !patience.IsOver)
        {
            Thread.Yield();
        }

        Assert.Empty(Infrastructure.Descriptors.Threads().Except(_threads));
        if (Left().Any())
        {
            // The pipes of a child process are the runtime's, and go when the collector finds them.
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Empty(Left());
        Assert.Equal(_sharedMessages, SharedMessagePool.Instance.Outstanding);
    }

    private IEnumerable<string> Left() =>
        from now in Open()
        let more = now.Value - _descriptors.GetValueOrDefault(now.Key)
        where more > 0
        select $"{now.Key} x {more}";

    /// <summary>What a descriptor stands for, as <c>socket:[123]</c>; null when it is not open.</summary>
    internal static string? TargetOf(int descriptor) => new FileInfo($"/proc/self/fd/{descriptor}").LinkTarget;

    private static Dictionary<string, int> Open() =>
        HeldDescriptors.All().Where(static held => Infrastructure.Descriptors.IsOfLoops(held.Target))
            .GroupBy(static held => held.Target).ToDictionary(static same => same.Key, static same => same.Count());
}

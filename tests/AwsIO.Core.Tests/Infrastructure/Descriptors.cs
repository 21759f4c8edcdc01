using System.Globalization;
using AwsIO.Tests.Shared.Counting;
using AwsIO.Tests.Shared.Refusals;

namespace AwsIO.Tests.Infrastructure;

/// <summary>What this process holds of the kinds that event loops and connections are made of.</summary>
internal static class Descriptors
{
    /// <summary>Sockets, pipes and what loops hold (epoll, event and timer descriptors, and whatever else has no name), with their numbers.</summary>
    internal static HashSet<string> Open() =>
        [.. from held in HeldDescriptors.All() where IsOfLoops(held.Target) select $"{held.Number} -> {held.Target}"];

    /// <summary>Whether it is a socket, a pipe, or what has no name. Files come and go with the runtime.</summary>
    internal static bool IsOfLoops(string target) =>
        target.StartsWith("socket:", StringComparison.Ordinal) || target.StartsWith("pipe:", StringComparison.Ordinal)
        || target.StartsWith("anon_inode:", StringComparison.Ordinal);

    /// <summary>
    /// What is open and was not before. A pipe counts only if it stays: each thread that the runtime begins, such as one of its pool, waits
    /// on a pipe of its own until it may run, and closes both ends then.
    /// </summary>
    internal static List<string> Left(IReadOnlySet<string> before)
    {
        Patience patience = new(Waiting.Limit);
        while (true)
        {
            List<string> left = [.. Open().Except(before)];
            if (left.Count == 0 || !left.TrueForAll(IsPipe) || patience.IsOver)
            {
                return left;
            }

            Thread.Yield();
        }

        static bool IsPipe(string descriptor) => descriptor.Contains("-> pipe:", StringComparison.Ordinal);
    }

    /// <summary>Threads that bear one of the library's names.</summary>
    internal static HashSet<string> Threads()
    {
        HashSet<string> threads = [];
        foreach (string path in Directory.EnumerateDirectories("/proc/self/task"))
        {
            try
            {
                string name = File.ReadAllText(Path.Combine(path, "comm")).Trim();
                if (name.StartsWith("awsio-", StringComparison.Ordinal))
                {
                    threads.Add(string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(path)} {name}"));
                }
            }
            catch (IOException)
            {
                // The thread has left meanwhile.
            }
        }

        return threads;
    }
}

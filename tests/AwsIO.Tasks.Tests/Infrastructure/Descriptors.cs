using System.Globalization;

namespace AwsIO.Tasks.Tests.Infrastructure;

/// <summary>What this process holds of the kinds that event loops and connections are made of.</summary>
internal static class Descriptors
{
    /// <summary>
    /// Sockets and what loops hold, each with its number. No pipes: .NET makes some when it likes, and connections have none.
    /// </summary>
    internal static HashSet<string> Open()
    {
        HashSet<string> open = [];
        foreach (string path in Directory.EnumerateFileSystemEntries("/proc/self/fd"))
        {
            string target = new FileInfo(path).LinkTarget ?? "";
            if (target.StartsWith("socket:", StringComparison.Ordinal) || target.StartsWith("anon_inode:", StringComparison.Ordinal))
            {
                open.Add($"{Path.GetFileName(path)} -> {target}");
            }
        }

        return open;
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

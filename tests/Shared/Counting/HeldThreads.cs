using System.Globalization;

namespace AwsIO.Tests.Shared.Counting;

/// <summary>
/// The threads of this process but the runtime's own, which it begins and ends when it likes: those of which it says so by a name that
/// begins with <c>.NET</c>.
/// </summary>
/// <remarks>
/// The kernel gives a new thread the name of the one that began it, and in a test that is mostly one of the pool. So one without a name of
/// its own shows as a thread of the pool that the pool does not know of.
/// </remarks>
internal sealed class HeldThreads
{
    private const string PoolThread = ".NET TP Worker";

    // The runtime names these too, but somebody asked for them: a task that runs long, and who watches files.
    private static readonly string[] s_askedFor = [".NET Long Runni", ".NET File Watch"];

    private readonly HashSet<string> _named = [];
    private readonly int _unnamed;

    private HeldThreads()
    {
        if (!Directory.Exists("/proc/self/task"))
        {
            return;
        }

        int poolThreads = 0;
        foreach (string path in Directory.EnumerateDirectories("/proc/self/task"))
        {
            string? name = NameOf(path);
            if (name == PoolThread)
            {
                poolThreads++;
            }
            else if (name is not null && (!name.StartsWith(".NET ", StringComparison.Ordinal) || s_askedFor.Contains(name)))
            {
                _named.Add($"{Path.GetFileName(path)} {name}");
            }
        }

        // While the pool begins one it knows of more than there are.
        _unnamed = Math.Max(0, poolThreads - ThreadPool.ThreadCount);
    }

    internal static HeldThreads Now() => new();

    /// <summary>What runs now and did not before.</summary>
    internal List<string> Left()
    {
        HeldThreads now = Now();
        List<string> left = [.. now._named.Except(_named)];
        if (now._unnamed > _unnamed)
        {
            left.Add(string.Create(CultureInfo.InvariantCulture, $"without a name ({now._unnamed - _unnamed})"));
        }

        return left;
    }

    private static string? NameOf(string path)
    {
        try
        {
            return File.ReadAllText(Path.Combine(path, "comm")).TrimEnd('\n');
        }
        catch (IOException)
        {
            // The thread has left meanwhile.
            return null;
        }
    }
}

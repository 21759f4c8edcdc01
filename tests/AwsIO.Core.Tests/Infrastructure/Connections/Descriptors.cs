namespace AwsIO.Tests.Infrastructure.Connections;

/// <summary>The process's open descriptors, with what each stands for.</summary>
internal static class Descriptors
{
    internal static Dictionary<string, string> List()
    {
        Dictionary<string, string> found = [];
        foreach (string path in Directory.EnumerateFileSystemEntries("/proc/self/fd"))
        {
            // The listing's own descriptor is gone by the time that its link is read.
            string? target = Read(path);
            if (target is not null && !target.StartsWith("/proc/", StringComparison.Ordinal))
            {
                found[path] = target;
            }
        }

        return found;
    }

    /// <summary>Sockets and what event loops hold: the kinds that AwsIO opens.</summary>
    internal static List<string> NewSince(Dictionary<string, string> before) =>
        [.. List().Where(now => IsOurKind(now.Value) && (!before.TryGetValue(now.Key, out string? old) || old != now.Value))
            .Select(static now => $"{now.Key} -> {now.Value}")];

    internal static List<string> NewSocketsSince(Dictionary<string, string> before) =>
        [.. NewSince(before).Where(static line => line.Contains("socket:", StringComparison.Ordinal))];

    private static bool IsOurKind(string target) =>
        target.StartsWith("socket:", StringComparison.Ordinal) || target.StartsWith("anon_inode:", StringComparison.Ordinal);

    private static string? Read(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (IOException)
        {
            return null;
        }
    }
}

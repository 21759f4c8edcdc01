namespace AwsIO.Tool.Demo;

/// <summary>Counts the process's descriptors of the kinds that AwsIO opens.</summary>
internal static class Descriptors
{
    private const string Directory = "/proc/self/fd";

    /// <summary>Gives the number of sockets, epoll and event descriptors; null where the system does not tell.</summary>
    internal static int? CountOurs()
    {
        if (!System.IO.Directory.Exists(Directory))
        {
            return null;
        }

        int count = 0;
        foreach (string entry in System.IO.Directory.EnumerateFileSystemEntries(Directory))
        {
            string? target = TryReadLink(entry);
            if (target is not null
                && (target.StartsWith("socket:", StringComparison.Ordinal) || target.StartsWith("anon_inode:", StringComparison.Ordinal)))
            {
                count++;
            }
        }

        return count;
    }

    // The descriptor of the directory itself is gone by the time that it is looked at.
    private static string? TryReadLink(string entry)
    {
        try
        {
            return new FileInfo(entry).LinkTarget;
        }
        catch (IOException)
        {
            return null;
        }
    }
}

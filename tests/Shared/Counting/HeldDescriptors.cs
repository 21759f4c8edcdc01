namespace AwsIO.Tests.Shared.Counting;

/// <summary>Every descriptor of this process but those that the runtime opens when it likes and keeps.</summary>
internal static class HeldDescriptors
{
    private static readonly string? s_compilerOutput = Environment.GetEnvironmentVariable("DOTNET_JitStdOutFile");

    /// <summary>Each with its number and what it stands for: <c>57 -> socket:[123]</c>.</summary>
    internal static HashSet<string> Now() =>
        [.. from held in All() where !IsOfRuntime(held.Target) select $"{held.Number} -> {held.Target}"];

    /// <summary>Every descriptor, with its number and what it stands for; none where the system does not tell.</summary>
    internal static IEnumerable<(string Number, string Target)> All()
    {
        if (!Directory.Exists("/proc/self/fd"))
        {
            yield break;
        }

        foreach (string path in Directory.EnumerateFileSystemEntries("/proc/self/fd"))
        {
            if (TargetOf(path) is { } target)
            {
                yield return (Path.GetFileName(path), target);
            }
        }
    }

    private static string? TargetOf(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (IOException)
        {
            // It has been closed meanwhile.
            return null;
        }
    }

    private static bool IsOfRuntime(string target) =>

        // An assembly, opened when it is first used, and its symbols, when a stack trace first wants them.
        target.EndsWith(".dll", StringComparison.Ordinal) || target.EndsWith(".pdb", StringComparison.Ordinal)

        // What the compiler was told to print to, from its first word on.
        || target == s_compilerOutput

        // The list itself, and the list of threads.
        || target.StartsWith("/proc/", StringComparison.Ordinal);
}

namespace AwsIO.Tasks.Tests.Infrastructure;

/// <summary>What this process holds of the kinds that event loops and connections are made of.</summary>
internal static class Descriptors
{
    /// <summary>
    /// Sockets and what loops hold, each with its number. No pipes: .NET makes some when it likes, and connections have none.
    /// </summary>
    internal static HashSet<string> Open() =>
        [.. AwsIO.Tests.Infrastructure.Descriptors.Open().Where(static open => !open.Contains("-> pipe:", StringComparison.Ordinal))];

    /// <summary>Threads that bear one of the library's names.</summary>
    internal static HashSet<string> Threads() => AwsIO.Tests.Infrastructure.Descriptors.Threads();
}

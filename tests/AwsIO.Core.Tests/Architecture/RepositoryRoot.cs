using System.Reflection;

namespace AwsIO.Tests.Architecture;

/// <summary>Finds the folder of AwsIO.sln, also for a published test program that lies elsewhere.</summary>
internal static class RepositoryRoot
{
    public static string Path { get; } = Find();

    private static string Find()
    {
        string? fromBuild = typeof(RepositoryRoot).Assembly
            .GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(a => a.Key == "RepositoryRoot")?.Value;

        string?[] starts = [Environment.GetEnvironmentVariable("AWSIO_ROOT"), AppContext.BaseDirectory, fromBuild];
        foreach (string? start in starts)
        {
            for (DirectoryInfo? at = start is null or "" ? null : new DirectoryInfo(start); at != null; at = at.Parent)
            {
                if (File.Exists(System.IO.Path.Combine(at.FullName, "AwsIO.sln")))
                {
                    return at.FullName;
                }
            }
        }

        throw new InvalidOperationException("AwsIO.sln not found. Set AWSIO_ROOT to the root of the source tree.");
    }
}

namespace AwsIO.Bench.Implementations;

/// <summary>aws-c-io itself, as it is installed somewhere.</summary>
internal static class UpstreamLibrary
{
    /// <summary>The name of its rows.</summary>
    public const string Name = "aws-c-io";

    /// <summary>A C program of ours that is compiled against it.</summary>
    /// <param name="source">The program.</param>
    /// <param name="prefix">Where aws-c-io, aws-c-cal and aws-c-common are installed: <c>include</c> and <c>lib</c> are in it.</param>
    public static CompiledPeer Compile(string source, string prefix) =>
        new(
            source,
            "-I" + Path.Combine(prefix, "include"),
            "-L" + Path.Combine(prefix, "lib"),
            "-laws-c-io",
            "-laws-c-cal",
            "-laws-c-common",
            "-ldl",
            "-lm"
        );
}

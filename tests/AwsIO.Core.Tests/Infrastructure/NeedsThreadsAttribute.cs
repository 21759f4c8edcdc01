namespace AwsIO.Tests.Infrastructure;

/// <summary>A test that is not run on loops without threads, and why.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NeedsThreadsAttribute(string why) : Attribute
{
    internal string Why { get; } = why;
}

namespace AwsIO.Tests.Shared.Counting;

/// <summary>A class behind which nothing is counted: its tests, which run in processes of their own, leave things on purpose.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class LeavesThingsAttribute(string why) : Attribute
{
    public string Why { get; } = why;
}

using System.Reflection;

namespace AwsIO.Tasks.Tests;

public sealed class VersionTests
{
    [Fact]
    public void The_assembly_carries_the_version_of_version_json()
    {
        Version? version = Assembly.Load("AwsIO.Tasks").GetName().Version;

        Assert.NotNull(version);
        Assert.Equal(new Version(0, 1), new Version(version.Major, version.Minor));
    }
}

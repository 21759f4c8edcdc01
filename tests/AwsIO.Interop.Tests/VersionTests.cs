using System.Reflection;

namespace AwsIO.Interop.Tests;

public sealed class VersionTests
{
    [Fact]
    public void The_assembly_carries_the_version_of_version_json()
    {
        Version? version = Assembly.Load("AwsIO.Core").GetName().Version;

        Assert.NotNull(version);
        Assert.Equal(new Version(0, 1), new Version(version.Major, version.Minor));
    }
}

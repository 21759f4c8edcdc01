using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops;

/// <summary>
/// The group that nobody has said anything about. On the loops of the testing library there is no such thing: a test says how many.
/// </summary>
[Collection(LoopTestCollection.Name)]
public class DefaultGroupTests
{
    internal virtual LoopBackend Backend => LoopBackend.Platform;

    [Fact]
    [Trait("Upstream", "event_loop_group_setup_and_shutdown")]
    public async Task It_has_a_loop_for_each_two_processors_and_ends_cleanly()
    {
        HashSet<string> before = Descriptors.Open();
        EventLoopGroup group = Backend.NewGroup(new EventLoopGroupOptions());
        Assert.Equal(Math.Max(Environment.ProcessorCount / 2, 1), group.Count);
        Assert.Equal(Backend.Type, group.Type);
        await EventLoopGroupTests.HandsOutItsLoopsAndEnds(group);
        Assert.Empty(Descriptors.Left(before));
    }

    [Fact]
    public void Made_without_options_it_is_the_platforms()
    {
        using EventLoopGroup group = new();
        Assert.Equal(Math.Max(Environment.ProcessorCount / 2, 1), group.Count);
        Assert.Equal(OperatingSystem.IsLinux() ? EventLoopType.Epoll : EventLoopType.Kqueue, group.Type);
    }
}

using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops;

[Collection(LoopTestCollection.Name)]
public sealed class GroupFailureTests : IClassFixture<NothingLeft>
{
    [Fact]
    public async Task A_group_that_cannot_have_all_its_loops_leaves_nothing_behind()
    {
        await ChildTest.Passes(
            typeof(GroupFailureTests), nameof(Child_asks_for_more_loops_than_there_are_descriptors), maxDescriptors: 400);
    }

    [Fact(Explicit = true)]
    public async Task Child_asks_for_more_loops_than_there_are_descriptors()
    {
        HashSet<string> before = Descriptors.Open();
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(
            static () => new EventLoopGroup(new EventLoopGroupOptions { LoopCount = 300, MaxLoops = 300 }));
        Assert.Contains("of 300 could not be made", error.Message, StringComparison.Ordinal);
        Assert.Empty(Descriptors.Left(before));
        Waiting.Until(static () => Descriptors.Threads().Count == 0);

        EventLoopGroup group = LoopBackend.Platform.NewGroup(2);
        await group[1].Turn();
        await group.DisposeAsync().Within();
    }
}

using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops;

[Collection(LoopTestCollection.Name)]
public sealed class GroupOptionsTests : IClassFixture<NothingLeft>
{
    [Fact]
    public void More_loops_than_allowed_is_an_error_that_names_both_figures()
    {
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(
            static () => new EventLoopGroup(new EventLoopGroupOptions { LoopCount = 7531, MaxLoops = 246 }));
        Assert.Contains("7531", error.Message, StringComparison.Ordinal);
        Assert.Contains("246", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void By_default_there_may_be_as_many_loops_as_processors()
    {
        int count = Environment.ProcessorCount;
        Assert.Equal(count, new EventLoopGroupOptions().MaxLoops);
        using EventLoopGroup group = new(new EventLoopGroupOptions { LoopCount = count });
        Assert.Equal(count, group.Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => new EventLoopGroup(new EventLoopGroupOptions { LoopCount = count + 1 }));
    }

    [Theory]
    [InlineData(-1, 4)]
    [InlineData(1, 0)]
    [InlineData(0, -3)]
    [InlineData(int.MinValue, int.MaxValue)]
    public void Negative_figures_are_refused(int loops, int max) =>
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new EventLoopGroup(new EventLoopGroupOptions { LoopCount = loops, MaxLoops = max }));

    [Fact]
    [Trait("Upstream", "event_loop_epoll_creation")]
    public void Epoll_can_be_asked_for_on_linux()
    {
        using EventLoopGroup group = new(new EventLoopGroupOptions { Type = EventLoopType.Epoll });
        Assert.Equal(EventLoopType.Epoll, group.Type);
    }

    [Fact]
    [Trait("Upstream", "event_loop_iocp_creation")]
    public void Completion_ports_are_not_supported() => Refused(EventLoopType.CompletionPort);

    [Fact]
    [Trait("Upstream", "event_loop_kqueue_creation")]
    public void Kqueue_is_not_supported_on_linux() => Refused(EventLoopType.Kqueue);

    [Fact]
    [Trait("Upstream", "event_loop_dispatch_queue_creation")]
    public void Dispatch_queues_are_not_supported() => Refused(EventLoopType.DispatchQueue);

    [Fact]
    public void A_type_that_does_not_exist_is_a_mistake() =>
        Assert.Throws<ArgumentOutOfRangeException>(
            static () => new EventLoopGroup(new EventLoopGroupOptions { Type = (EventLoopType)99 }));

    private static void Refused(EventLoopType type)
    {
        PlatformNotSupportedException error = Assert.Throws<PlatformNotSupportedException>(
            () => new EventLoopGroup(new EventLoopGroupOptions { Type = type }));
        Assert.Contains(type.ToString(), error.Message, StringComparison.Ordinal);
    }
}

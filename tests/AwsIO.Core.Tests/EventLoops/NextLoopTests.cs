using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.EventLoops;

/// <summary>
/// Which of two loops new work goes to, picked as a test says, by a load that a test makes. A wait that is interrupted is a tick more, which
/// counts: no test for a run under a fault plan.
/// </summary>
[Trait("Category", "ExactCalls")]
[Collection(LoopTestCollection.Name)]
public sealed class NextLoopTests
{
    [Fact]
    public async Task Of_two_loops_the_less_loaded_one_is_chosen_and_the_second_where_they_are_equal()
    {
        VirtualClock clock = new();
        Queue<int> picks = [];
        EventLoopGroup group = new(new EventLoopGroupOptions
        {
            LoopCount = 3,
            MaxLoops = 3,
            Clock = clock,
            ChooseLoop = count =>
            {
                Assert.Equal(3, count);
                return picks.Dequeue();
            },
        });
        EventLoop Next(int first, int second)
        {
            picks.Enqueue(first);
            picks.Enqueue(second);
            return group.GetNextLoop();
        }

        Assert.Same(group[1], Next(0, 1));
        Assert.Same(group[0], Next(1, 0));
        Assert.Same(group[2], Next(2, 2));

        // Two seconds of work in one tick, and one on another loop.
        await group[0].Call(() => clock.Advance(TimeSpan.FromSeconds(2)));
        await group[0].Turn();
        await group[1].Call(() => clock.Advance(TimeSpan.FromSeconds(1)));
        await group[1].Turn();
        Assert.Equal((2_000_000_000, 1_000_000_000, 0), (group[0].LoadFactor, group[1].LoadFactor, group[2].LoadFactor));
        Assert.Same(group[1], Next(0, 1));
        Assert.Same(group[1], Next(1, 0));
        Assert.Same(group[2], Next(2, 1));
        Assert.Same(group[0], Next(0, 0));
        await group.DisposeAsync().Within();
    }

    [Fact]
    public void Where_there_is_one_loop_nothing_is_picked()
    {
        using EventLoopGroup group = new(new EventLoopGroupOptions
        {
            LoopCount = 1,
            ChooseLoop = static _ => throw new InvalidOperationException("There is nothing to choose."),
        });
        Assert.Same(group[0], group.GetNextLoop());
    }
}

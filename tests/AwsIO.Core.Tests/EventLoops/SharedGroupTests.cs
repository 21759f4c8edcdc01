using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Shared.Counting;

namespace AwsIO.Tests.EventLoops;

/// <summary>The group of the whole process. In processes of their own: its threads never leave.</summary>
[Collection(LoopTestCollection.Name)]
public sealed class SharedGroupTests
{
    [Fact]
    public Task The_shared_group_is_one_that_works_and_cannot_be_ended() =>
        Passes(nameof(SharedGroupChild.Child_uses_the_shared_group));

    [Fact]
    public Task A_process_whose_shared_loops_have_timers_exits() =>
        Passes(nameof(SharedGroupChild.Child_leaves_timers_on_the_shared_group));

    [Fact]
    public Task After_a_failure_the_shared_group_can_be_asked_for_again() =>
        Passes(nameof(SharedGroupChild.Child_has_no_descriptor_at_first), maxDescriptors: 300);

    private static async Task Passes(string child, int? maxDescriptors = null)
    {
        await ChildTest.Passes(typeof(SharedGroupChild), child, maxDescriptors);
    }
}

/// <summary>Run by <see cref="SharedGroupTests"/>, each test in a process of its own.</summary>
[LeavesThings("The shared group's loops never leave.")]
public sealed class SharedGroupChild
{
    [Fact(Explicit = true)]
    public async Task Child_uses_the_shared_group()
    {
        EventLoopGroup[] seen = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(static _ => Task.Run(static () => EventLoopGroup.Shared))).Within();
        EventLoopGroup shared = Assert.Single(seen.Distinct());
        Assert.Equal(Math.Max(Environment.ProcessorCount / 2, 1), shared.Count);
        Assert.Throws<InvalidOperationException>(shared.Release);
        Assert.Throws<InvalidOperationException>(shared.Dispose);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await shared.DisposeAsync());
        using (EventLoopGroupLease lease = shared.Acquire())
        {
            Assert.Same(shared, lease.Group);
        }

        for (int i = 0; i < shared.Count; i++)
        {
            EventLoop loop = shared[i];
            Assert.Same(loop, await loop.Call(static () => EventLoop.Current));
        }

        Assert.False(shared.Completion.IsCompleted);
    }

    [Fact(Explicit = true)]
    public async Task Child_leaves_timers_on_the_shared_group()
    {
        EventLoop loop = EventLoopGroup.Shared.GetNextLoop();
        loop.ScheduleAfter(new RecordingTask(), TimeSpan.FromHours(1));
        await loop.Turn();
    }

    [Fact(Explicit = true)]
    public async Task Child_has_no_descriptor_at_first()
    {
        await PoolThreads.StartAhead();
        List<TestPipe> pipes = [];
        try
        {
            while (true)
            {
                pipes.Add(new TestPipe());
            }
        }
        catch (Xunit.Sdk.EqualException)
        {
            // None is left for a pipe; this pair may have left one.
        }

        List<FileStream> last = [];
        try
        {
            while (true)
            {
                last.Add(File.OpenRead("/dev/null"));
            }
        }
        catch (IOException)
        {
        }

        Exception failure = Record.Exception(static () => EventLoopGroup.Shared)!;
        last.ForEach(static stream => stream.Dispose());
        pipes.ForEach(static pipe => pipe.Dispose());
        Assert.IsType<InvalidOperationException>(failure);
        await EventLoopGroup.Shared[0].Turn();
    }
}

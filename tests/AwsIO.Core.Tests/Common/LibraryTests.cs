using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Common;

/// <summary>The library as a whole. What waits for all threads does so in a process that has no other tests.</summary>
[Collection(LoopTestCollection.Name)]
public sealed class LibraryTests
{
    [Fact]
    [Trait("Upstream", "io_library_init")]
    public Task The_library_is_initialized_used_and_waited_for() => InChild(nameof(Child_uses_the_library_once));

    [Fact]
    [Trait("Upstream", "io_library_init_cleanup_init_cleanup")]
    public Task All_that_can_be_done_twice() => InChild(nameof(Child_uses_the_library_twice));

    [Fact]
    public Task A_wait_ends_when_the_last_thread_has_left() => InChild(nameof(Child_waits_while_a_group_ends));

    [Fact]
    public async Task A_wait_ends_without_an_answer_when_its_time_is_over()
    {
        await using EventLoopGroup group = LoopBackend.Platform.NewGroup();
        Assert.False(IoLibrary.WaitForThreads(TimeSpan.Zero));
        long start = IoClock.Now;
        Assert.False(IoLibrary.WaitForThreads(TimeSpan.FromMilliseconds(20)));
        Assert.True(IoClock.Now - start >= 20_000_000);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(-9_999)]
    [InlineData(-10_001)]
    [InlineData(long.MinValue)]
    public void A_negative_timeout_is_refused(long ticks) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => IoLibrary.WaitForThreads(TimeSpan.FromTicks(ticks)));

    [Fact]
    public async Task A_wait_on_a_loops_thread_is_refused_with_advice()
    {
        await using EventLoopGroup group = LoopBackend.Platform.NewGroup();
        InvalidOperationException refused = await group[0].Call(
            static () => Assert.Throws<InvalidOperationException>(static () => IoLibrary.WaitForThreads(TimeSpan.Zero)));
        Assert.Contains("awsio-1", refused.Message, StringComparison.Ordinal);
        Assert.Contains("another thread", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wait_on_another_thread_of_the_library_is_refused_with_advice()
    {
        await using EventLoopGroup group = LoopBackend.Platform.NewGroup();
        InvalidOperationException? refused = null;
        using DefaultHostResolver resolver = new(group)
        {
            Lookup = host =>
            {
                refused = Assert.Throws<InvalidOperationException>(static () => IoLibrary.WaitForThreads(TimeSpan.Zero));
                return ResolverCalls.Addresses(host, "127.0.0.1");
            },
        };
        await resolver.Ask("some.example", group[0]).Within();
        Assert.Contains("awsio-resolver", refused!.Message, StringComparison.Ordinal);
        Assert.Contains("another thread", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_thread_of_the_library_is_counted_until_it_has_left()
    {
        await using EventLoopGroup other = LoopBackend.Platform.NewGroup();
        int before = ManagedThreads.Count;
        EventLoopGroup group = LoopBackend.Platform.NewGroup(3);
        Assert.Equal(before + 3, ManagedThreads.Count);
        using (DefaultHostResolver resolver = new(group)
        {
            Lookup = host =>
            {
                Assert.True(ManagedThreads.IsCurrent);
                return ResolverCalls.Addresses(host, "127.0.0.1");
            },
        })
        {
            await resolver.Ask("some.example", group[0]).Within();
            Assert.Equal(before + 4, ManagedThreads.Count);
        }

        Assert.True(await group[0].Call(static () => ManagedThreads.IsCurrent));
        Assert.False(ManagedThreads.IsCurrent);
        await group.DisposeAsync().Within();
        Waiting.Until(() => ManagedThreads.Count == before);
    }

    [Fact(Explicit = true)]
    public async Task Child_uses_the_library_once()
    {
        IoLibrary.Initialize();
        IoLibrary.Initialize();
        await UseAndWait();
    }

    [Fact(Explicit = true)]
    public async Task Child_uses_the_library_twice()
    {
        for (int i = 0; i < 2; i++)
        {
            IoLibrary.Initialize();
            await UseAndWait();

            // Nothing is left to wait for.
            Assert.True(IoLibrary.WaitForThreads(TimeSpan.Zero));
        }
    }

    [Fact(Explicit = true)]
    public async Task Child_waits_while_a_group_ends()
    {
        EventLoopGroup group = LoopBackend.Platform.NewGroup(2);
        Task<bool> waits;
        using (await group[1].Hold())
        {
            ValueTask disposed = group.DisposeAsync();
            Assert.False(IoLibrary.WaitForThreads(TimeSpan.FromMilliseconds(10)));
            waits = Task.Run(static () => IoLibrary.WaitForThreads(Timeout.InfiniteTimeSpan));
            Assert.False(disposed.IsCompleted);
            Assert.False(waits.IsCompleted);
        }

        Assert.True(await waits.Within());
        Waiting.Until(static () => Descriptors.Threads().Count == 0);
    }

    /// <summary>Loops, a resolver's threads and the thread that ends a group: all have left when the wait is over.</summary>
    private static async Task UseAndWait()
    {
        EventLoopGroup group = LoopBackend.Platform.NewGroup(2);
        using (DefaultHostResolver resolver = new(group) { Lookup = static host => ResolverCalls.Addresses(host, "127.0.0.1") })
        {
            await resolver.Ask("some.example", group[0]).Within();
            Assert.False(IoLibrary.WaitForThreads(TimeSpan.Zero));
        }

        group.Release();
        Assert.True(IoLibrary.WaitForThreads(Waiting.Limit));
        Assert.Equal(0, ManagedThreads.Count);
        Assert.True(group.Completion.IsCompleted);
        Waiting.Until(static () => Descriptors.Threads().Count == 0);
    }

    private static async Task InChild(string method)
    {
        await ChildTest.Passes(typeof(LibraryTests), method);
    }
}

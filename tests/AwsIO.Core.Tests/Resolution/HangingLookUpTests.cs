using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Resolution;

public sealed class HangingLookUpTests : LoopTest
{
    private readonly ManualResetEventSlim _release = new();
    private readonly SemaphoreSlim _begun = new(0);
    private int _lookUps;

    protected override int LoopCount => 2;

    public override async ValueTask DisposeAsync()
    {
        _release.Set();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Callers_of_one_host_share_one_look_up_each_on_its_loop()
    {
        using DefaultHostResolver resolver = Resolver(8);
        Task<ResolverAnswer>[] asked = [.. Enumerable.Range(0, 50).Select(i => resolver.Ask("hang.example", Group[i % 2]))];
        await _begun.WaitAsync().Within();
        Task<ResolverAnswer> late = resolver.Ask("HANG.example", Loop);
        _release.Set();

        for (int i = 0; i < asked.Length; i++)
        {
            ResolverAnswer answer = await asked[i].Within();
            Assert.Equal(["192.0.2.1"], answer.Texts);
            Assert.Same(Group[i % 2], answer.CalledOn);
        }

        Assert.Equal("HANG.example", (await late.Within()).Host);
        Assert.Equal(1, _lookUps);
    }

    [Fact]
    public async Task A_look_up_that_hangs_delays_no_other_host()
    {
        using DefaultHostResolver resolver = Resolver(3);
        Task<ResolverAnswer> first = resolver.Ask("hang-1.example", Loop);
        Task<ResolverAnswer> second = resolver.Ask("hang-2.example", Loop);
        await _begun.WaitAsync().Within();
        await _begun.WaitAsync().Within();

        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(["192.0.2.1"], (await resolver.Ask($"quick-{i}.example", Loop).Within()).Texts);
        }

        Assert.False(first.IsCompleted);
        _release.Set();
        await first.Within();
        await second.Within();
    }

    [Fact]
    public async Task Beyond_the_limit_look_ups_wait_for_a_thread_and_then_go_on()
    {
        using DefaultHostResolver resolver = Resolver(2);
        Task<ResolverAnswer>[] hanging = [resolver.Ask("hang-1", Loop), resolver.Ask("hang-2", Loop)];
        await _begun.WaitAsync().Within();
        await _begun.WaitAsync().Within();
        Task<ResolverAnswer>[] waiting = [.. Enumerable.Range(0, 10).Select(i => resolver.Ask($"quick-{i}", Loop))];
        Assert.Equal(2, Volatile.Read(ref _lookUps));
        Assert.Equal(2, Descriptors.Threads().Count(static name => name.EndsWith("awsio-resolver", StringComparison.Ordinal)));

        _release.Set();
        foreach (Task<ResolverAnswer> answer in hanging.Concat(waiting))
        {
            Assert.Equal(IoError.None, (await answer.Within()).Error);
        }

        Assert.Equal(12, _lookUps);
    }

    [Fact]
    public async Task Dispose_does_not_wait_for_a_look_up_and_tells_who_waits()
    {
        DefaultHostResolver resolver = Resolver(1);
        Task<ResolverAnswer> hanging = resolver.Ask("hang.example", Loop);
        await _begun.WaitAsync().Within();
        Task<ResolverAnswer> waiting = resolver.Ask("quick.example", Loop);
        resolver.Dispose();
        Task<ResolverAnswer> afterwards = resolver.Ask("other.example", Loop);
        foreach (Task<ResolverAnswer> asked in new[] { hanging, waiting, afterwards })
        {
            ResolverAnswer answer = await asked.Within();
            Assert.Equal(IoErrorCode.OperationCancelled, answer.Error.Code);
            Assert.Contains(answer.Host, answer.Error.Detail, StringComparison.Ordinal);
            Assert.Same(Loop, answer.CalledOn);
        }

        // The late answer is nobody's: a second one would throw in the callback, and the group ends all the same.
        resolver.Dispose();
        _release.Set();
        Assert.Equal(1, _lookUps);
    }

    [Fact]
    public async Task Hosts_that_somebody_waits_for_are_never_forgotten()
    {
        using DefaultHostResolver resolver = Resolver(8, maxHosts: 1);
        Task<ResolverAnswer>[] hanging = [.. Enumerable.Range(0, 4).Select(i => resolver.Ask($"hang-{i}", Loop))];
        Task<ResolverAnswer>[] again = [.. Enumerable.Range(0, 4).Select(i => resolver.Ask($"hang-{i}", Loop))];
        _release.Set();
        foreach (Task<ResolverAnswer> answer in hanging.Concat(again))
        {
            Assert.Equal(IoError.None, (await answer.Within()).Error);
        }

        Assert.Equal(4, _lookUps);
    }

    [Fact]
    public async Task A_loop_that_ends_first_answers_who_waits_there()
    {
        EventLoopGroup group = Backend.NewGroup();
        using DefaultHostResolver resolver = Resolver(8);
        Task<ResolverAnswer> asked = resolver.Ask("hang.example", group[0]);
        await _begun.WaitAsync().Within();
        await group.DisposeAsync().Within();
        Assert.False(asked.IsCompleted);
        _release.Set();
        ResolverAnswer answer = await asked.Within();
        Assert.Equal(IoErrorCode.EventLoopShutdown, answer.Error.Code);
        Assert.Empty(answer.Addresses);
    }

    private DefaultHostResolver Resolver(int threads, int maxHosts = 1024) =>
        new(Group, new HostResolverOptions { MaxConcurrentLookups = threads, MaxHosts = maxHosts })
        {
            Lookup = host =>
            {
                Interlocked.Increment(ref _lookUps);
                if (host.StartsWith("hang", StringComparison.OrdinalIgnoreCase))
                {
                    _begun.Release();
                    _ = _release.Wait(Waiting.Limit);
                }

                return ResolverCalls.Addresses(host, "192.0.2.1");
            },
        };
}

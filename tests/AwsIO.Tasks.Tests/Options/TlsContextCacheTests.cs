using AwsIO.Tasks.Tests.Infrastructure;

namespace AwsIO.Tasks.Tests.Options;

public sealed class TlsContextCacheTests
{
    [Fact]
    public void Equal_options_share_a_context_and_others_have_their_own()
    {
        using TlsContextCache cache = new();
        using TlsContextCache.Lease first = cache.Rent(Kind(1));
        using TlsContextCache.Lease second = cache.Rent(Kind(1));
        using TlsContextCache.Lease third = cache.Rent(Kind(2));
        Assert.Same(first.Context, second.Context);
        Assert.NotSame(first.Context, third.Context);
    }

    [Fact]
    public void The_context_that_was_used_the_longest_ago_goes_and_is_disposed()
    {
        using TlsContextCache cache = new();
        List<TlsContext> contexts = [.. Enumerable.Range(0, TlsContextCache.MaxContexts).Select(i => RentOnce(cache, Kind(i)))];
        Assert.Same(contexts[0], RentOnce(cache, Kind(0)));
        RentOnce(cache, Kind(1000));

        Assert.Equal(TlsContextCache.MaxContexts, cache.Count);
        Assert.True(IsDisposed(contexts[1]));
        Assert.False(IsDisposed(contexts[0]));
        Assert.Same(contexts[0], RentOnce(cache, Kind(0)));
        Assert.NotSame(contexts[1], RentOnce(cache, Kind(1)));
    }

    [Fact]
    public void A_context_that_is_just_used_is_disposed_only_afterwards()
    {
        using TlsContextCache cache = new();
        TlsContextCache.Lease used = cache.Rent(Kind(0));
        for (int i = 1; i <= TlsContextCache.MaxContexts; i++)
        {
            RentOnce(cache, Kind(i));
        }

        Assert.NotSame(used.Context, RentOnce(cache, Kind(0)));
        Assert.False(IsDisposed(used.Context));
        used.Dispose();
        used.Dispose();
        Assert.True(IsDisposed(used.Context));
    }

    [Fact]
    public async Task Of_contexts_that_are_made_at_the_same_time_one_is_kept_and_the_others_are_disposed()
    {
        using TlsContextCache cache = new();
        for (int round = 0; round < 30; round++)
        {
            using Barrier barrier = new(4);
            TlsContextCache.Lease[] leases = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    barrier.SignalAndWait(TestContext.Current.CancellationToken);
                    return cache.Rent(Kind(round));
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default))).Within();
            Assert.All(leases, lease => Assert.Same(leases[0].Context, lease.Context));
            Assert.All(leases, static lease => lease.Dispose());
            Assert.False(IsDisposed(leases[0].Context));
        }
    }

    [Fact]
    public void After_the_caches_end_a_context_lives_as_long_as_it_is_used()
    {
        TlsContextCache cache = new();
        TlsContextCache.Lease before = cache.Rent(Kind(0));
        TlsContext unused = RentOnce(cache, Kind(1));
        cache.Dispose();
        TlsContextCache.Lease after = cache.Rent(Kind(0));
        Assert.True(IsDisposed(unused));
        Assert.False(IsDisposed(before.Context));
        Assert.False(IsDisposed(after.Context));
        Assert.Equal(0, cache.Count);

        before.Dispose();
        after.Dispose();
        Assert.True(IsDisposed(before.Context));
        Assert.True(IsDisposed(after.Context));
    }

    private static TlsClientOptions Kind(int number)
    {
        TlsClientOptions options = Certificates.ClientOptions();
        options.Alpn = [$"kind-{number}"];
        return options;
    }

    private static TlsContext RentOnce(TlsContextCache cache, TlsClientOptions options)
    {
        using TlsContextCache.Lease lease = cache.Rent(options);
        return lease.Context;
    }

    private static bool IsDisposed(TlsContext context)
    {
        IoResult<TlsSession> session = context.CreateSession(context.ForHost("localhost"), new NoTransport());
        if (session.IsSuccess)
        {
            session.Value.Dispose();
        }

        return session.Error.Code == IoErrorCode.InvalidState;
    }

    private sealed class NoTransport : ITlsTransport
    {
        public int ReadCiphertext(Span<byte> destination) => 0;

        public void WriteCiphertext(ReadOnlySpan<byte> ciphertext)
        {
        }
    }
}

using System.Collections.Concurrent;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Resolution;

/// <summary>What the cache answers. When it forgets, <see cref="ExpiryTests"/> tell.</summary>
public sealed class CacheTests : LoopTest
{
    private readonly ConcurrentQueue<string> _lookedUp = new();

    [Fact]
    [Trait("Upstream", "test_default_with_ipv6_lookup")]
    public async Task A_host_with_both_kinds_of_address_gives_both_ipv6_first()
    {
        using DefaultHostResolver resolver = Resolver(new HostResolverOptions(), "2001:db8::1", "192.0.2.1");
        ResolverAnswer answer = await resolver.Ask("dual.example", Loop).Within();
        Assert.Equal(IoError.None, answer.Error);
        Assert.Equal("dual.example", answer.Host);
        Assert.Equal(["2001:db8::1", "192.0.2.1"], answer.Texts);
        Assert.Equal([AddressKind.AAAA, AddressKind.A], answer.Addresses.Select(static address => address.Kind));
    }

    [Fact]
    [Trait("Upstream", "test_default_with_ipv4_only_lookup")]
    public async Task A_host_with_ipv4_only_gives_one_address()
    {
        using DefaultHostResolver resolver = Resolver(new HostResolverOptions(), "192.0.2.1");
        ResolverAnswer answer = await resolver.Ask("four.example", Loop).Within();
        Assert.Equal([AddressKind.A], answer.Addresses.Select(static address => address.Kind));
        Assert.Equal(["192.0.2.1"], answer.Texts);
    }

    [Fact]
    [Trait("Upstream", "test_default_with_multiple_lookups")]
    public async Task Later_callers_get_the_same_addresses_from_the_cache()
    {
        using DefaultHostResolver resolver = Resolver(new HostResolverOptions(), "2001:db8::1", "192.0.2.1");
        for (int i = 0; i < 5; i++)
        {
            ResolverAnswer answer = await resolver.Ask(i % 2 == 0 ? "host.example" : "HOST.example", Loop).Within();
            Assert.Equal(["2001:db8::1", "192.0.2.1"], answer.Texts);
            Assert.Same(Loop, answer.CalledOn);
        }

        Assert.Equal(["host.example"], _lookedUp);
    }

    [Fact]
    public async Task A_cached_answer_never_comes_inside_the_call()
    {
        using DefaultHostResolver resolver = Resolver(new HostResolverOptions(), "192.0.2.1");
        await resolver.Ask("host.example", Loop).Within();
        Task<ResolverAnswer> answer = await Loop.Call(() =>
        {
            Task<ResolverAnswer> asked = resolver.Ask("host.example", Loop);
            Assert.False(asked.IsCompleted);
            return asked;
        });
        Assert.Equal(["192.0.2.1"], (await answer.Within()).Texts);
    }

    [Fact]
    public async Task Failures_are_not_remembered()
    {
        using DefaultHostResolver resolver = new(Group)
        {
            Lookup = host =>
            {
                _lookedUp.Enqueue(host);
                return _lookedUp.Count switch
                {
                    1 => new(new IoError(IoErrorCode.DnsQueryAgain, -3, "on purpose")),
                    2 => throw new FormatException("on purpose"),
                    _ => ResolverCalls.Addresses(host, "192.0.2.1"),
                };
            },
        };

        ResolverAnswer first = await resolver.Ask("host.example", Loop).Within();
        Assert.Equal(IoErrorCode.DnsQueryAgain, first.Error.Code);
        Assert.True(first.Error.IsTransient);
        Assert.Empty(first.Addresses);
        ResolverAnswer second = await resolver.Ask("host.example", Loop).Within();
        Assert.Equal(IoErrorCode.DnsQueryFailed, second.Error.Code);
        Assert.Contains("on purpose", second.Error.Detail, StringComparison.Ordinal);
        Assert.Equal(IoError.None, (await resolver.Ask("host.example", Loop).Within()).Error);
    }

    [Fact]
    public async Task When_the_system_has_no_thread_the_caller_is_told_and_the_next_one_tries_again()
    {
        int refusals = 3;
        using DefaultHostResolver resolver = new(Group, new HostResolverOptions { MaxConcurrentLookups = 2 })
        {
            Lookup = static host => ResolverCalls.Addresses(host, "192.0.2.1"),
            StartThread = thread =>
            {
                if (refusals-- > 0)
                {
                    throw new OutOfMemoryException("on purpose");
                }

                thread.UnsafeStart();
            },
        };

        for (int i = 0; i < 3; i++)
        {
            ResolverAnswer refused = await resolver.Ask("host.example", Loop).Within();
            Assert.Equal(IoErrorCode.OutOfMemory, refused.Error.Code);
            Assert.Contains("host.example", refused.Error.Detail, StringComparison.Ordinal);
        }

        Assert.Equal(["192.0.2.1"], (await resolver.Ask("host.example", Loop).Within()).Texts);
    }

    [Fact]
    public void Options_without_sense_are_refused()
    {
        foreach (HostResolverOptions options in (HostResolverOptions[])
            [
                new() { MaxTtl = TimeSpan.FromTicks(-1) }, new() { MaxHosts = 0 }, new() { MaxConcurrentLookups = 0 },
            ])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => new DefaultHostResolver(Group, options));
        }

        using DefaultHostResolver resolver = new(Group);
        Assert.Throws<ArgumentException>(() => resolver.Resolve("", static (_, _, _) => { }));
    }

    private DefaultHostResolver Resolver(HostResolverOptions options, params string[] addresses) =>
        new(Group, options)
        {
            Lookup = host =>
            {
                _lookedUp.Enqueue(host);
                return ResolverCalls.Addresses(host, addresses);
            },
        };
}

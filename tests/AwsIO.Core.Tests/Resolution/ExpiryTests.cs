using System.Collections.Concurrent;
using AwsIO.Testing;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Resolution;

/// <summary>When the cache forgets: by the clock of the loops, which is a number here.</summary>
[Collection(LoopTestCollection.Name)]
public sealed class ExpiryTests
{
    private readonly ConcurrentQueue<string> _lookedUp = new();

    [Fact]
    [Trait("Upstream", "test_resolver_ttls")]
    public void An_address_stands_until_its_time_is_over_and_longer_while_nothing_better_is_found()
    {
        using ManualLoopGroup loops = new();
        long start = loops.CurrentTime;
        using DefaultHostResolver resolver = new(loops.Group, new HostResolverOptions { MaxTtl = TimeSpan.FromSeconds(2) })
        {
            Lookup = host =>
            {
                _lookedUp.Enqueue(host);
                return _lookedUp.Count switch
                {
                    1 => ResolverCalls.Addresses(host, "192.0.2.1"),
                    2 or 3 => new(new IoError(IoErrorCode.DnsQueryAgain, -3, "on purpose")),
                    _ => ResolverCalls.Addresses(host, "192.0.2.2"),
                };
            },
        };

        // When, what is answered, and how many look-ups there were by then.
        (double Second, string Answer, int LookUps)[] expected =
        [
            (0, "192.0.2.1", 1), (1.999, "192.0.2.1", 1), (2, "192.0.2.1", 2), (2, "192.0.2.1", 3), (2, "192.0.2.2", 4),
            (3.999, "192.0.2.2", 4), (4, "192.0.2.2", 5),
        ];
        foreach ((double second, string address, int lookUps) in expected)
        {
            loops.Advance(TimeSpan.FromSeconds(second) - TimeSpan.FromTicks((loops.CurrentTime - start) / 100));
            ResolverAnswer answer = Ask(resolver, loops, "host.example");
            Assert.Equal(IoError.None, answer.Error);
            Assert.Equal([address], answer.Texts);
            Assert.Equal(lookUps, _lookedUp.Count);
        }
    }

    [Fact]
    public void Without_options_an_address_stands_for_half_a_minute()
    {
        using ManualLoopGroup loops = new();
        using DefaultHostResolver resolver = Resolver(loops, new HostResolverOptions());
        foreach ((int milliseconds, int lookUps) in ((int, int)[])[(0, 1), (29_999, 1), (1, 2), (29_999, 2), (86_400_000, 3)])
        {
            loops.Advance(TimeSpan.FromMilliseconds(milliseconds));
            Assert.Equal(["192.0.2.1"], Ask(resolver, loops, "host.example").Texts);
            Assert.Equal(lookUps, _lookedUp.Count);
        }
    }

    [Fact]
    public void An_address_that_is_kept_for_ever_stands_for_centuries()
    {
        using ManualLoopGroup loops = new();
        using DefaultHostResolver resolver = Resolver(loops, new HostResolverOptions { MaxTtl = TimeSpan.MaxValue });
        for (int century = 0; century < 3; century++)
        {
            Assert.Equal(["192.0.2.1"], Ask(resolver, loops, "host.example").Texts);
            loops.Advance(TimeSpan.FromDays(36_500));
        }

        Assert.Single(_lookedUp);
    }

    [Fact]
    public void A_time_to_live_of_zero_looks_up_each_time()
    {
        using ManualLoopGroup loops = new();
        using DefaultHostResolver resolver = Resolver(loops, new HostResolverOptions { MaxTtl = TimeSpan.Zero });
        for (int i = 0; i < 3; i++)
        {
            Ask(resolver, loops, "host.example");
        }

        Assert.Equal(3, _lookedUp.Count);
    }

    [Fact]
    public void Beyond_the_limit_the_host_that_expires_first_makes_room()
    {
        using ManualLoopGroup loops = new();
        using DefaultHostResolver resolver = Resolver(loops, new HostResolverOptions { MaxHosts = 3 });

        void AskInTurn(params string[] hosts)
        {
            foreach (string host in hosts)
            {
                Ask(resolver, loops, host);
                loops.Advance(TimeSpan.FromMilliseconds(1));
            }
        }

        // d takes the place of a, b is there still, and a takes the place of b.
        AskInTurn("a", "b", "c", "d", "c", "d", "b", "a");
        Assert.Equal(["a", "b", "c", "d", "a"], _lookedUp);
        AskInTurn("d", "b");
        Assert.Equal(["a", "b", "c", "d", "a", "b"], _lookedUp);

        // All three are looked up again, b first: so b makes room, which had come last.
        loops.Advance(TimeSpan.FromMinutes(1));
        AskInTurn("b", "d", "a", "e");
        AskInTurn("d", "a");
        Assert.Equal(["a", "b", "c", "d", "a", "b", "b", "d", "a", "e"], _lookedUp);
    }

    /// <summary>An answer, at this moment of the loops' clock: a look-up is done by a thread beside them.</summary>
    private static ResolverAnswer Ask(DefaultHostResolver resolver, ManualLoopGroup loops, string host)
    {
        Task<ResolverAnswer> answer = resolver.Ask(host, loops[0]);
        Waiting.Until(
            () =>
            {
                loops.RunUntilIdle();
                return answer.IsCompleted;
            },
            "The answer is there");
        return answer.Result;
    }

    private DefaultHostResolver Resolver(ManualLoopGroup loops, HostResolverOptions options) =>
        new(loops.Group, options)
        {
            Lookup = host =>
            {
                _lookedUp.Enqueue(host);
                return ResolverCalls.Addresses(host, "192.0.2.1");
            },
        };
}

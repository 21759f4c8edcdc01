using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Resolution;

public sealed class LiteralTests : LoopTest
{
    [Fact]
    [Trait("Upstream", "test_resolver_ipv4_address_lookup")]
    public async Task An_ipv4_address_is_its_own_answer()
    {
        using DefaultHostResolver resolver = WithoutLookUps();
        ResolverAnswer answer = await resolver.Ask("127.0.0.1", Loop).Within();
        Assert.Equal(IoError.None, answer.Error);
        Assert.Equal([new HostAddress("127.0.0.1", "127.0.0.1", AddressKind.A)], answer.Addresses);
        Assert.Same(Loop, answer.CalledOn);
    }

    [Fact]
    [Trait("Upstream", "test_resolver_ipv6_address_lookup")]
    public async Task An_ipv6_address_is_its_own_answer()
    {
        using DefaultHostResolver resolver = WithoutLookUps();
        ResolverAnswer answer = await resolver.Ask("::1", Loop).Within();
        Assert.Equal(IoError.None, answer.Error);
        Assert.Equal([new HostAddress("::1", "::1", AddressKind.AAAA)], answer.Addresses);
    }

    [Theory]
    [Trait("Upstream", "test_default_host_resolver_ipv6_address_variations")]
    [InlineData("0:0::1", "::1")]
    [InlineData("0:0:0:0:0:0:0:1", "::1")]
    [InlineData("FF01:0:0:0:0:0:0:43", "ff01::43")]
    [InlineData("2001:DB8::8:800:200C:417A", "2001:db8::8:800:200c:417a")]
    [InlineData("0:0:0:0:0:0:0:0", "::")]
    [InlineData("::ffff:129.144.52.38", "::ffff:129.144.52.38")]
    public async Task Ipv6_addresses_come_back_in_their_canonical_form(string text, string canonical)
    {
        using DefaultHostResolver resolver = WithoutLookUps();
        ResolverAnswer answer = await resolver.Ask(text, Loop).Within();
        Assert.Equal([canonical], answer.Texts);
        Assert.Equal(AddressKind.AAAA, answer.Addresses[0].Kind);
    }

    [Fact]
    public async Task A_literal_is_never_answered_inside_the_call()
    {
        using DefaultHostResolver resolver = WithoutLookUps();
        Task<ResolverAnswer> answer = await Loop.Call(() =>
        {
            Task<ResolverAnswer> asked = resolver.Ask("::1", Loop);
            Assert.False(asked.IsCompleted);
            return asked;
        });
        Assert.Equal(["::1"], (await answer.Within()).Texts);
    }

    private DefaultHostResolver WithoutLookUps() =>
        new(Group) { Lookup = static host => throw new InvalidOperationException($"'{host}' was looked up.") };
}

using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Resolution;

public sealed class NotALiteralTests : LoopTest
{
    [Theory]
    [InlineData("[::1]")]
    [InlineData("[::1]:443")]
    [InlineData("::1/64")]
    [InlineData("1234")]
    [InlineData("127.1")]
    [InlineData("a.b.c.d")]
    public async Task What_only_resembles_an_address_is_left_to_the_systems_resolver(string host)
    {
        using DefaultHostResolver resolver = new(Group) { Lookup = static _ => new(new IoError(IoErrorCode.DnsInvalidName)) };
        ResolverAnswer answer = await resolver.Ask(host, Loop).Within();
        Assert.Equal(IoErrorCode.DnsInvalidName, answer.Error.Code);
        Assert.Empty(answer.Addresses);
    }
}

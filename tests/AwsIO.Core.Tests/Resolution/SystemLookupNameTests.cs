namespace AwsIO.Tests.Resolution;

public sealed class SystemLookupNameTests
{
    [Theory]
    [InlineData("localhost\0.example")]
    [InlineData("127.0.0.1\0.example")]
    [InlineData("\0")]
    public void A_name_with_a_nul_in_it_is_not_cut_short(string host)
    {
        IoResult<IReadOnlyList<HostAddress>> result = SystemLookup.Resolve(host);
        Assert.Equal(IoErrorCode.DnsInvalidName, result.Error.Code);
    }

    [Theory]
    [InlineData(-2, IoErrorCode.DnsInvalidName)]
    [InlineData(-3, IoErrorCode.DnsQueryAgain)]
    [InlineData(-4, IoErrorCode.DnsQueryFailed)]
    [InlineData(-5, IoErrorCode.DnsNoAddressForHost)]
    [InlineData(-10, IoErrorCode.OutOfMemory)]
    [InlineData(-11, IoErrorCode.SystemCallFailure)]
    [InlineData(-6, IoErrorCode.SystemCallFailure)]
    public void Each_answer_of_the_system_has_its_code(int answer, IoErrorCode code) =>
        Assert.Equal(code, SystemLookup.ToCode(answer));
}

namespace AwsIO.Tests.Common;

public sealed class IoErrorCodeTests
{
    [Fact]
    [Trait("Upstream", "io_library_error_order")]
    public void Codes_keep_upstreams_numbers()
    {
        Assert.Equal(1024, (int)IoErrorCode.ChannelCantAcceptInput);
        Assert.Equal(1067, (int)IoErrorCode.TlsNegotiationTimeout);
        Assert.Equal(1194, (int)IoErrorCode.TlsHostNameMismatch);
        Assert.Equal(1195, (int)IoErrorCode.DnsQueryAgain);
        Assert.Equal(1039, (int)IoErrorCode.EventLoopThreadOnly);
        Assert.Equal(1078, (int)IoErrorCode.Pkcs11CkrCancel);
        Assert.Equal(1170, (int)IoErrorCode.Pkcs11CkrFunctionRejected);
    }

    [Fact]
    public void The_codes_of_upstreams_library_are_without_a_gap_and_none_is_used_twice()
    {
        int[] values = [.. Enum.GetNames<IoErrorCode>().Select(static name => (int)Enum.Parse<IoErrorCode>(name))];
        Assert.Equal(values.Length, values.Distinct().Count());
        Assert.Equal(Enumerable.Range(1024, 1195 - 1024 + 1), values.Where(static value => value is >= 1024 and <= 1195).Order());
        Assert.DoesNotContain(values, static value => value is > 1195 and < 1900);
    }
}

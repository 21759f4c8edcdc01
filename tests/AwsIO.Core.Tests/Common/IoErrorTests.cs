namespace AwsIO.Tests.Common;

public sealed class IoErrorTests
{
    [Fact]
    public void The_default_is_success()
    {
        IoError none = default;
        Assert.Equal(IoError.None, none);
        Assert.True(none.IsNone);
        Assert.False(none.IsError);
        Assert.Equal(IoErrorCode.Success, none.Code);
        Assert.Equal("no error", none.ToString());
    }

    [Fact]
    public void The_text_has_the_sentence_the_code_and_the_native_figure()
    {
        Assert.Equal("Connecting failed (SocketTimeout/110)", new IoError(IoErrorCode.SocketTimeout, 110, "Connecting failed").ToString());
        Assert.Equal("Connecting failed (SocketTimeout)", new IoError(IoErrorCode.SocketTimeout, "Connecting failed").ToString());
        Assert.StartsWith(new IoError(IoErrorCode.SocketTimeout).Detail, ((IoError)IoErrorCode.SocketTimeout).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_are_equal_by_code_and_native_figure_whatever_the_sentence()
    {
        IoError error = new(IoErrorCode.SocketTimeout, 110, "one");
        Assert.Equal(error, new IoError(IoErrorCode.SocketTimeout, 110, "another"));
        Assert.True(error == new IoError(IoErrorCode.SocketTimeout, 110, null));
        Assert.True(error != new IoError(IoErrorCode.SocketTimeout, 111, "one"));
        Assert.True(error != new IoError(IoErrorCode.SocketClosed, 110, "one"));
        Assert.Equal(error.GetHashCode(), new IoError(IoErrorCode.SocketTimeout, 110, "another").GetHashCode());
    }

    [Fact]
    public void Only_upstreams_retryable_codes_are_transient()
    {
        int[] retryable = [1047, 1048, 1050, 1051, 1057, 1060, 1067, 1195];
        IEnumerable<int> transient = Enum.GetValues<IoErrorCode>().Where(static code => new IoError(code).IsTransient)
            .Select(static code => (int)code);
        Assert.Equal(retryable, transient.Order());
    }

    [Fact]
    public void Codes_of_tls_are_those_whose_names_say_so()
    {
        // Key operations' digest and signature codes count; what concerns PKCS#11 does not.
        foreach (IoErrorCode code in Enum.GetValues<IoErrorCode>())
        {
            bool named = code.ToString().StartsWith("Tls", StringComparison.Ordinal) && (int)code != 1173;
            Assert.True(named == new IoError(code).IsTls, $"{code} = {(int)code}");
        }
    }

    [Fact]
    public void Every_code_has_a_sentence_of_its_own_kind()
    {
        string unknown = new IoError((IoErrorCode)999_999).Detail;
        foreach (IoErrorCode code in Enum.GetValues<IoErrorCode>())
        {
            string text = new IoError(code).Detail;
            Assert.NotEqual(unknown, text);
            Assert.NotEqual('.', text[^1]);
        }
    }
}

namespace AwsIO.Tests.Common;

public sealed class IoResultTests
{
    [Fact]
    public void A_success_has_a_value_and_no_error()
    {
        IoResult<int> result = new(5);
        Assert.True(result.IsSuccess);
        Assert.Equal(IoError.None, result.Error);
        Assert.Equal(5, result.Value);
        Assert.True(result.TryGetValue(out int value));
        Assert.Equal(5, value);
        Assert.Equal("5", result.ToString());
    }

    [Fact]
    public void A_failure_has_an_error_and_no_value()
    {
        IoResult<string> result = new(new IoError(IoErrorCode.SocketClosed, "gone"));
        Assert.False(result.IsSuccess);
        Assert.Equal(IoErrorCode.SocketClosed, result.Error.Code);
        Assert.False(result.TryGetValue(out string? value));
        Assert.Null(value);
        Assert.Contains("gone", Assert.Throws<InvalidOperationException>(() => result.Value).Message, StringComparison.Ordinal);
        Assert.Equal("gone (SocketClosed)", result.ToString());
    }

    [Fact]
    public void A_failure_without_an_error_is_a_mistake() =>
        Assert.Throws<ArgumentException>(static () => new IoResult<string>(IoError.None));
}

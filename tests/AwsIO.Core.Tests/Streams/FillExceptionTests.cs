using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Streams;

public sealed class FillExceptionTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public async Task A_read_that_throws_fails_the_fill_instead_of_leaving_it_pending(int throwAt)
    {
        using TestInputStream stream = new(new byte[100], TestInputStream.Completes.OnThread, 10) { ThrowAt = throwAt };
        IoBuffer buffer = new(64);
        Future<bool> fill = stream.ReadToFill(buffer);
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        fill.OnComplete(_ => done.SetResult());
        await done.Task.Within();
        Assert.Equal(IoErrorCode.StreamReadFailed, fill.Error.Code);
        Assert.Contains("on purpose", fill.Error.Detail, StringComparison.Ordinal);
        Assert.Equal(throwAt, buffer.Length);
    }
}

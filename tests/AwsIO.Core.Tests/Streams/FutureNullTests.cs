namespace AwsIO.Tests.Streams;

public sealed class FutureNullTests
{
    [Fact]
    [Trait("Upstream", "future_by_pointer_accepts_null_result")]
    public void Null_is_a_result_and_is_nothing_to_discard()
    {
        Future<MemoryStream?> future = new(static stream => stream!.Dispose());
        Assert.True(future.TrySetResult(null));
        Assert.True(future.IsDone);
        Assert.Equal(IoError.None, future.Error);
        Assert.Null(future.Result);
        Assert.False(future.TrySetResult(null));
        future.Dispose();
        Assert.False(future.TrySetResult(null));

        Future<MemoryStream?> taken = new(static stream => stream!.Dispose());
        Assert.True(taken.TrySetResult(null));
        Assert.Null(taken.TakeResult());
        taken.Dispose();
    }
}

using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Streams;

public sealed class AsyncInputStreamTests
{
    [Theory]
    [Trait("Upstream", "async_input_stream_fill_completes_on_thread")]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public async Task A_fill_goes_on_while_reads_complete_on_another_thread(int maxRead) =>
        await ReadAll(TestInputStream.Completes.OnThread, maxRead, bufferSize: 64);

    [Theory]
    [Trait("Upstream", "async_input_stream_fill_completes_immediately")]
    [InlineData(1, 64)]
    [InlineData(7, 64)]
    [InlineData(1, 200_000)]
    public async Task A_fill_goes_on_while_reads_complete_at_once_without_filling_the_stack(int maxRead, int bufferSize) =>
        await ReadAll(TestInputStream.Completes.AtOnce, maxRead, bufferSize);

    [Theory]
    [Trait("Upstream", "async_input_stream_fill_completes_randomly")]
    [InlineData(1)]
    [InlineData(7)]
    public async Task A_fill_goes_on_while_reads_complete_now_so_now_so(int maxRead) =>
        await ReadAll(TestInputStream.Completes.Randomly, maxRead, bufferSize: 64);

    [Fact]
    [Trait("Upstream", "async_input_stream_fill_eof_requires_extra_read")]
    public async Task A_stream_that_tells_its_end_late_needs_one_more_read()
    {
        byte[] data = [1, 2, 3];
        using TestInputStream stream = new(data, TestInputStream.Completes.AtOnce, 100) { EndNeedsExtraRead = true };
        IoBuffer exact = new(3);
        Assert.False(await Result(stream.ReadToFill(exact)));
        Assert.Equal(data, exact.Data.ToArray());

        IoBuffer fresh = new(3);
        Assert.True(await Result(stream.ReadToFill(fresh)));
        Assert.Equal(0, fresh.Length);
    }

    [Theory]
    [Trait("Upstream", "async_input_stream_fill_reports_error")]
    [InlineData(TestInputStream.Completes.AtOnce)]
    [InlineData(TestInputStream.Completes.OnThread)]
    internal async Task A_failing_read_fails_the_fill_with_its_error_and_keeps_what_came_before(TestInputStream.Completes how)
    {
        using TestInputStream stream = new(new byte[100], how, 10) { FailAt = 30 };
        IoBuffer buffer = new(64);
        Future<bool> fill = stream.ReadToFill(buffer);
        await Done(fill);
        Assert.Equal(IoErrorCode.StreamReadFailed, fill.Error.Code);
        Assert.Equal(5, fill.Error.NativeError);
        Assert.Equal(30, buffer.Length);
    }

    [Fact]
    public async Task A_full_buffer_is_refused_without_a_read()
    {
        using TestInputStream stream = new(new byte[10], TestInputStream.Completes.AtOnce, 10);
        IoBuffer full = new(0);
        Future<bool> read = stream.Read(full);
        Future<bool> fill = stream.ReadToFill(full);
        await Done(read);
        await Done(fill);
        Assert.Equal(IoErrorCode.ShortBuffer, read.Error.Code);
        Assert.Equal(IoErrorCode.ShortBuffer, fill.Error.Code);
        Assert.Equal(0, stream.Reads);
    }

    [Fact]
    public async Task A_single_read_gives_what_there_is()
    {
        using TestInputStream stream = new([1, 2, 3, 4, 5], TestInputStream.Completes.OnThread, 2);
        IoBuffer buffer = new(10);
        Assert.False(await Result(stream.Read(buffer)));
        Assert.Equal([1, 2], buffer.Data.ToArray());
        Assert.Equal(1, stream.Reads);
    }

    private static async Task ReadAll(TestInputStream.Completes how, int maxRead, int bufferSize)
    {
        byte[] data = new byte[bufferSize * 2 + 1];
        Random.Shared.NextBytes(data);
        using TestInputStream stream = new(data, how, maxRead);
        List<byte> received = [];
        bool ended = false;
        while (!ended)
        {
            IoBuffer buffer = new(bufferSize);
            ended = await Result(stream.ReadToFill(buffer));
            Assert.True(ended || buffer.IsFull);
            received.AddRange(buffer.Data.ToArray());
        }

        Assert.Equal(data, received);
        Assert.True(stream.Reads >= data.Length / maxRead);
    }

    private static async Task<bool> Result(Future<bool> future)
    {
        await Done(future);
        Assert.Equal(IoError.None, future.Error);
        return future.Result;
    }

    private static async Task Done(Future<bool> future)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        future.OnComplete(_ => done.SetResult());
        await done.Task.Within();
    }
}

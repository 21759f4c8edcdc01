using AwsIO.Tasks.Tests.Infrastructure;

namespace AwsIO.Tasks.Tests.Connections;

/// <summary>
/// One object stands behind all reads of a connection, and one behind all writes. Whoever holds on to the answer of an earlier
/// operation is refused, and disturbs no later one.
/// </summary>
public sealed class ValueTaskReuseTests : RuntimeTest
{
    [Theory, InlineData(ContinuationMode.ThreadPool), InlineData(ContinuationMode.Inline)]
    public async Task A_read_that_was_awaited_is_refused_and_the_next_is_not_disturbed(ContinuationMode mode)
    {
        (IoConnection client, IoConnection server) = await Pair(mode: mode);
        byte[] buffer = new byte[8];
        ValueTask<int> first = server.ReadAsync(buffer);
        Assert.False(first.IsCompleted);
        ValueTask<int> copy = first;
        await client.WriteAsync("a"u8.ToArray());
        Assert.Equal(1, await first.AsTask().Within());
        IsRefused(copy);

        // The object is another read's by now, first while that waits, then when it is done.
        ValueTask<int> second = server.ReadAsync(buffer);
        Assert.False(second.IsCompleted);
        IsRefused(copy);
        Task<int> awaited = second.AsTask();
        IsRefused(copy);
        await client.WriteAsync("b"u8.ToArray());
        Assert.Equal(1, await awaited.Within());
        IsRefused(copy);

        // A cancelled one is taken once as well.
        using CancellationTokenSource cancel = new();
        ValueTask<int> third = server.ReadAsync(buffer, cancel.Token);
        ValueTask<int> copyOfThird = third;
        await cancel.CancelAsync();
        await third.AsTask().Fails<OperationCanceledException>();
        IsRefused(copyOfThird);
        await client.WriteAsync("c"u8.ToArray());
        Assert.Equal(1, await server.ReadAsync(buffer).AsTask().Within());
    }

    [Theory, InlineData(ContinuationMode.ThreadPool), InlineData(ContinuationMode.Inline)]
    public async Task A_write_that_was_awaited_is_refused_and_the_next_is_not_disturbed(ContinuationMode mode)
    {
        (IoConnection client, IoConnection server) = await Pair(mode: mode);
        ValueTask first = client.FlushAsync();
        ValueTask copy = first;
        await first.AsTask().Within();
        IsRefused(copy);

        using CancellationTokenSource cancel = new();
        ValueTask second = client.WriteAsync(Bytes.TooMuch, cancel.Token);
        Assert.False(second.IsCompleted);
        IsRefused(copy);
        ValueTask copyOfSecond = second;
        await cancel.CancelAsync();
        await second.AsTask().Fails<OperationCanceledException>();
        IsRefused(copyOfSecond);
        IsRefused(copy);
        server.Abort();
    }

    [Fact]
    public async Task A_read_that_is_not_done_cannot_be_taken()
    {
        (IoConnection client, IoConnection server) = await Pair();
        byte[] buffer = new byte[8];
        ValueTask<int> read = server.ReadAsync(buffer);
        Assert.Throws<InvalidOperationException>(() => read.GetAwaiter().GetResult());
        await client.WriteAsync("a"u8.ToArray());
        Assert.Equal(1, await read.AsTask().Within());
    }

    private static void IsRefused(ValueTask<int> used) => Assert.Throws<InvalidOperationException>(() => used.GetAwaiter().GetResult());

    private static void IsRefused(ValueTask used) => Assert.Throws<InvalidOperationException>(() => used.GetAwaiter().GetResult());
}

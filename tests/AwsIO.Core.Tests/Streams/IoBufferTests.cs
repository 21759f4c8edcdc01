namespace AwsIO.Tests.Streams;

public sealed class IoBufferTests
{
    [Fact]
    public void A_buffer_is_filled_from_its_start_up_to_its_capacity()
    {
        IoBuffer buffer = new(5);
        Assert.Equal(3, buffer.Append([1, 2, 3]));
        Assert.Equal(2, buffer.FreeSpace.Length);
        buffer.FreeSpace.Span[0] = 4;
        buffer.Advance(1);
        Assert.False(buffer.IsFull);
        Assert.Equal(1, buffer.Append([5, 6, 7]));
        Assert.True(buffer.IsFull);
        Assert.Equal(0, buffer.Append([8]));
        Assert.Equal([1, 2, 3, 4, 5], buffer.Data.ToArray());

        buffer.Clear();
        Assert.Equal(0, buffer.Length);
        Assert.Equal(5, buffer.FreeSpace.Length);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(6)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public void Counting_more_than_there_is_room_for_is_refused(int count)
    {
        IoBuffer buffer = new(5);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Advance(count));
        Assert.Equal(0, buffer.Length);
    }

    [Fact]
    public void An_empty_buffer_is_full() => Assert.True(new IoBuffer(0).IsFull);
}

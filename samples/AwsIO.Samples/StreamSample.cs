using System.Text;
using AwsIO.Tasks;

namespace AwsIO.Samples;

/// <summary>A stream whose reads complete later, and a read that goes on until the buffer is full.</summary>
internal static class StreamSample
{
    internal static async Task RunAsync()
    {
        await using EventLoopGroup group = new(new EventLoopGroupOptions { LoopCount = 1 });
        FiveBytesAtATime stream = new(group.GetNextLoop());

        // <snippet read-to-fill>
        IoBuffer buffer = new(capacity: 12);
        bool ended = await stream.ReadToFill(buffer).AsTask();
        Console.WriteLine($"{buffer.Length} bytes: {Encoding.ASCII.GetString(buffer.Data.Span)}, {(ended ? "ended" : "there is more")}");
        // </snippet>
    }
}

// <snippet stream>
internal sealed class FiveBytesAtATime(EventLoop loop) : AsyncInputStream
{
    protected override Future<bool> ReadSome(IoBuffer buffer)
    {
        Future<bool> read = new();
        loop.Schedule(IoTask.Create((room, status) =>
        {
            room.Append("bytes"u8);      // as many as there is room for
            read.TrySetResult(false);    // true would say that the end was reached
        }, buffer));
        return read;
    }
}
// </snippet>

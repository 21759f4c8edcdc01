using System.Text;

namespace AwsIO.Samples;

/// <summary>Bytes from one loop to another through a pipe of the system.</summary>
internal static class PipesSample
{
    internal static async Task RunAsync()
    {
        await using EventLoopGroup group = new(new EventLoopGroupOptions { LoopCount = 2 });
        TaskCompletionSource<string> received = new(TaskCreationOptions.RunContinuationsAsynchronously);

        // <snippet pipe>
        using IoPipe pipe = IoPipe.Create(readLoop: group[0], writeLoop: group[1]).Value;
        PipeReader reader = new(received);

        pipe.ReadEnd.EventLoop.Schedule(IoTask.Create(
            (end, status) => _ = end.SubscribeReadable(reader.OnReadable, state: null), pipe.ReadEnd));

        pipe.WriteEnd.EventLoop.Schedule(IoTask.Create(
            static (end, status) =>
            {
                // Not copied: the bytes stay as they are until the callback. It closes the end, and so the reader learns of the end.
                _ = end.Write(
                    "from one loop to another"u8.ToArray(), static (writeEnd, error, written, data, state) => writeEnd?.Close(), state: null);
            },
            pipe.WriteEnd));
        // </snippet>
        Console.WriteLine(await received.Task);
    }
}

// <snippet pipe-reader>
internal sealed class PipeReader(TaskCompletionSource<string> received)
{
    private readonly byte[] _buffer = new byte[16];
    private readonly StringBuilder _text = new();

    public void OnReadable(IoPipeReadEnd end, IoError error, object? state)
    {
        // Either way there may be something to read: an edge, or what was written before the write end was closed.
        while (end.Read(_buffer, out int read).IsNone && read > 0)
        {
            _text.Append(Encoding.ASCII.GetString(_buffer, 0, read));
        }

        if (error.IsError)
        {
            _ = end.Close();
            received.TrySetResult(_text.ToString());
        }
    }
}
// </snippet>

using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Sockets.Pipes;

/// <summary>What upstream's tests of pipes prove, each over one loop and over two.</summary>
public abstract class PipeTwins : PipeTest
{
    private static readonly byte[] s_small = RandomBytes(4);

    protected async Task Ends_open_and_close()
    {
        IoPipe pipe = NewPipe();
        Func<int> openEnds = OpenEnds(pipe.ReadEnd);
        Assert.Equal(2, openEnds());
        Assert.Same(ReadLoop, pipe.ReadEnd.EventLoop);
        Assert.Same(WriteLoop, pipe.WriteEnd.EventLoop);
        Assert.True(pipe.ReadEnd.IsOpen && pipe.WriteEnd.IsOpen);

        Assert.Equal(IoError.None, await ReadLoop.Call(pipe.ReadEnd.Close));
        Assert.Equal((1, false, true), (openEnds(), pipe.ReadEnd.IsOpen, pipe.WriteEnd.IsOpen));
        Assert.Equal(IoError.None, await WriteLoop.Call(pipe.WriteEnd.Close));
        Assert.Equal((0, false, false), (openEnds(), pipe.ReadEnd.IsOpen, pipe.WriteEnd.IsOpen));
    }

    protected async Task What_is_written_is_read(int size)
    {
        IoPipe pipe = NewPipe();
        byte[] data = RandomBytes(size);
        Writes writes = new();
        Task<byte[]> read = await ReadLoop.Call(() => PipeDrain.Start(pipe.ReadEnd, size));
        await WriteLoop.Call(() => Assert.Equal(IoError.None, writes.Write(pipe.WriteEnd, data, "all", static end => end!.Close())));

        WriteEnding ending = await writes.Next();
        Assert.Equal((IoError.None, (long)size, (object)"all"), (ending.Error, ending.Bytes, ending.Name));
        Assert.Same(pipe.WriteEnd, ending.End);
        Assert.Same(WriteLoop, ending.CalledOn);
        byte[] got = await read.Within();
        Assert.True(data.AsSpan().SequenceEqual(got));
        Assert.Equal(IoError.None, await ReadLoop.Call(pipe.ReadEnd.Close));
        Assert.False(pipe.WriteEnd.IsOpen);
    }

    protected async Task A_write_is_told_once()
    {
        IoPipe pipe = NewPipe();
        ReadableEvents events = new();
        Assert.Equal(IoError.None, await ReadLoop.Call(() => events.SubscribeTo(pipe.ReadEnd)));
        await Turns();
        Assert.Equal(0, events.Readable);

        await Write(pipe);

        Assert.Equal(IoErrorCode.Success, await events.Next());
        await Turns();
        Assert.Equal((1, 0, 0), (events.Readable, events.Broken, events.Elsewhere));
        await Close(pipe);
    }

    protected async Task A_pipe_that_nobody_reads_is_told_of_no_more_than_what_happens()
    {
        IoPipe pipe = NewPipe();
        ReadableEvents events = new();
        Assert.Equal(IoError.None, await ReadLoop.Call(() => events.SubscribeTo(pipe.ReadEnd)));
        await Write(pipe);
        Assert.Equal(IoErrorCode.Success, await events.Next());
        await Write(pipe);
        await Turns();

        // Each write may be an event, and nothing else: the bytes that lie there are not told again.
        Assert.InRange(events.Readable, 1, 2);
        Assert.Equal(0, events.Broken);
        Assert.Equal(IoError.None, await WriteLoop.Call(pipe.WriteEnd.Close));
        await events.Until(IoErrorCode.BrokenPipe);
        await Turns();

        // The end is an event of its own, and the bytes that nobody has read may be told with it.
        Assert.InRange(events.Readable, 1, 3);
        Assert.Equal((1, 0), (events.Broken, events.Elsewhere));
        Assert.Equal(IoError.None, await ReadLoop.Call(pipe.ReadEnd.Close));
    }

    protected async Task A_subscription_is_told_of_what_was_there_before()
    {
        IoPipe pipe = NewPipe();
        await Write(pipe);
        ReadableEvents events = new();
        Assert.Equal(IoError.None, await ReadLoop.Call(() => events.SubscribeTo(pipe.ReadEnd)));

        Assert.Equal(IoErrorCode.Success, await events.Next());
        await Turns();
        Assert.Equal(1, events.Readable);
        await Close(pipe);
    }

    protected async Task A_second_subscription_is_told_of_what_was_not_read()
    {
        IoPipe pipe = NewPipe();
        await Write(pipe);
        ReadableEvents second = new();
        ReadableEvents first = new((end, _) =>
        {
            Assert.Equal(IoError.None, end.UnsubscribeReadable());
            Assert.Equal(IoError.None, second.SubscribeTo(end));
        });
        Assert.Equal(IoError.None, await ReadLoop.Call(() => first.SubscribeTo(pipe.ReadEnd)));

        Assert.Equal(IoErrorCode.Success, await second.Next());
        await Turns();
        Assert.Equal((1, 1), (first.Readable, second.Readable));
        await Close(pipe);
    }

    protected async Task After_all_was_read_the_next_write_is_told_again()
    {
        IoPipe pipe = NewPipe();
        int read = 0;
        ReadableEvents events = new((end, _) =>
        {
            byte[] buffer = new byte[64];
            while (end.Read(buffer, out int count).IsNone)
            {
                read += count;
            }
        });
        Assert.Equal(IoError.None, await ReadLoop.Call(() => events.SubscribeTo(pipe.ReadEnd)));
        for (int i = 1; i <= 2; i++)
        {
            await Write(pipe);
            Assert.Equal(IoErrorCode.Success, await events.Next());
            Assert.Equal(i * s_small.Length, read);
        }

        await Turns();
        Assert.Equal(2, events.Readable);
        await Close(pipe);
    }

    protected async Task The_end_of_the_writer_is_told_once()
    {
        IoPipe pipe = NewPipe();
        ReadableEvents events = new();
        Assert.Equal(IoError.None, await ReadLoop.Call(() => events.SubscribeTo(pipe.ReadEnd)));
        Assert.Equal(IoError.None, await WriteLoop.Call(pipe.WriteEnd.Close));

        await events.Until(IoErrorCode.BrokenPipe);
        await Turns();
        Assert.Equal((1, 0), (events.Broken, events.Elsewhere));
        Assert.Equal(IoError.None, await ReadLoop.Call(pipe.ReadEnd.Close));
    }

    protected async Task A_subscription_is_told_once_of_a_writer_that_has_ended_before()
    {
        IoPipe pipe = NewPipe();
        Assert.Equal(IoError.None, await WriteLoop.Call(pipe.WriteEnd.Close));
        ReadableEvents events = new();
        Assert.Equal(IoError.None, await ReadLoop.Call(() => events.SubscribeTo(pipe.ReadEnd)));

        await events.Until(IoErrorCode.BrokenPipe);
        await Turns();
        Assert.Equal(1, events.Broken);
        Assert.Equal(IoError.None, await ReadLoop.Call(pipe.ReadEnd.Close));
    }

    protected async Task Writes_go_out_and_complete_in_their_order()
    {
        const int chunks = 8;
        IoPipe pipe = NewPipe();
        byte[] data = RandomBytes(Giant);
        Writes writes = new();
        Task<byte[]> read = await ReadLoop.Call(() => PipeDrain.Start(pipe.ReadEnd, Giant));
        await WriteLoop.Call(() =>
        {
            for (int i = 0; i < chunks; i++)
            {
                Memory<byte> chunk = data.AsMemory(i * (Giant / chunks), Giant / chunks);
                Assert.Equal(IoError.None, writes.Write(pipe.WriteEnd, chunk, i));
            }
        });

        for (int i = 0; i < chunks; i++)
        {
            WriteEnding ending = await writes.Next();
            Assert.Equal((IoError.None, (long)Giant / chunks, (object)i), (ending.Error, ending.Bytes, ending.Name));
        }

        byte[] got = await read.Within();
        Assert.True(data.AsSpan().SequenceEqual(got));
        await Close(pipe);
    }

    protected async Task Closing_the_write_end_ends_a_write_that_is_stuck()
    {
        IoPipe pipe = NewPipe();
        Writes writes = new();
        WriteEnding? ending = await WriteLoop.Call(() =>
        {
            Assert.Equal(IoError.None, writes.Write(pipe.WriteEnd, new byte[Giant]));
            Assert.False(writes.TryNext(out _));
            Assert.Equal(IoError.None, pipe.WriteEnd.Close());
            Assert.True(writes.TryNext(out WriteEnding? told));
            return told;
        });

        Assert.Equal(IoErrorCode.BrokenPipe, ending!.Error.Code);
        Assert.InRange(ending.Bytes, 1, Giant - 1);
        Assert.Null(ending.End);
        Assert.Equal(IoError.None, await ReadLoop.Call(pipe.ReadEnd.Close));
    }

    private async Task Write(IoPipe pipe)
    {
        Writes writes = new();
        await WriteLoop.Call(() => Assert.Equal(IoError.None, writes.Write(pipe.WriteEnd, s_small)));
        Assert.Equal(IoError.None, (await writes.Next()).Error);
    }

    private async Task Close(IoPipe pipe)
    {
        Assert.Equal(IoError.None, await ReadLoop.Call(pipe.ReadEnd.Close));
        Assert.Equal(IoError.None, await WriteLoop.Call(pipe.WriteEnd.Close));
    }
}

using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Sockets.Pipes;

// Each read is to give all that is there: under a fault plan it gives less, or nothing yet.
[Trait("Category", "ExactCalls")]
public class PipeReadTests : PipeTest
{
    private readonly byte[] _buffer = new byte[100];

    [Fact]
    public async Task An_empty_pipe_would_block()
    {
        using IoPipe pipe = NewPipe();
        (IoError error, int count) = await Read(pipe);
        Assert.Equal((IoErrorCode.ReadWouldBlock, 0), (error.Code, count));
    }

    [Fact]
    public async Task A_read_gives_what_there_is_and_no_more_than_there_is_room_for()
    {
        using IoPipe pipe = NewPipe();
        byte[] data = RandomBytes(30);
        await Write(pipe, data);
        List<byte> got = [];
        foreach (int room in new[] { 20, 20 })
        {
            (IoError error, int count) = await Read(pipe, room);
            Assert.Equal(IoError.None, error);
            got.AddRange(_buffer.AsSpan(0, count));
        }

        Assert.Equal(data, got);
        Assert.Equal(IoErrorCode.ReadWouldBlock, (await Read(pipe)).Error.Code);
    }

    [Fact]
    public async Task Behind_the_last_byte_of_a_closed_writer_reads_succeed_without_bytes()
    {
        using IoPipe pipe = NewPipe();
        await Write(pipe, new byte[5]);
        await WriteLoop.Call(pipe.WriteEnd.Close);
        Assert.Equal((IoError.None, 5), await Read(pipe));
        Assert.Equal((IoError.None, 0), await Read(pipe));
        Assert.Equal((IoError.None, 0), await Read(pipe));
    }

    [Fact]
    public async Task A_read_into_no_room_reads_nothing()
    {
        using IoPipe pipe = NewPipe();
        Assert.Equal((IoError.None, 0), await Read(pipe, room: 0));
        await Write(pipe, new byte[5]);
        Assert.Equal((IoError.None, 0), await Read(pipe, room: 0));
        Assert.Equal((IoError.None, 5), await Read(pipe));
    }

    [Fact]
    public async Task Another_error_of_the_system_is_given_with_its_number()
    {
        // The write end of another pipe, which cannot be read.
        using TestPipe system = new();
        const int badDescriptor = 9;
        IoPipeReadEnd end = new(system.Writer.Descriptor, ReadLoop);
        IoError error = await ReadLoop.Call(() => end.Read(_buffer, out _));
        Assert.Equal((IoErrorCode.SystemCallFailure, badDescriptor), (error.Code, error.NativeError));
        Assert.StartsWith("Reading from a pipe failed: ", error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_use_on_another_thread_is_refused_and_harms_nothing()
    {
        using IoPipe pipe = NewPipe();
        ReadableEvents events = new();
        foreach (EventLoop? other in new[] { null, WriteLoop })
        {
            async Task<IoErrorCode> Tried(Func<IoError> use) => (other is null ? use() : await other.Call(use)).Code;

            Assert.Equal(IoErrorCode.EventLoopThreadOnly, await Tried(() => pipe.ReadEnd.Read(_buffer, out _)));
            Assert.Equal(IoErrorCode.EventLoopThreadOnly, await Tried(() => events.SubscribeTo(pipe.ReadEnd)));
            Assert.Equal(IoErrorCode.EventLoopThreadOnly, await Tried(pipe.ReadEnd.UnsubscribeReadable));
            Assert.Equal(IoErrorCode.EventLoopThreadOnly, await Tried(pipe.ReadEnd.Close));
        }

        Assert.Contains(ReadLoop.Name, pipe.ReadEnd.Close().Detail, StringComparison.Ordinal);
        Assert.True(pipe.ReadEnd.IsOpen);
        await Write(pipe, new byte[5]);
        Assert.Equal((IoError.None, 5), await Read(pipe));
        await Turns();
        Assert.Equal(0, events.Readable);
    }

    [Fact]
    public async Task Every_use_of_a_closed_end_is_a_broken_pipe_on_any_thread()
    {
        using IoPipe pipe = NewPipe();
        Assert.Equal(IoError.None, await ReadLoop.Call(pipe.ReadEnd.Close));
        ReadableEvents events = new();
        Func<IoError>[] uses =
        [
            () => pipe.ReadEnd.Read(_buffer, out _),
            () => events.SubscribeTo(pipe.ReadEnd),
            pipe.ReadEnd.UnsubscribeReadable,
            pipe.ReadEnd.Close,
        ];
        foreach (Func<IoError> use in uses)
        {
            Assert.Equal(IoErrorCode.BrokenPipe, (await ReadLoop.Call(use)).Code);
            Assert.Equal(IoErrorCode.BrokenPipe, use().Code);
        }

        Assert.Same(ReadLoop, pipe.ReadEnd.EventLoop);
    }

    [Fact]
    public void A_subscription_needs_a_callback()
    {
        using IoPipe pipe = NewPipe();
        Assert.Throws<ArgumentNullException>(() => pipe.ReadEnd.SubscribeReadable(null!, null));
    }

    private async Task<(IoError Error, int Count)> Read(IoPipe pipe, int room = 100) => await ReadLoop.Call(() =>
    {
        IoError error = pipe.ReadEnd.Read(_buffer.AsSpan(0, room), out int count);
        return (error, count);
    });

    private Task Write(IoPipe pipe, byte[] data) =>
        WriteLoop.Call(() => Assert.Equal(IoError.None, pipe.WriteEnd.Write(data, null, null)));
}

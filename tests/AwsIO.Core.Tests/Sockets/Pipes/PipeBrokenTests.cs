using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Sockets.Pipes;

/// <summary>Writing to a pipe whose read end is closed. Upstream's writes that wait for room then would wait for ever.</summary>
// Each write is to fail inside the call, or to fill the pipe: under a fault plan it waits.
[Trait("Category", "ExactCalls")]
public class PipeBrokenTests : PipeTest
{
    private readonly Writes _writes = new();

    [Fact]
    public async Task A_write_fails_inside_the_call()
    {
        using IoPipe pipe = NewPipe();
        Assert.Equal(IoError.None, await ReadLoop.Call(pipe.ReadEnd.Close));
        await WriteLoop.Call(() =>
        {
            for (int i = 0; i < 2; i++)
            {
                Assert.Equal(IoError.None, _writes.Write(pipe.WriteEnd, new byte[5], i));
                Assert.True(_writes.TryNext(out WriteEnding? ending));
                Assert.Equal((IoErrorCode.BrokenPipe, 32), (ending!.Error.Code, ending.Error.NativeError));
                Assert.Equal((0L, (object)i, pipe.WriteEnd), (ending.Bytes, ending.Name, ending.End));
            }

            // To be closed it is all the same.
            Assert.True(pipe.WriteEnd.IsOpen);
            Assert.Equal(IoError.None, pipe.WriteEnd.Close());
        });
    }

    [Fact]
    public async Task Writes_that_wait_for_room_fail_in_order_with_what_was_written_of_each()
    {
        using IoPipe pipe = NewPipe();
        long queued = await WriteLoop.Call(() =>
        {
            _writes.Write(pipe.WriteEnd, new byte[Giant], 0);
            _writes.Write(pipe.WriteEnd, new byte[10], 1);
            _writes.Write(pipe.WriteEnd, default, 2);
            Assert.False(_writes.TryNext(out _));
            return pipe.WriteEnd.QueuedBytes;
        });
        Assert.Equal(IoError.None, await ReadLoop.Call(pipe.ReadEnd.Close));
        long[] written = [Giant + 10 - queued, 0, 0];
        for (int i = 0; i < 3; i++)
        {
            WriteEnding ending = await _writes.Next();
            Assert.Equal(IoErrorCode.BrokenPipe, ending.Error.Code);
            Assert.Equal((written[i], (object)i, pipe.WriteEnd), (ending.Bytes, ending.Name, ending.End));
            Assert.Same(WriteLoop, ending.CalledOn);
        }

        Assert.Equal(0, await WriteLoop.Call(() => pipe.WriteEnd.QueuedBytes));
    }

    [Fact]
    public async Task A_write_that_waits_fails_also_where_the_pipe_was_read_before()
    {
        using IoPipe pipe = NewPipe();
        await WriteLoop.Call(() => _writes.Write(pipe.WriteEnd, new byte[Giant]));
        Task<byte[]> read = await ReadLoop.Call(() => PipeDrain.Start(pipe.ReadEnd, 1_000_000));
        await read.Within();
        Assert.Equal(IoError.None, await ReadLoop.Call(pipe.ReadEnd.Close));
        WriteEnding ending = await _writes.Next();
        Assert.Equal(IoErrorCode.BrokenPipe, ending.Error.Code);
        Assert.InRange(ending.Bytes, 1_000_000, Giant - 1);
    }

    [Fact]
    public async Task A_failure_ends_what_is_queued_and_what_its_callbacks_write_is_tried_anew()
    {
        using IoPipe pipe = NewPipe();
        int left = 3000;
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await WriteLoop.Call(() =>
        {
            pipe.WriteEnd.Write(new byte[Giant], Again, null);
            pipe.WriteEnd.Write(new byte[Giant], Again, null);
        });
        Assert.Equal(IoError.None, await ReadLoop.Call(pipe.ReadEnd.Close));
        await done.Task.Within();
        Assert.Equal(0, left);

        // Each failure writes once more: they end in turns, not in a recursion.
        void Again(IoPipeWriteEnd? end, IoError error, long bytes, ReadOnlyMemory<byte> data, object? state)
        {
            Assert.Equal(IoErrorCode.BrokenPipe, error.Code);
            if (left == 0)
            {
                done.TrySetResult();
            }
            else
            {
                left--;
                Assert.Equal(IoError.None, end!.Write(new byte[1], Again, null));
            }
        }
    }

    [Fact]
    public async Task Another_error_of_the_system_fails_the_write_with_its_number()
    {
        // The read end of another pipe, which cannot be written to.
        using TestPipe system = new();
        IoPipeWriteEnd end = new(system.Reader.Descriptor, WriteLoop);
        const int badDescriptor = 9;
        await WriteLoop.Call(() =>
        {
            Assert.Equal(IoError.None, _writes.Write(end, new byte[5]));
            Assert.True(_writes.TryNext(out WriteEnding? ending));
            Assert.Equal((IoErrorCode.SystemCallFailure, badDescriptor), (ending!.Error.Code, ending.Error.NativeError));
            Assert.Equal(0, end.QueuedBytes);
        });
    }
}

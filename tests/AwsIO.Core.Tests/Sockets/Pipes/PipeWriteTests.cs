using AwsIO.Tests.Infrastructure;
using Microsoft.Extensions.Logging;

namespace AwsIO.Tests.Sockets.Pipes;

public class PipeWriteTests : PipeTest
{
    private readonly RecordingLoggerFactory _log = new(LogLevel.Error);
    private readonly Writes _writes = new();

    protected override ILoggerFactory LoggerFactory => _log;

    // Its first write is to go out whole: under a fault plan it waits.
    [Fact]
    [Trait("Category", "ExactCalls")]
    public async Task A_write_completes_inside_the_call_where_the_pipe_has_room()
    {
        using IoPipe pipe = NewPipe();
        ReadOnlyMemory<byte> data = RandomBytes(50);
        WriteEnding? ending = await WriteLoop.Call(() =>
        {
            Assert.Equal(IoError.None, _writes.Write(pipe.WriteEnd, data, "name"));
            Assert.True(_writes.TryNext(out WriteEnding? told));
            return told;
        });
        Assert.Equal(new WriteEnding(pipe.WriteEnd, IoError.None, 50, data, "name", WriteLoop), ending);
    }

    // Its first write is to go out whole: under a fault plan it waits.
    [Fact]
    [Trait("Category", "ExactCalls")]
    public async Task A_write_inside_a_callback_waits_until_the_callback_returns()
    {
        using IoPipe pipe = NewPipe();
        List<string> order = [];
        await WriteLoop.Call(() =>
        {
            order.Add("call 1");
            pipe.WriteEnd.Write(new byte[1], Outer, null);
            order.Add("back 1");
        });
        Assert.Equal(["call 1", "outer in", "call 2", "back 2", "call 3", "back 3", "outer out", "2 over", "3 over", "back 1"], order);

        void Outer(IoPipeWriteEnd? end, IoError error, long bytes, ReadOnlyMemory<byte> data, object? state)
        {
            order.Add("outer in");
            for (int i = 2; i <= 3; i++)
            {
                order.Add($"call {i}");
                end!.Write(new byte[1], (_, _, _, _, name) => order.Add($"{name} over"), i);
                order.Add($"back {i}");
            }

            order.Add("outer out");
        }
    }

    [Fact]
    public async Task Nothing_is_written_as_anything_else_is_in_its_place_in_the_queue()
    {
        using IoPipe pipe = NewPipe();
        await WriteLoop.Call(() =>
        {
            Assert.Equal(IoError.None, _writes.Write(pipe.WriteEnd, default, "empty"));
            Assert.True(_writes.TryNext(out WriteEnding? told));
            Assert.Equal(("empty", IoError.None, 0L), (told!.Name, told.Error, told.Bytes));
            _writes.Write(pipe.WriteEnd, new byte[Giant], "giant");
            _writes.Write(pipe.WriteEnd, default, "empty");
            _writes.Write(pipe.WriteEnd, new byte[1], "one");
            Assert.False(_writes.TryNext(out _));
        });
        Task<byte[]> read = await ReadLoop.Call(() => PipeDrain.Start(pipe.ReadEnd, Giant + 1));
        await read.Within();
        foreach (string name in new[] { "giant", "empty", "one" })
        {
            WriteEnding ending = await _writes.Next();
            Assert.Equal((name, IoError.None), (ending.Name, ending.Error));
        }
    }

    // Its first write is to go out whole: under a fault plan it waits.
    [Fact]
    [Trait("Category", "ExactCalls")]
    public async Task Queued_bytes_are_counted()
    {
        using IoPipe pipe = NewPipe();
        await WriteLoop.Call(() =>
        {
            pipe.WriteEnd.Write(new byte[100], null, null);
            Assert.Equal(0, pipe.WriteEnd.QueuedBytes);
            pipe.WriteEnd.Write(new byte[Giant], null, null);
            Assert.InRange(pipe.WriteEnd.QueuedBytes, 1, Giant - 1);
            long before = pipe.WriteEnd.QueuedBytes;
            pipe.WriteEnd.Write(new byte[1000], null, null);
            Assert.Equal(before + 1000, pipe.WriteEnd.QueuedBytes);
        });
        Task<byte[]> read = await ReadLoop.Call(() => PipeDrain.Start(pipe.ReadEnd, Giant + 1100));
        await read.Within();
        Assert.Equal(0, await WriteLoop.Call(() => pipe.WriteEnd.QueuedBytes));
        await WriteLoop.Call(() =>
        {
            pipe.WriteEnd.Write(new byte[Giant], null, null);
            pipe.WriteEnd.Close();
            Assert.Equal(0, pipe.WriteEnd.QueuedBytes);
        });
    }

    [Fact]
    public async Task Closing_completes_what_waits_in_order_with_what_was_written_of_each()
    {
        using IoPipe pipe = NewPipe();
        List<WriteEnding> endings = [];
        long queued = await WriteLoop.Call(() =>
        {
            _writes.Write(pipe.WriteEnd, new byte[Giant], 0);
            _writes.Write(pipe.WriteEnd, new byte[10], 1);
            _writes.Write(pipe.WriteEnd, default, 2);
            long left = pipe.WriteEnd.QueuedBytes;
            Assert.Equal(IoError.None, pipe.WriteEnd.Close());
            while (_writes.TryNext(out WriteEnding? ending))
            {
                endings.Add(ending!);
            }

            return left;
        });
        Assert.Equal([0, 1, 2], endings.Select(static ending => (int)ending.Name!));
        Assert.Equal([Giant + 10 - queued, 0, 0], endings.Select(static ending => ending.Bytes));
        Assert.All(endings, static ending => Assert.Equal(IoErrorCode.BrokenPipe, ending.Error.Code));
        Assert.All(endings, static ending => Assert.Null(ending.End));
    }

    // Its first write is to go out whole: under a fault plan it waits.
    [Fact]
    [Trait("Category", "ExactCalls")]
    public async Task The_end_may_be_closed_by_its_own_callback_and_the_rest_is_told_before_that_call_returns()
    {
        using IoPipe pipe = NewPipe();
        List<string> order = [];
        IoPipeWriteEnd writer = pipe.WriteEnd;
        await WriteLoop.Call(() =>
        {
            writer.Write(new byte[1], Outer, null);
            order.Add("returned");
            Assert.Equal(IoErrorCode.BrokenPipe, writer.Write(new byte[1], Note, "late").Code);
        });
        Assert.Equal(["closing", "2 BrokenPipe True", "3 BrokenPipe True", "closed Success", "again BrokenPipe", "returned"], order);
        Assert.False(writer.IsOpen);

        void Note(IoPipeWriteEnd? end, IoError error, long bytes, ReadOnlyMemory<byte> data, object? state)
        {
            // Writing and closing are refused by now, and recurse into nothing.
            Assert.Equal(IoErrorCode.BrokenPipe, writer.Write(new byte[1], Note, "later").Code);
            Assert.Equal(IoErrorCode.BrokenPipe, writer.Close().Code);
            order.Add($"{state} {error.Code} {end is null}");
        }

        void Outer(IoPipeWriteEnd? end, IoError error, long bytes, ReadOnlyMemory<byte> data, object? state)
        {
            writer.Write(new byte[1], Note, 2);
            writer.Write(new byte[1], Note, 3);
            order.Add("closing");
            order.Add($"closed {writer.Close().Code}");
            order.Add($"again {writer.Close().Code}");
        }
    }

    [Fact]
    public async Task Callbacks_that_throw_are_logged_and_each_write_is_told_once()
    {
        using IoPipe pipe = NewPipe();
        FormatException thrown = new("on purpose");
        List<int> told = [];
        void Throw(IoPipeWriteEnd? end, IoError error, long bytes, ReadOnlyMemory<byte> data, object? state)
        {
            told.Add((int)state!);
            throw thrown;
        }

        await WriteLoop.Call(() =>
        {
            // Inside the call, when there is room again, and when the end is closed.
            Assert.Equal(IoError.None, pipe.WriteEnd.Write(new byte[1], Throw, 0));
            Assert.Equal(IoError.None, pipe.WriteEnd.Write(new byte[Giant], Throw, 1));
            Assert.Equal(IoError.None, pipe.WriteEnd.Write(new byte[1], Throw, 2));
        });
        Task<byte[]> read = await ReadLoop.Call(() => PipeDrain.Start(pipe.ReadEnd, Giant + 2));
        await read.Within();
        await WriteLoop.Turn();
        await WriteLoop.Call(() =>
        {
            pipe.WriteEnd.Write(new byte[Giant], Throw, 3);
            pipe.WriteEnd.Write(new byte[1], Throw, 4);
            Assert.Equal(IoError.None, pipe.WriteEnd.Close());
        });
        Assert.Equal([0, 1, 2, 3, 4], told);
        Assert.Equal(Enumerable.Repeat(thrown, 5), _log.Lines.Select(static line => line.Exception));
    }

    [Fact]
    public async Task Every_use_on_another_thread_is_refused()
    {
        using IoPipe pipe = NewPipe();
        foreach (EventLoop? other in new[] { null, ReadLoop })
        {
            async Task<IoErrorCode> Tried(Func<IoError> use) => (other is null ? use() : await other.Call(use)).Code;

            Assert.Equal(IoErrorCode.EventLoopThreadOnly, await Tried(() => _writes.Write(pipe.WriteEnd, new byte[5])));
            Assert.Equal(IoErrorCode.EventLoopThreadOnly, await Tried(pipe.WriteEnd.Close));
        }

        Assert.True(pipe.WriteEnd.IsOpen);
        Assert.False(_writes.TryNext(out _));
    }

    [Fact]
    public async Task Every_use_of_a_closed_end_is_a_broken_pipe_of_which_no_callback_is_told()
    {
        using IoPipe pipe = NewPipe();
        Assert.Equal(IoError.None, await WriteLoop.Call(pipe.WriteEnd.Close));
        Func<IoError>[] uses = [() => _writes.Write(pipe.WriteEnd, new byte[5]), pipe.WriteEnd.Close];
        foreach (Func<IoError> use in uses)
        {
            Assert.Equal(IoErrorCode.BrokenPipe, (await WriteLoop.Call(use)).Code);
            Assert.Equal(IoErrorCode.BrokenPipe, use().Code);
        }

        Assert.Same(WriteLoop, pipe.WriteEnd.EventLoop);
        Assert.False(_writes.TryNext(out _));
    }

    [Fact]
    public async Task Writes_without_a_callback_are_written_all_the_same()
    {
        using IoPipe pipe = NewPipe();
        byte[] data = RandomBytes(1_000_000);
        await WriteLoop.Call(() =>
        {
            Assert.Equal(IoError.None, pipe.WriteEnd.Write(data.AsMemory(0, 400_000), null, null));
            Assert.Equal(IoError.None, pipe.WriteEnd.Write(data.AsMemory(400_000), null, "state of nobody"));
        });
        Task<byte[]> read = await ReadLoop.Call(() => PipeDrain.Start(pipe.ReadEnd, data.Length));
        Assert.Equal(data, await read.Within());
    }

    [Fact]
    public async Task A_callback_that_writes_on_and_on_leaves_the_loop_to_others()
    {
        using IoPipe pipe = NewPipe();
        bool othersHadTheirTurn = false;
        TaskCompletionSource<int> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int written = 0;
        await WriteLoop.Call(() =>
        {
            WriteLoop.Schedule(IoTask.Create((_, _) => othersHadTheirTurn = true, 0));

            // None of these ever fills the pipe.
            pipe.WriteEnd.Write(default, Again, null);
        });
        Assert.InRange(await ended.Task.Within(), 1, 100_000);

        void Again(IoPipeWriteEnd? end, IoError error, long bytes, ReadOnlyMemory<byte> data, object? state)
        {
            written++;
            if (othersHadTheirTurn || end is null)
            {
                ended.SetResult(written);
            }
            else
            {
                end.Write(default, Again, null);
            }
        }
    }

    // Each read is to give all that is there: under a fault plan it gives less, or nothing yet.
    [Fact]
    [Trait("Category", "ExactCalls")]
    public async Task A_reader_that_always_makes_room_leaves_the_loop_to_others_too()
    {
        using IoPipe pipe = IoPipe.Create(Loop, Loop).Value;
        byte[] data = new byte[32 * 1024];
        byte[] buffer = new byte[data.Length];
        bool othersHadTheirTurn = false;
        TaskCompletionSource<long> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        long written = 0;
        await Loop.Call(() =>
        {
            Loop.Schedule(IoTask.Create((_, _) => othersHadTheirTurn = true, 0));
            pipe.WriteEnd.Write(data, Again, null);
        });

        // A MiB in the first call, another where the event that there is room comes before the others' turn, and the write that sees it.
        Assert.InRange(await ended.Task.Within(), 1, 3 * 1024 * 1024);

        void Again(IoPipeWriteEnd? end, IoError error, long bytes, ReadOnlyMemory<byte> memory, object? state)
        {
            written += bytes;
            Assert.Equal(IoError.None, pipe.ReadEnd.Read(buffer, out _));
            if (othersHadTheirTurn || end is null)
            {
                ended.SetResult(written);
            }
            else
            {
                end.Write(data, Again, null);
            }
        }
    }
}

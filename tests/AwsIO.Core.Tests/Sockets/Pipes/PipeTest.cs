using System.Threading.Channels;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Sockets.Pipes;

/// <summary>A test of pipes. Unless a class says otherwise, the ends live on two loops of one group.</summary>
public abstract class PipeTest : LoopTest
{
    internal const int Giant = 32 * 1024 * 1024;

    protected override int LoopCount => 2;

    internal EventLoop ReadLoop => Group[0];

    internal EventLoop WriteLoop => Group[Group.Count - 1];

    internal IoPipe NewPipe()
    {
        IoResult<IoPipe> pipe = IoPipe.Create(ReadLoop, WriteLoop);
        Assert.Equal(IoError.None, pipe.Error);
        return pipe.Value;
    }

    /// <summary>How many descriptors of this process are ends of the pipe that an end belongs to.</summary>
    internal static Func<int> OpenEnds(IoPipeEnd end)
    {
        string pipe = new FileInfo($"/proc/self/fd/{end.Handle.Descriptor}").LinkTarget!;
        Assert.StartsWith("pipe:", pipe, StringComparison.Ordinal);
        return () => Descriptors.Open().Count(descriptor => descriptor.EndsWith(pipe, StringComparison.Ordinal));
    }

    internal static byte[] RandomBytes(int count, int seed = 7)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Lets either loop report what there is to report.</summary>
    internal async Task Turns()
    {
        for (int i = 0; i < 3; i++)
        {
            await ReadLoop.Turn();
            await WriteLoop.Turn();
        }
    }
}

/// <summary>What a read end's subscription was told.</summary>
internal sealed class ReadableEvents(Action<IoPipeReadEnd, IoError>? then = null)
{
    private readonly Channel<IoErrorCode> _codes = Channel.CreateUnbounded<IoErrorCode>();
    private int _readable;
    private int _broken;
    private int _elsewhere;

    /// <summary>How often there was something to read.</summary>
    internal int Readable => Volatile.Read(ref _readable);

    /// <summary>How often the write end was closed.</summary>
    internal int Broken => Volatile.Read(ref _broken);

    /// <summary>How often it was told on another thread than the end's loop's.</summary>
    internal int Elsewhere => Volatile.Read(ref _elsewhere);

    internal Task<IoErrorCode> Next() => _codes.Reader.Next("the next event of a pipe");

    internal async Task Until(IoErrorCode code)
    {
        while (await Next() != code)
        {
        }
    }

    internal IoError SubscribeTo(IoPipeReadEnd end) =>
        end.SubscribeReadable(static (readEnd, error, state) => ((ReadableEvents)state!).On(readEnd, error), this);

    private void On(IoPipeReadEnd end, IoError error)
    {
        Interlocked.Increment(ref error.IsNone ? ref _readable : ref _broken);
        if (!end.EventLoop.IsOnLoop)
        {
            Interlocked.Increment(ref _elsewhere);
        }

        try
        {
            then?.Invoke(end, error);
        }
        finally
        {
            _codes.Writer.TryWrite(error.Code);
        }
    }
}

/// <summary>Writes that note their end.</summary>
internal sealed class Writes
{
    private readonly Channel<WriteEnding> _endings = Channel.CreateUnbounded<WriteEnding>();

    internal Task<WriteEnding> Next() => _endings.Reader.Next("the next write's end");

    internal bool TryNext(out WriteEnding? ending) => _endings.Reader.TryRead(out ending);

    /// <summary>Writes. Loop thread only.</summary>
    internal IoError Write(IoPipeWriteEnd end, ReadOnlyMemory<byte> data, object? name = null, Action<IoPipeWriteEnd?>? then = null) =>
        end.Write(
            data,
            (writeEnd, error, bytes, memory, state) =>
            {
                _endings.Writer.TryWrite(new WriteEnding(writeEnd, error, bytes, memory, state, EventLoop.Current));
                then?.Invoke(writeEnd);
            },
            name);
}

internal sealed record WriteEnding(
    IoPipeWriteEnd? End, IoError Error, long Bytes, ReadOnlyMemory<byte> Data, object? Name, EventLoop? CalledOn);

/// <summary>Reads a pipe to a number of bytes or to its end.</summary>
internal sealed class PipeDrain
{
    private readonly TaskCompletionSource<byte[]> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] _bytes;
    private int _count;

    private PipeDrain(int most) => _bytes = new byte[most];

    /// <summary>Subscribes a read end; what was read comes when that is all, or the end. Loop thread only.</summary>
    internal static Task<byte[]> Start(IoPipeReadEnd end, int most)
    {
        PipeDrain drain = new(most);
        Assert.Equal(IoError.None, end.SubscribeReadable(static (readEnd, _, state) => ((PipeDrain)state!).OnReadable(readEnd), drain));
        return drain._done.Task;
    }

    private void OnReadable(IoPipeReadEnd end)
    {
        while (!_done.Task.IsCompleted)
        {
            IoError error = end.Read(_bytes.AsSpan(_count), out int count);
            if (error.Code == IoErrorCode.ReadWouldBlock)
            {
                return;
            }

            _count += count;
            if (error.IsError)
            {
                _done.SetException(new InvalidOperationException(error.ToString()));
            }
            else if (count == 0 || _count == _bytes.Length)
            {
                _done.SetResult(_bytes[.._count]);
            }
        }
    }
}

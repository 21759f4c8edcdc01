using System.Buffers;
using AwsIO.Tests.Infrastructure;
using Microsoft.Extensions.Logging;

namespace AwsIO.Tests.Sockets.Pipes;

/// <summary>The memory of writes: not copied, kept in its place while it waits, given back before the callback.</summary>
public class PipeMemoryTests : PipeTest
{
    private readonly RecordingLoggerFactory _log = new(LogLevel.Error);
    private readonly Writes _writes = new();

    protected override ILoggerFactory LoggerFactory => _log;

    [Fact]
    public async Task Bytes_that_wait_are_not_copied()
    {
        using IoPipe pipe = NewPipe();
        byte[] last = new byte[10];
        await WriteLoop.Call(() =>
        {
            _writes.Write(pipe.WriteEnd, new byte[Giant]);
            _writes.Write(pipe.WriteEnd, last);
            Array.Fill(last, (byte)77);
        });
        Task<byte[]> read = await ReadLoop.Call(() => PipeDrain.Start(pipe.ReadEnd, Giant + 10));
        Assert.Equal(last, (await read.Within())[Giant..]);
    }

    [Fact]
    public async Task Waiting_memory_stays_in_its_place_through_collections()
    {
        using IoPipe pipe = NewPipe();
        byte[] expected = RandomBytes(3_000_000);
        await WriteLoop.Call(() =>
        {
            for (int i = 0; i < expected.Length; i += 1000)
            {
                // Small arrays are moved by a collection, unless something holds them in their place.
                pipe.WriteEnd.Write(expected.AsSpan(i, 1000).ToArray(), null, null);
                _ = new byte[200];
            }
        });
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
        Task<byte[]> read = await ReadLoop.Call(() => PipeDrain.Start(pipe.ReadEnd, expected.Length));
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
        byte[] got = await read.Within();
        Assert.True(expected.AsSpan().SequenceEqual(got));
    }

    // Its first write is to go out whole: under a fault plan it waits.
    [Fact]
    [Trait("Category", "ExactCalls")]
    public async Task Each_write_has_let_go_of_its_memory_when_it_is_told()
    {
        using IoPipe pipe = NewPipe();
        Memory quick = new(10);
        Memory giant = new(Giant);
        Memory canceled = new(10);
        List<int> pinsWhenTold = [];
        void Note(IoPipeWriteEnd? end, IoError error, long bytes, ReadOnlyMemory<byte> data, object? state) =>
            pinsWhenTold.Add(((Memory)state!).Pins);

        await WriteLoop.Call(() =>
        {
            pipe.WriteEnd.Write(quick.Memory, Note, quick);
            pipe.WriteEnd.Write(giant.Memory, Note, giant);
            pipe.WriteEnd.Write(canceled.Memory, Note, canceled);
            Assert.Equal((0, 1, 1), (quick.Pins, giant.Pins, canceled.Pins));
            Assert.Equal(IoError.None, pipe.WriteEnd.Close());
        });
        Assert.Equal([0, 0, 0], pinsWhenTold);
        Assert.Equal((1, 1, 1), (quick.TotalPins, giant.TotalPins, canceled.TotalPins));
    }

    // Its first write is to go out whole: under a fault plan it waits.
    [Fact]
    [Trait("Category", "ExactCalls")]
    public async Task Memory_that_cannot_be_had_is_a_mistake_of_the_call_and_queues_nothing()
    {
        using IoPipe pipe = NewPipe();
        Memory memory = new(10) { PinFails = true };
        await WriteLoop.Call(() =>
        {
            Assert.Throws<ObjectDisposedException>(() => _writes.Write(pipe.WriteEnd, memory.Memory));
            Assert.Equal(0, pipe.WriteEnd.QueuedBytes);
            Assert.Equal(IoError.None, _writes.Write(pipe.WriteEnd, new byte[3], "next"));
            Assert.True(_writes.TryNext(out WriteEnding? ending));
            Assert.Equal(("next", IoError.None), (ending!.Name, ending.Error));
        });
    }

    // Its first write is to go out whole: under a fault plan it waits.
    [Fact]
    [Trait("Category", "ExactCalls")]
    public async Task A_manager_that_fails_to_take_its_memory_back_is_logged_and_the_write_told_all_the_same()
    {
        using IoPipe pipe = NewPipe();
        Memory memory = new(10) { UnpinFails = true };
        await WriteLoop.Call(() =>
        {
            Assert.Equal(IoError.None, _writes.Write(pipe.WriteEnd, memory.Memory));
            Assert.True(_writes.TryNext(out WriteEnding? ending));
            Assert.Equal((IoError.None, 10L), (ending!.Error, ending.Bytes));
        });
        Assert.IsType<FormatException>(Assert.Single(_log.Lines).Exception);
    }

    private sealed class Memory(int length) : MemoryManager<byte>
    {
        private readonly byte[] _bytes = GC.AllocateArray<byte>(length, pinned: true);

        internal int Pins { get; private set; }

        internal int TotalPins { get; private set; }

        internal bool PinFails { get; init; }

        internal bool UnpinFails { get; init; }

        public override Span<byte> GetSpan() => _bytes;

        public override unsafe MemoryHandle Pin(int elementIndex = 0)
        {
            ObjectDisposedException.ThrowIf(PinFails, this);
            Pins++;
            TotalPins++;
            return new MemoryHandle(
                (byte*)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(_bytes, elementIndex), pinnable: this);
        }

        public override void Unpin()
        {
            Pins--;
            if (UnpinFails)
            {
                throw new FormatException("on purpose");
            }
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}

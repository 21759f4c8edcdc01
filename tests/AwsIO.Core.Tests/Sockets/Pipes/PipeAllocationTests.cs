using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Sockets.Pipes;

public class PipeAllocationTests : PipeTest
{
    private const int Rounds = 2000;

    protected override int LoopCount => 1;

    // The detector of blocking calls looks at the stack whenever a loop waits for a lock, and that allocates.
    protected override void ConfigureLoops(EventLoopGroupOptions options) => options.DetectBlockingCalls = false;

    // Counts events: after a fault one comes again.
    [Fact]
    [Trait("Category", "ExactCalls")]
    public async Task Writing_reading_and_being_told_allocate_nothing()
    {
        using IoPipe pipe = NewPipe();
        PingPong traffic = new(pipe);
        await Loop.Call(traffic.Start);
        Assert.Equal(0, await traffic.Allocated.Within());
    }

    [Fact]
    public async Task Writes_that_wait_for_room_and_those_made_in_callbacks_allocate_nothing()
    {
        using IoPipe pipe = NewPipe();
        Backlog traffic = new(pipe);
        Loop.Schedule(traffic);
        Assert.Equal(0, await traffic.Allocated.Within());
    }

    /// <summary>Each event reads all and writes once.</summary>
    private sealed class PingPong(IoPipe pipe)
    {
        private readonly TaskCompletionSource<long> _allocated = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly byte[] _data = new byte[64];
        private readonly byte[] _buffer = new byte[1000];
        private int _round;
        private long _start;

        internal Task<long> Allocated => _allocated.Task;

        internal void Start()
        {
            Assert.Equal(
                IoError.None, pipe.ReadEnd.SubscribeReadable(static (_, _, state) => ((PingPong)state!).OnReadable(), this));
            Write();
        }

        private void OnReadable()
        {
            while (pipe.ReadEnd.Read(_buffer, out int count).IsNone && count > 0)
            {
            }

            if (_round == Rounds / 2)
            {
                _start = GC.GetAllocatedBytesForCurrentThread();
            }

            if (_round++ < Rounds)
            {
                Write();
            }
        }

        private void Write() => pipe.WriteEnd.Write(
            _data,
            static (_, _, _, _, state) =>
            {
                PingPong self = (PingPong)state!;
                if (self._round == Rounds)
                {
                    self._allocated.TrySetResult(GC.GetAllocatedBytesForCurrentThread() - self._start);
                }
            },
            this);
    }

    /// <summary>Each round queues more than the pipe holds, each write followed by one that its callback makes, and reads it all.</summary>
    private sealed class Backlog(IoPipe pipe) : IoTask
    {
        private readonly TaskCompletionSource<long> _allocated = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly byte[] _data = new byte[10_000];
        private readonly byte[] _buffer = new byte[100_000];
        private int _round;
        private int _under;
        private long _start;

        internal Task<long> Allocated => _allocated.Task;

        protected override void Run(IoTaskStatus status)
        {
            while (pipe.ReadEnd.Read(_buffer, out int count).IsNone && count > 0)
            {
            }

            if (_under == 0)
            {
                if (_round == Rounds / 2)
                {
                    _start = GC.GetAllocatedBytesForCurrentThread();
                }

                if (_round++ == Rounds)
                {
                    _allocated.SetResult(GC.GetAllocatedBytesForCurrentThread() - _start);
                    return;
                }

                for (int i = 0; i < 20; i++)
                {
                    _under++;
                    pipe.WriteEnd.Write(_data, static (_, _, _, _, state) => ((Backlog)state!).OnFirst(), this);
                }
            }

            if (status == IoTaskStatus.Run)
            {
                pipe.WriteEnd.EventLoop.Schedule(this);
            }
        }

        private void OnFirst() => pipe.WriteEnd.Write(_data, static (_, _, _, _, state) => ((Backlog)state!)._under--, this);
    }
}

using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Sockets.Pipes;

public class PipeRaceTests : PipeTest
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whichever_end_is_closed_when_each_write_is_told_once_and_what_was_written_is_in_order(bool closeReader)
    {
        Random random = new(closeReader ? 1 : 2);
        for (int round = 0; round < 200; round++)
        {
            using IoPipe pipe = NewPipe();
            Traffic traffic = new(pipe, random.Next());
            await ReadLoop.Call(traffic.StartReading);
            WriteLoop.Schedule(traffic);
            for (int spin = random.Next(2000); spin > 0; spin--)
            {
                Thread.SpinWait(10);
            }

            if (closeReader)
            {
                pipe.ReadEnd.Dispose();
            }
            else
            {
                pipe.WriteEnd.Dispose();
            }

            await traffic.Ended.Within();
            await WriteLoop.Call(traffic.Check);
        }
    }

    /// <summary>Writes numbered bytes in pieces of any size until a write fails, and reads them.</summary>
    private sealed class Traffic(IoPipe pipe, int seed) : IoTask
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Random _random = new(seed);
        private readonly byte[] _buffer = new byte[5000];
        private readonly List<int> _told = [];
        private int _begun;
        private byte _nextWritten;
        private byte _nextRead;
        private bool _isWrong;
        private bool _hasFailed;

        internal Task Ended => _ended.Task;

        internal void StartReading() =>
            Assert.Equal(IoError.None, pipe.ReadEnd.SubscribeReadable(static (_, _, state) => ((Traffic)state!).OnReadable(), this));

        internal void Check()
        {
            Assert.Equal(Enumerable.Range(0, _begun), _told);
            Assert.False(_isWrong);
        }

        protected override void Run(IoTaskStatus status)
        {
            for (int i = 0; i < 3 && !_hasFailed; i++)
            {
                Write();
            }

            if (_hasFailed)
            {
                _ended.TrySetResult();
            }
            else
            {
                pipe.WriteEnd.EventLoop.Schedule(this);
            }
        }

        private void Write()
        {
            byte[] data = new byte[_random.Next(20_000)];
            foreach (ref byte one in data.AsSpan())
            {
                one = _nextWritten++;
            }

            IoError refused = pipe.WriteEnd.Write(
                data,
                (end, error, bytes, memory, state) =>
                {
                    _told.Add((int)state!);
                    _isWrong |= error.IsNone ? _hasFailed || bytes != memory.Length : error.Code != IoErrorCode.BrokenPipe;
                    _hasFailed |= error.IsError;
                },
                _begun);
            _begun += refused.IsNone ? 1 : 0;
            _hasFailed |= refused.IsError;
        }

        private void OnReadable()
        {
            while (pipe.ReadEnd.Read(_buffer, out int count).IsNone && count > 0)
            {
                foreach (byte one in _buffer.AsSpan(0, count))
                {
                    _isWrong |= one != _nextRead++;
                }
            }
        }
    }
}

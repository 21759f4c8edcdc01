using AwsIO.Tests.Infrastructure.Transports;
using static AwsIO.Tests.Infrastructure.Transports.Datagrams;

namespace AwsIO.Tests.Sockets.Datagrams;

public sealed class DatagramAllocationTests(LoopFixture fixture) : TransportTest(fixture)
{
    private const int Rounds = 500;

    [Theory]
    [ClassData(typeof(EveryTransport))]
    [Trait("Category", "ExactCalls")]
    public async Task Batches_that_are_answered_allocate_nothing_on_the_loop(Transport transport)
    {
        IoSocket first = Bound(transport, Loop);
        IoSocket second = Bound(transport, Loop);
        Player player = new(first, AddressOf(second));
        Player other = new(second, AddressOf(first));
        await Loop.On(() =>
        {
            player.Start();
            other.Start();
        });

        // First everything that is made once is made; then nothing more. The runtime itself may allocate once in a while.
        long best = long.MaxValue;
        for (int attempt = 0; attempt < 4; attempt++)
        {
            await Loop.On(player.Begin);
            long allocated = await player.Done;
            best = attempt == 0 ? best : Math.Min(best, allocated);
        }

        Assert.Equal(0, best);
        await SocketPair.CloseOn(first);
        await SocketPair.CloseOn(second);
    }

    /// <summary>Answers each batch: one datagram by itself, the rest together, to whoever sent them.</summary>
    private sealed class Player(IoSocket socket, DatagramAddress to)
    {
        private static readonly SocketWriteCallback s_sent = static (_, error, _, _) => Assert.True(error.IsNone);

        private readonly DatagramBatch _batch = new(8, 100);
        private readonly byte[] _data = new byte[50];
        private readonly OutgoingDatagram[] _answers = new OutgoingDatagram[8];
        private TaskCompletionSource<long> _done = Waits.NewSource<long>();
        private int _left = -1;
        private long _before;

        internal Task<long> Done => _done.Task.Within();

        internal void Start() => Assert.Equal(IoError.None, socket.StartReceive(
            _batch, static (_, error, batch, state) => ((Player)state!).OnReceived(error, batch), this));

        internal void Begin()
        {
            _done = Waits.NewSource<long>();
            _left = Rounds;
            for (int i = 0; i < 4; i++)
            {
                Assert.Equal(IoError.None, socket.SendTo(_data, to, s_sent, null));
            }
        }

        private void OnReceived(IoError error, DatagramBatch batch)
        {
            Assert.True(error.IsNone);
            if (_left == Rounds - 10)
            {
                // By now the task that began it is over, too.
                _before = GC.GetAllocatedBytesForCurrentThread();
            }

            if (_left >= 0 && --_left < 0)
            {
                _done.SetResult(GC.GetAllocatedBytesForCurrentThread() - _before);
            }

            if (_done.Task.IsCompleted)
            {
                return;
            }

            DatagramAddress sender = batch[0].Sender;
            Assert.True(socket.SendTo(_data, sender, s_sent, null).IsNone);
            for (int i = 1; i < batch.Count; i++)
            {
                _answers[i] = new OutgoingDatagram(_data, batch[i].Sender, null);
            }

            Assert.True(socket.SendMany(_answers.AsSpan(1, batch.Count - 1), s_sent).IsNone);
        }
    }
}

using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Channels;

public sealed class SocketChannelAllocationTests(LoopFixture fixture) : TransportTest(fixture)
{
    // What comes in pieces needs now and then more messages at once than have been made so far.
    [Theory]
    [Trait("Category", "ExactCalls")]
    [InlineData(Transport.Tcp4, 100, false)]
    [InlineData(Transport.Tcp4, 16 * 1024, true)]
    [InlineData(Transport.Tcp6, 100, true)]
    [InlineData(Transport.Unix, 100, false)]
    [InlineData(Transport.Unix, 60_000, true)]
    public async Task A_round_trip_allocates_nothing_on_the_loop(Transport transport, int size, bool completions)
    {
        const int rounds = 2000;
        SocketPair pair = await SocketPair.Open(transport, Loop);
        TestChannel server = await TestChannel.Over(pair.Server, new Echo(size, int.MaxValue, completions));
        Echo echo = new(size, rounds, completions);
        TestChannel client = await TestChannel.Over(pair.Client, echo);

        // First everything that is made once is made; then nothing more.
        await Loop.On(echo.Begin);
        _ = await echo.Done;
        long best = long.MaxValue;
        for (int attempt = 0; attempt < 3; attempt++)
        {
            await Loop.On(echo.Begin);
            best = Math.Min(best, await echo.Done);
        }

        // The runtime itself may allocate on the thread once in a while, when it recompiles what is hot; it does not each time.
        Assert.Equal(0, best);
        await client.Close();
        await server.End;
    }

    /// <summary>Sends what it gets back; the one that counts its rounds measures.</summary>
    private sealed class Echo(int size, int rounds, bool completions) : AppHandler
    {
        private static readonly MessageCompletion s_completed = static (_, error, _) => Assert.True(error.IsNone);

        private TaskCompletionSource<long> _done = Waits.NewSource<long>();
        private int _received;
        private int _left;
        private long _before;

        internal Task<long> Done => _done.Task.Within();

        internal void Begin()
        {
            _done = Waits.NewSource<long>();
            _left = rounds;
            IoMessage message = Slot!.Channel.RentMessage(size);
            message.Advance(size);
            Send(message);
        }

        protected internal override IoError OnRead(ChannelSlot slot, IoMessage message)
        {
            slot.IncrementReadWindow(message.Length);
            _received += message.Length;
            if (_received >= size)
            {
                _received -= size;
                if (rounds != int.MaxValue && --_left == rounds - 10)
                {
                    // By now the task that began it is over, too.
                    _before = GC.GetAllocatedBytesForCurrentThread();
                }
                else if (rounds != int.MaxValue && _left == 0)
                {
                    message.Release();
                    _done.SetResult(GC.GetAllocatedBytesForCurrentThread() - _before);
                    return IoError.None;
                }
            }

            Send(message);
            return IoError.None;
        }

        private void Send(IoMessage message)
        {
            if (completions)
            {
                message.OnCompleted(s_completed, null);
            }

            if (Slot!.Send(message, ChannelDirection.Write).IsError)
            {
                message.Release();
            }
        }
    }
}

using AwsIO.Samples;
using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Samples;

/// <summary>Once everything is made that is made once, the sample protocols allocate nothing for a message.</summary>
public sealed class ProtocolAllocationTests(LoopFixture fixture) : TransportTest(fixture)
{
    private const int Rounds = 2000;

    private TaskCompletionSource<long> _done = Waits.NewSource<long>();
    private int _left;
    private long _before;

    [Fact]
    [Trait("Category", "ExactCalls")]
    public async Task Lines_allocate_nothing()
    {
        LineHandler client = new(100, (handler, line) =>
        {
            if (GoesOn())
            {
                handler.WriteLine(line);
            }
        });
        LineHandler server = new(100, static (handler, line) => handler.WriteLine(line));
        await Measure([client], [server], () => client.WriteLine("there and back again"u8));
    }

    [Fact]
    [Trait("Category", "ExactCalls")]
    public async Task Frames_and_pipelined_requests_allocate_nothing()
    {
        PipelinedClient client = new(16);
        AnswerCallback onAnswer = null!;
        onAnswer = (_, answer, _) =>
        {
            if (GoesOn())
            {
                client.Request(answer, onAnswer, this);
            }
        };
        await Measure(
            [new LengthPrefixHandler(1000), client],
            [new LengthPrefixHandler(1000), new PipelinedHandler(16, 1000, static (handler, number, request) => handler.Answer(number, request))],
            () => client.Request("there and back again"u8, onAnswer, this));
    }

    /// <summary>Counts a round; by the tenth the task that began them is over.</summary>
    private bool GoesOn()
    {
        if (--_left == Rounds - 10)
        {
            _before = GC.GetAllocatedBytesForCurrentThread();
        }
        else if (_left == 0)
        {
            _done.SetResult(GC.GetAllocatedBytesForCurrentThread() - _before);
        }

        return _left > 0;
    }

    private async Task Measure(ChannelHandler[] client, ChannelHandler[] server, Func<IoError> begin)
    {
        SocketPair pair = await SocketPair.Open(Transport.Tcp4, Loop);
        TestChannel servers = await Open(pair.Server, server);
        TestChannel clients = await Open(pair.Client, client);
        long best = long.MaxValue;
        for (int attempt = 0; attempt < 4 && best > 0; attempt++)
        {
            _done = Waits.NewSource<long>();
            await Loop.On(() =>
            {
                _left = Rounds;
                Assert.Equal(IoError.None, begin());
            });
            best = Math.Min(best, await _done.Task.Within());
        }

        // The runtime itself may allocate on the thread once in a while, when it recompiles what is hot; it does not each time.
        Assert.Equal(0, best);
        await clients.Close();
        await servers.End;
    }

    private static Task<TestChannel> Open(IoSocket socket, ChannelHandler[] handlers) => TestChannel.Make(socket.EventLoop!, null, test =>
    {
        test.Channel.AddLast(new SocketChannelHandler(socket));
        foreach (ChannelHandler handler in handlers)
        {
            test.Channel.AddLast(handler);
        }
    });
}

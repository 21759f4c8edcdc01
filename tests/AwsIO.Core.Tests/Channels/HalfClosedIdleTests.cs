using System.Net.Sockets;
using AwsIO.Tests.Infrastructure.Connections;
using AwsIO.Tests.Infrastructure.Transports;

namespace AwsIO.Tests.Channels;

/// <summary>A connection of which one direction has ended is left in peace until something happens: no loop spins over it.</summary>
public sealed class HalfClosedIdleTests(LoopFixture fixture) : TransportTest(fixture)
{
    /// <summary>What else there is to spin over.</summary>
    public enum Meanwhile
    {
        Nothing,
        QueuedWrites,
        QueuedWritesAndShutdown,
        BytesWithoutWindow,
    }

    public static TheoryData<Transport, Meanwhile> Cases => new(
        from transport in Enum.GetValues<Transport>()
        from meanwhile in Enum.GetValues<Meanwhile>()
        select new TheoryDataRow<Transport, Meanwhile>(transport, meanwhile));

    // Counts what the loop does, of which a fault plan makes more.
    [Theory]
    [MemberData(nameof(Cases))]
    [Trait("Category", "ExactCalls")]
    public async Task A_half_closed_connection_costs_the_loop_nothing(Transport transport, Meanwhile meanwhile)
    {
        bool hasWindow = meanwhile != Meanwhile.BytesWithoutWindow;
        (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
        TestChannel test = await TestChannel.Over(
            ours, new AppHandler { KeepOpenAtReadEnd = true, FirstWindow = hasWindow ? long.MaxValue : 0, Refill = hasWindow });
        List<IoError> written = [];
        bool hasWrites = meanwhile is Meanwhile.QueuedWrites or Meanwhile.QueuedWritesAndShutdown;
        if (hasWrites)
        {
            await test.App.WriteAsync(new byte[16 * 1024 * 1024], written.Add);
        }

        if (meanwhile == Meanwhile.BytesWithoutWindow)
        {
            peer.Send(new byte[1000]);
        }

        peer.Shutdown(SocketShutdown.Send);
        if (hasWindow)
        {
            await test.App.Conditions.Until(Loop, () => test.App.ReadEnds.Count == 1);
        }

        if (meanwhile == Meanwhile.QueuedWritesAndShutdown)
        {
            // A graceful one, which waits for a peer that reads nothing.
            test.Channel.Shutdown(IoError.None);
        }

        await Loop.Ticks(10);
        (long tasks, long events) = await WorkIn(turns: 1000);

        // Whatever spins has a task or an event in each turn. A kernel may have something to add once.
        Assert.True(tasks < 10 && events < 10, $"In 1,000 turns the loop ran {tasks} tasks, and reported {events} events.");
        Assert.Empty(written);

        // It lives all the same: the peer reads to the end, or resets.
        test.Channel.Abort(IoErrorCode.OperationCancelled);
        await test.End;
        Assert.Equal(hasWrites ? 1 : 0, written.Count);
        peer.Dispose();
    }

    /// <summary>What the loop does besides in turns that a task of ours makes it take.</summary>
    private async Task<(long Tasks, long Events)> WorkIn(int turns)
    {
        long tasks = 0;
        long events = 0;
        await Loop.On(() => (tasks, events) = (Loop.TasksRun, Loop.EventsReported));
        await Loop.AfterTicks(turns, () => (tasks, events) = (Loop.TasksRun - tasks - turns - 1, Loop.EventsReported - events)).Within();
        return (tasks, events);
    }
}

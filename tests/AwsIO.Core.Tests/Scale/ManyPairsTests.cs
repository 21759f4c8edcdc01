using System.Diagnostics;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Scale;

namespace AwsIO.Tests.Scale;

/// <summary>
/// As many connections as a process can have with 20,000 descriptors: idle, then all active, then closed. What it took is said in the
/// test's output; what is checked are bounds that a leak, or work that grows with the square of the connections, would break.
/// </summary>
[Trait("Category", "Slow")]
[Collection(LoopTestCollection.Name)]
public sealed class ManyPairsTests
{
    private const int Descriptors = 20_000;
    private const int PairCount = 9_900;

    [Fact]
    public Task Nine_thousand_nine_hundred_pairs_idle_then_talk_then_close_and_leave_nothing() =>
        ScaleChild.Run(typeof(ManyPairsTests), nameof(Child_of_many_pairs), Descriptors, TimeSpan.FromSeconds(150));

    [Fact(Explicit = true)]
    public async Task Child_of_many_pairs()
    {
        await using EventLoopGroup group = LoopBackend.Platform.NewGroup(2);
        await using Pairs pairs = new(group, group);

        // Once with a few, so that everything is loaded.
        await pairs.Open(50);
        await pairs.Exchange(new byte[100]);
        await pairs.Close();
        int socketsBefore = Sockets();
        ProcessFigures start = ProcessFigures.Now();

        TimeSpan[] quarters = new TimeSpan[4];
        for (int i = 0; i < quarters.Length; i++)
        {
            TimeSpan before = ProcessFigures.ProcessorTime();
            await pairs.Open(PairCount / 4);
            quarters[i] = ProcessFigures.ProcessorTime() - before;
        }

        ProcessFigures open = ProcessFigures.Now();
        ScaleChild.Say($"{PairCount} pairs were set up in {(open.Wall - start.Wall).TotalSeconds:F2} s");
        ScaleChild.Say($"processor time in ms by quarters: {string.Join(", ", quarters.Select(static time => (int)time.TotalMilliseconds))}");
        SayMemory("idle", start, open);
        Assert.Equal(socketsBefore + (2 * PairCount), Sockets());

        // Work that grows with the number of connections would take the last quarter seven times as long as the first.
        Assert.True(
            quarters[3] < (4 * quarters[0]) + TimeSpan.FromMilliseconds(300), $"Set-up slows down: {quarters[0]}, then {quarters[3]}.");

        // Idle: no message is held, and nobody works.
        await NoMessageIsOut(group);
        TimeSpan idleBefore = ProcessFigures.ProcessorTime();
        long turnsBefore = Turns(group);
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        long turns = Turns(group) - turnsBefore;
        TimeSpan idle = ProcessFigures.ProcessorTime() - idleBefore;
        ScaleChild.Say($"idle for a second, the loops made {turns} turns; the process took {idle.TotalMilliseconds:F0} ms of processors");
        Assert.True(turns < 100, $"{turns} turns in a second of silence.");

        byte[] kibibyte = new byte[1024];
        for (int i = 0; i < 3; i++)
        {
            TimeSpan wall = Stopwatch.GetElapsedTime(0);
            TimeSpan before = ProcessFigures.ProcessorTime();
            await pairs.Exchange(kibibyte);
            TimeSpan used = ProcessFigures.ProcessorTime() - before;
            double took = (Stopwatch.GetElapsedTime(0) - wall).TotalSeconds;
            ScaleChild.Say($"all active, round {i + 1}: 1 KiB there and back in {took:F2} s, with {used.TotalSeconds:F2} s of processors");
        }

        await NoMessageIsOut(group);
        ProcessFigures active = ProcessFigures.Now();
        SayMemory("after that", start, active);

        TimeSpan closing = Stopwatch.GetElapsedTime(0);
        await pairs.Close();
        double closedIn = (Stopwatch.GetElapsedTime(0) - closing).TotalSeconds;
        ProcessFigures closed = ProcessFigures.Now();
        ScaleChild.Say($"closed in {closedIn:F2} s; {closed.Heap - start.Heap} bytes of managed objects are left");
        await NothingIsLeft(group, pairs, socketsBefore);

        // What the first round has left for good are pools and tables of the size that was needed. A second, smaller one finds them.
        await pairs.Open(PairCount / 4);
        await pairs.Exchange(kibibyte);
        await pairs.Close();
        await NothingIsLeft(group, pairs, socketsBefore);
        ProcessFigures again = ProcessFigures.Now();
        ScaleChild.Say($"another {PairCount / 4} pairs leave {again.Heap - closed.Heap} bytes of managed objects more");

        // An object for each connection, even of the smallest size, would be more.
        Assert.True(again.Heap - closed.Heap < PairCount / 4 * 24, $"{again.Heap - closed.Heap} bytes were left.");
    }

    private static async Task NothingIsLeft(EventLoopGroup group, Pairs pairs, int socketsBefore)
    {
        await NoMessageIsOut(group);
        Waiting.Until(() => Sockets() == socketsBefore, "The sockets are closed");
        Assert.Equal(0, pairs.EndedBadly.Count);
    }

    private static async Task NoMessageIsOut(EventLoopGroup group)
    {
        for (int i = 0; i < group.Count; i++)
        {
            EventLoop loop = group[i];
            await loop.Turn();
            Assert.Equal(0, await loop.Call(() => LoopMessagePool.Of(loop).Outstanding));
        }
    }

    private static long Turns(EventLoopGroup group) => Enumerable.Range(0, group.Count).Sum(i => group[i].Ticks);

    private static int Sockets() =>
        Infrastructure.Descriptors.Open().Count(static name => name.Contains("socket:", StringComparison.Ordinal));

    private static void SayMemory(string when, ProcessFigures start, ProcessFigures now)
    {
        long managed = (now.Heap - start.Heap) / PairCount;
        ScaleChild.Say($"{when}, a pair takes {(now.Resident - start.Resident) / PairCount} bytes of memory, {managed} of them managed objects");
    }
}

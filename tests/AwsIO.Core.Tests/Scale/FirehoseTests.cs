using System.Diagnostics;
using AwsIO.Tests.Infrastructure;
using AwsIO.Tests.Infrastructure.Scale;

namespace AwsIO.Tests.Scale;

/// <summary>One connection that never runs dry beside a thousand that say a little, all on one loop of the server's.</summary>
[Trait("Category", "Slow")]
[Collection(LoopTestCollection.Name)]
public sealed class FirehoseTests
{
    private const int Descriptors = 4_000;
    private const int QuietCount = 1_000;
    private const int Rounds = 5;
    private const int AtOnce = 50;

    // A quiet connection that is starved waits for as long as the firehose goes on, which is until the quiet ones are done.
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(5);

    [Fact]
    public Task A_thousand_quiet_connections_are_answered_beside_a_firehose() =>
        ScaleChild.Run(typeof(FirehoseTests), nameof(Child_with_a_firehose), Descriptors, TimeSpan.FromSeconds(120));

    [Fact(Explicit = true)]
    public async Task Child_with_a_firehose()
    {
        await using EventLoopGroup serverGroup = LoopBackend.Platform.NewGroup();
        await using EventLoopGroup clientGroup = LoopBackend.Platform.NewGroup();
        await using EventLoopGroup hoseGroup = LoopBackend.Platform.NewGroup();
        await using Pairs quiet = new(clientGroup, serverGroup);
        await using Pairs hose = new(hoseGroup, serverGroup, echoes: false);
        await quiet.Open(QuietCount);
        await hose.Open(1);
        await Ask(quiet, rounds: 1);

        TimeSpan[] alone = await Ask(quiet, Rounds);
        Say("alone", alone);
        Firehose firehose = new(hose.Clients[0]);
        long before = hose.ServerReceived.Count;
        long start = Stopwatch.GetTimestamp();
        firehose.Open();
        await hose.ServerReceived.Reaches(before + (16 * 1024 * 1024)).Within();
        TimeSpan[] beside = await Ask(quiet, Rounds);
        long poured = hose.ServerReceived.Count - before;
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        await firehose.Close().Within();
        Say("beside a firehose", beside);
        ScaleChild.Say($"the firehose brought {poured / 1024 / 1024} MiB in {time.TotalSeconds:F2} s");

        // The hose never stopped: what it brought goes on growing with the answers.
        Assert.True(poured > 32 * 1024 * 1024, $"The firehose brought {poured} bytes only.");
        Assert.Equal(QuietCount * Rounds, beside.Length);
        Assert.True(Percentile(beside, 99) < s_bound, $"A quiet connection waited for {Percentile(beside, 99)}.");
        await quiet.Close();
        await hose.Close();
        Assert.Equal((0, 0), (quiet.EndedBadly.Count, hose.EndedBadly.Count));
    }

    /// <summary>Has each connection ask something small so many times, some at once, and gives how long the answers took, sorted.</summary>
    private static async Task<TimeSpan[]> Ask(Pairs pairs, int rounds)
    {
        List<TimeSpan> times = new(pairs.Clients.Count * rounds);
        Queue<IoChannel> waiting = new(Enumerable.Repeat(pairs.Clients, rounds).SelectMany(static clients => clients));
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int total = waiting.Count;
        EventLoop loop = pairs.Clients[0].EventLoop;

        // All clients are on one loop: no lock is needed.
        await loop.Call(() =>
        {
            for (int i = 0; i < AtOnce; i++)
            {
                Next();
            }
        });
        await done.Task.WaitAsync(TimeSpan.FromSeconds(60));
        return [.. times.Order()];

        void Next()
        {
            if (!waiting.TryDequeue(out IoChannel? client))
            {
                return;
            }

            long asked = Stopwatch.GetTimestamp();
            TallyHandler app = Pairs.App(client);
            app.OnMessage = _ =>
            {
                times.Add(Stopwatch.GetElapsedTime(asked));
                if (times.Count == total)
                {
                    done.SetResult();
                }

                Next();
            };
            app.Write("a"u8);
        }
    }

    private static TimeSpan Percentile(TimeSpan[] sorted, int percent) =>
        sorted[Math.Min(sorted.Length - 1, sorted.Length * percent / 100)];

    private static void Say(string what, TimeSpan[] sorted)
    {
        double half = Percentile(sorted, 50).TotalMilliseconds;
        double most = Percentile(sorted, 99).TotalMilliseconds;
        ScaleChild.Say(
            $"{QuietCount} quiet ones {what}: half of {sorted.Length} answers within {half:F2} ms, 99 % within {most:F2} ms, all within {sorted[^1].TotalMilliseconds:F2} ms");
    }

    /// <summary>A client that writes on as soon as something was taken.</summary>
    private sealed class Firehose(IoChannel channel)
    {
        private const int InFlight = 8;

        private readonly byte[] _data = new byte[256 * 1024];
        private readonly TaskCompletionSource _dry = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private bool _closing;
        private int _inFlight;

        internal void Open() => channel.EventLoop.Schedule(IoTask.Create(
            static (self, _) =>
            {
                for (int i = 0; i < InFlight; i++)
                {
                    self.Pour();
                }
            },
            this));

        /// <summary>Completes when nothing is on its way any more.</summary>
        internal async Task Close()
        {
            await channel.EventLoop.Call(() => _closing = true);
            await _dry.Task;
        }

        private void Pour()
        {
            _inFlight++;
            Pairs.App(channel).Write(_data, error =>
            {
                Assert.Equal(IoError.None, error);
                _inFlight--;
                if (!_closing)
                {
                    Pour();
                }
                else if (_inFlight == 0)
                {
                    _dry.SetResult();
                }
            });
        }
    }
}

using System.Globalization;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Stress;

/// <summary>
/// Eight threads that do one thing a million times each, or on the testing library's loops and the kqueue double a twentieth of that. What a test has to check
/// it counts and adds up; an assertion a round would cost more than the round.
/// </summary>
[Trait("Category", "Stress")]
public abstract class StressTest : LoopTest
{
    protected const int Threads = 8;

    /// <summary>Only a hang takes so long.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(8);

    private static readonly double s_share =
        double.Parse(Environment.GetEnvironmentVariable("AWSIO_STRESS_SHARE") ?? "1", CultureInfo.InvariantCulture);

    /// <summary>Rounds for each thread.</summary>
    protected int Rounds => Share(1_000_000);

    /// <summary>As many as a kind of loop gets, where a million would be too many for what a round does.</summary>
    protected int Share(int rounds) =>
        Math.Max((int)(rounds * s_share / (ReferenceEquals(Backend, LoopBackend.Platform) ? 1 : 20)), 100);

    /// <summary>How many batches make up at least the rounds of a thread.</summary>
    protected int Batches(int size) => (Rounds + size - 1) / size;

    /// <summary>Runs something on eight threads of their own, which begin together.</summary>
    protected static async Task OnThreads(Action<int> action, int threads = Threads)
    {
        using Barrier barrier = new(threads);
        await Task.WhenAll(Enumerable.Range(0, threads).Select(thread => Task.Factory.StartNew(
            () =>
            {
                Assert.True(barrier.SignalAndWait(s_limit));
                action(thread);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default))).WaitAsync(s_limit);
    }

    /// <summary>Gives the others their turn until something holds: they may have much to do.</summary>
    protected static void Until(Func<bool> condition, string what, TimeSpan? limit = null)
    {
        long end = Environment.TickCount64 + (long)(limit ?? s_limit).TotalMilliseconds;
        while (!condition())
        {
            if (Environment.TickCount64 > end)
            {
                throw new TimeoutException($"'{what}' did not hold within {limit ?? s_limit}.");
            }

            Thread.Yield();
        }
    }
}

/// <summary>A task that counts its calls, and what was wrong with them.</summary>
internal sealed class CountingTask : IoTask
{
    private readonly EventLoop? _loop;
    private int _run;
    private int _canceled;
    private int _elsewhere;
    private int _inside;
    private int _overlaps;

    /// <param name="loop">On whose thread it is to be called; null where that may be another.</param>
    internal CountingTask(EventLoop? loop) => _loop = loop;

    internal int Calls => Volatile.Read(ref _run) + Volatile.Read(ref _canceled);

    internal int Runs => Volatile.Read(ref _run);

    internal int Cancellations => Volatile.Read(ref _canceled);

    /// <summary>Calls on a wrong thread, and calls that began before the one before had returned.</summary>
    internal int Wrongs => Volatile.Read(ref _elsewhere) + Volatile.Read(ref _overlaps);

    protected override void Run(IoTaskStatus status)
    {
        if (Interlocked.Exchange(ref _inside, 1) != 0)
        {
            Interlocked.Increment(ref _overlaps);
        }

        if (_loop is not null && !_loop.IsOnLoop)
        {
            Interlocked.Increment(ref _elsewhere);
        }

        // The loop's thread alone writes these; others read them when all is over, or wait for them to change.
        if (status == IoTaskStatus.Run)
        {
            Volatile.Write(ref _run, _run + 1);
        }
        else
        {
            Volatile.Write(ref _canceled, _canceled + 1);
        }

        Volatile.Write(ref _inside, 0);
    }
}

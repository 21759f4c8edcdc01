using System.Diagnostics;
using System.Globalization;

namespace AwsIO.Tests.Infrastructure;

/// <summary>
/// For a class whose tests make their own groups: when the class is over, no descriptor and no thread is left that was not there before,
/// and each message is back in its pool.
/// </summary>
public sealed class NothingLeft : IAsyncLifetime
{
    private static readonly Lazy<Task> s_warm = new(WarmUp);

    /// <summary>Once it is over, the runtime has made what it keeps.</summary>
    internal static Task Warm => s_warm.Value;

    private readonly List<LoopMessagePool> _pools = [];
    private HashSet<string> _descriptors = [];
    private HashSet<string> _threads = [];
    private int _sharedMessages;

    public async ValueTask InitializeAsync()
    {
        await Warm;
        _descriptors = Descriptors.Open();
        _threads = Descriptors.Threads();
        _sharedMessages = SharedMessagePool.Instance.Outstanding;
        LoopMessagePool.Made += Note;
    }

    public ValueTask DisposeAsync()
    {
        LoopMessagePool.Made -= Note;

        // A group that was disposed of without being waited for takes a moment.
        long end = Environment.TickCount64 + (long)Waiting.Limit.TotalMilliseconds;
        while (Descriptors.Threads().Except(_threads).Any() && Environment.TickCount64 < end)
        {
            Thread.Yield();
        }

        if (Descriptors.Open().Except(_descriptors).Any())
        {
            // The pipes of a child process are the runtime's, and go when the collector finds them. What the library forgets stays.
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Empty(Descriptors.Threads().Except(_threads));
        Assert.Empty(Descriptors.Left(_descriptors));
        Assert.Empty(Messages());
        return default;
    }

    /// <summary>Has the runtime open what it keeps open for good once a process has been started and listened to.</summary>
    private static async Task WarmUp()
    {
        using Process child = Process.Start(
            new ProcessStartInfo("/bin/sh", ["-c", "echo"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = child.StandardError.ReadToEndAsync();
        Assert.Equal("\n", await child.StandardOutput.ReadToEndAsync().Within());
        Assert.Equal("", await errors.Within());
        await child.WaitForExitAsync().Within();
    }

    private void Note(LoopMessagePool pool)
    {
        lock (_pools)
        {
            _pools.Add(pool);
        }
    }

    /// <summary>Pools that messages are out of, with how many. The loops' threads have left: what others released this one takes back.</summary>
    private List<string> Messages()
    {
        List<string> left = [];
        int shared = SharedMessagePool.Instance.Outstanding - _sharedMessages;
        if (shared != 0)
        {
            left.Add(string.Create(CultureInfo.InvariantCulture, $"{shared} messages for all threads"));
        }

        lock (_pools)
        {
            foreach (LoopMessagePool pool in _pools)
            {
                using (pool.Loop.EnterThread())
                {
                    pool.TakeBackReleased();
                }

                if (pool.Outstanding != 0)
                {
                    left.Add(string.Create(CultureInfo.InvariantCulture, $"{pool.Outstanding} messages of {pool.Loop.Name}"));
                }
            }
        }

        return left;
    }
}

using System.Globalization;

namespace AwsIO.Tests.Shared.Counting;

/// <summary>The messages that are out of the pools which are made from a moment on, and of the one that all threads share.</summary>
internal sealed class HeldMessages
{
    private readonly List<LoopMessagePool> _pools = [];
    private readonly int _shared = SharedMessagePool.Instance.Outstanding;

    internal HeldMessages() => LoopMessagePool.Made += Note;

    internal void StopNoting() => LoopMessagePool.Made -= Note;

    /// <summary>
    /// Pools that messages are out of, with how many. The loops' threads have left: what others released this one takes back.
    /// </summary>
    internal List<string> Left()
    {
        List<string> left = [];
        int shared = SharedMessagePool.Instance.Outstanding - _shared;
        if (shared != 0)
        {
            left.Add(string.Create(CultureInfo.InvariantCulture, $"messages for all threads: {shared}"));
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
                    left.Add(string.Create(CultureInfo.InvariantCulture, $"messages of {pool.Loop.Name}: {pool.Outstanding}"));
                }
            }
        }

        return left;
    }

    private void Note(LoopMessagePool pool)
    {
        lock (_pools)
        {
            _pools.Add(pool);
        }
    }
}
